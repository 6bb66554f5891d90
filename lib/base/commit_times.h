/*
 * commit_times: when the newest transactions were committed, in memory that all
 * processes share. The archive stores the times with the log, so that a restore
 * can end at a time.
 *
 * A ring of 8,192 entries. The writer lock of the database is held during an
 * addition, so there is one writer at a time. A process that did not open the
 * ring adds nothing.
 */
#ifndef BASE_COMMIT_TIMES_H
#define BASE_COMMIT_TIMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/conf.h"

struct commit_time {
	int64_t frames;			/* committed in the log after it */
	int64_t at;			/* ms */
};

/*
 * Opens the ring in the folder of run files, if an archive is configured. Logs
 * a failure.
 */
bool	commit_times_open(const struct conf *);
void	commit_times_add(int64_t frames, int64_t now);
/*
 * Copies up to n entries that follow number *next and advances it. Entries that
 * were overwritten are skipped. Returns the number of entries.
 */
size_t	commit_times_read(uint64_t *next, struct commit_time *, size_t n);

#endif
