/*
 * scheduler: runs the periodic jobs, checkpoints the WAL and keeps disk space
 * free.
 */
#ifndef CMD_JOBS_SCHEDULER_H
#define CMD_JOBS_SCHEDULER_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/conf.h"
#include "db/db.h"

struct scheduler;

struct scheduler	*scheduler_new(struct db *, const struct conf *);
void		 scheduler_free(struct scheduler *);
/*
 * Runs the jobs that are due. Checks `stop` before each batch. Returns whether
 * a job has more work.
 */
bool		 scheduler_go(struct scheduler *,
	    const volatile sig_atomic_t *stop);
/*
 * Runs all jobs until they have no more work, whether due or not, as if the
 * time were `now`. Prints "NAME DONE" lines to out. Returns RC_OK or the first
 * error.
 */
enum rc		 scheduler_once(struct scheduler *, int64_t now, FILE *out);
/*
 * Checkpoints the WAL if needed. It is cheap enough to be called many times per
 * second. Frequent small checkpoints keep the waits of writers short. Returns
 * true if the WAL grows and this should be called again soon.
 */
bool		 scheduler_checkpoint(struct scheduler *);

#endif
