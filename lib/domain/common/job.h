/*
 * job: the periodic tasks of earmark-jobs.
 *
 * A job has two functions. look() runs in a read transaction and returns
 * whether there is work. So an idle installation never takes the write lock.
 * act() runs in a write transaction and does a small batch. Data that look()
 * read may have changed when act() runs. A job that did a full batch runs again
 * immediately.
 *
 * The row in table job stores the last and the next time of a job, so that a
 * daily job remains daily across restarts. The transaction of act() writes it.
 */
#ifndef DOMAIN_COMMON_JOB_H
#define DOMAIN_COMMON_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"

struct job_run {
	const char *name;		/* of the job, for logs */
	struct db *db;
	struct arena *arena;		/* freed after this run */
	const struct conf *conf;
	int64_t now;
	int arg;			/* the `arg` of struct job */
	void *found;			/* from look() to act(), in the arena */
	bool work;			/* look(): there is work */
	bool later;			/* look(): run again after a second */
	int64_t done;			/* act(): number of processed objects */
	bool more;			/* act(): the batch was full */
};

struct job {
	const char *name;
	int64_t every;			/* minimum time between two runs, ms */
	int arg;
	enum rc (*look)(struct job_run *);	/* NULL: always work */
	enum rc (*act)(struct job_run *);
};

/*
 * Reads the IDs of at most `max` objects that are due: column 0 of a statement
 * whose parameters are :until and :limit. ids has `max` elements; *n of them are
 * set.
 */
enum rc	job_due_ids(struct db *, enum stmt_id, int64_t until, int64_t max,
	    int64_t *ids, int64_t *n);
/*
 * Handles the objects that job_due_ids() finds: calls handle() for each, in a
 * savepoint that job_item_end() ends. handle() adds to run->done what it did.
 */
enum rc	job_each(struct job_run *, enum stmt_id, int64_t until, int64_t max,
	    enum rc (*handle)(struct job_run *, int64_t id, struct err *));
/*
 * Ends the savepoint, begun with db_save(), of one object of a batch. `rc` is
 * the result of its work. If the work failed, rolls back its writes, logs the
 * failure and returns RC_OK, so that one object cannot block all others. The
 * object remains due. Returns an error if the transaction cannot go on: RC_FULL,
 * RC_BUSY, or a failed savepoint.
 */
enum rc	job_item_end(struct job_run *, int64_t id, enum rc);
/* Does the work of look(): finds out whether an object is due. */
enum rc	job_due_pending(struct job_run *, enum stmt_id, int64_t until);
/*
 * Stores that a job ran, when it is due and how many objects it processed. Must
 * run in the transaction of act().
 */
enum rc	job_ran(struct db *, const char *name, int64_t now, int64_t due,
	    int64_t done);

#endif
