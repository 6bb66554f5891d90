/*
 * archiver: copies the log of the database into the spool of the archive, and
 * makes bases.
 *
 * A base is a copy of the database file. It is made while no checkpoint runs,
 * because only a checkpoint changes the file in WAL mode. The segments that
 * follow contain the frames of the log since it last restarted, so base and
 * segments together are the database at each later commit. The log restarts
 * only after a checkpoint of this process has copied all of it, and the archiver
 * first puts all committed frames into the spool. If it cannot, there is no
 * checkpoint, and the log grows. At archive.max_log it gives up: the history of
 * this base ends, and a new base begins as soon as the spool has space.
 *
 * Only the process that runs checkpoints uses this. The archiver never waits
 * for the archive itself; see archive_shipper.h.
 */
#ifndef CMD_JOBS_ARCHIVER_H
#define CMD_JOBS_ARCHIVER_H

#include <stdbool.h>

#include "base/conf.h"
#include "db/db.h"

struct archiver;

/*
 * Starts to archive the database. Returns NULL if no archive is configured, and
 * then removes what an earlier configuration left in the spool.
 */
struct archiver	*archiver_new(struct db *, const struct conf *);
void		 archiver_free(struct archiver *);
/*
 * Copies new frames if archive.interval has passed, and begins or completes a
 * base if one is due. It is cheap enough to be called many times per second.
 */
void		 archiver_tick(struct archiver *);

#endif
