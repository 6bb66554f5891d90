/*
 * scheduler: what the clock lane of earmark-jobs does, over and over: the table
 * of jobs, checkpoints of the database's log, room on the disk.
 */
#ifndef CMD_JOBS_SCHEDULER_H
#define CMD_JOBS_SCHEDULER_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/conf.h"
#include "db/db.h"

struct rounds;

struct rounds	*scheduler_new(struct db *, const struct conf *);
void		 scheduler_free(struct rounds *);
/*
 * Run what is due. `stop` is looked at between two batches. Returns whether a
 * job has more to do at once.
 */
bool		 scheduler_go(struct rounds *,
	    const volatile sig_atomic_t *stop);
/*
 * Run every job until it has nothing more to do, due or not, as if the time
 * were now; "NAME DONE" lines go to out. RC_OK, or the first failure.
 */
enum rc		 scheduler_once(struct rounds *, int64_t now, FILE *out);
/*
 * Look at the log alone; cheap enough for many times a second. True: it grows,
 * look again soon. Little and often keeps the writers' waits short.
 */
bool		 scheduler_checkpoint(struct rounds *);

#endif
