/*
 * supervisor: a first process that keeps children at work.
 *
 * It opens no database; it starts its children, starts again what died (at
 * once, then after ever longer waits), passes nudges on, ends all of them on
 * SIGTERM. Each child holds one end of a socket pair: it writes a byte when it
 * is ready, gets a byte for nudges, and ends when the other end is closed, so
 * none outlives the first process, however that ends.
 *
 * In run_dir: jobs.lock is held while we run, jobs.sock takes the nudges, any
 * datagram each.
 */
#ifndef CMD_JOBS_SUPERVISOR_H
#define CMD_JOBS_SUPERVISOR_H

#include "base/conf.h"

struct supervisor_child {
	const char *name;
	/* The child's main; returns its exit status. */
	int (*run)(int arg, int fd);
	int arg;
};

/*
 * Watch n children until told to end; the exit status. If one can not even
 * begin at the very start, all are ended and its status is ours.
 */
int	supervisor_run(const struct conf *, const struct supervisor_child *,
	    int n);

#endif
