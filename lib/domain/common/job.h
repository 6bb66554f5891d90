/*
 * job: what earmark-jobs does by the clock, and when it did.
 *
 * A job has two halves. look() runs in a read transaction and says whether
 * there is anything to do, so an idle installation never takes the writer
 * lock; act() runs in a write transaction and does a small batch. Both are
 * given the time. What look() learned may have changed by the time of act().
 * A job that has done a whole batch is run again at once.
 *
 * The row in table job says when a job ran last and is due again, so that a
 * daily job stays daily over restarts; it is written by act's transaction.
 */
#ifndef DOMAIN_COMMON_JOB_H
#define DOMAIN_COMMON_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "db/db.h"

struct job_run {
	struct db *db;
	struct arena *arena;		/* of this run */
	const struct conf *conf;
	int64_t now;
	int arg;			/* the table row's own */
	void *found;			/* from look() to act(), in the arena */
	bool work;			/* look(): there is something to do */
	int64_t done;			/* act(): how many things were done */
	bool more;			/* act(): the batch was full */
};

struct job {
	const char *name;
	int64_t every;			/* ms between two runs, at least */
	int arg;
	enum rc (*look)(struct job_run *);	/* NULL: always work */
	enum rc (*act)(struct job_run *);
};

/* It ran and did so many things; for act's transaction. */
enum rc	job_ran(struct db *, const char *name, int64_t now, int64_t due,
	    int64_t done);

#endif
