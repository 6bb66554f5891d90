/*
 * disk_reserve: a file that is there to be deleted.
 *
 * SQLite in WAL mode can not free space on a full disk: even a DELETE or a
 * checkpoint needs some. So a little is kept back beside the database, given
 * up when next to nothing else is left or a write found no space, and kept
 * again when there is plenty.
 */
#ifndef CMD_JOBS_DISK_RESERVE_H
#define CMD_JOBS_DISK_RESERVE_H

#include <stdbool.h>

#include "base/conf.h"

/* Keep it, if it is not there and there is plenty of space. */
void	disk_reserve_keep(const struct conf *);
/* Is next to nothing left on the disk? */
bool	disk_reserve_needed(const struct conf *);
/* Give it up; false: it was not there. */
bool	disk_reserve_drop(const struct conf *);

#endif
