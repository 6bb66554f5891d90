/*
 * supervisor: the first process, which starts and restarts child processes.
 *
 * It does not open the database. It starts its children and restarts those that
 * ended, with increasing delays. It forwards wakeups and ends all children on
 * SIGTERM. Each child has one end of a socket pair. The child writes a byte
 * when it is ready, receives a byte for each wakeup, and ends when the other
 * end is closed. So no child outlives the first process.
 *
 * Files in run_dir: jobs.lock is locked while the process runs. jobs.sock
 * receives wakeups; each datagram is one.
 */
#ifndef CMD_JOBS_SUPERVISOR_H
#define CMD_JOBS_SUPERVISOR_H

#include "base/conf.h"

struct supervisor_child {
	const char *name;
	/* The main function of the child. Returns its exit status. */
	int (*run)(int arg, int fd);
	int arg;
	/* The wakeups it receives, beside WAKEUP_JOBS (bits of base/wakeup.h). */
	unsigned wakes;
};

/*
 * Supervises n children until a stop signal. Returns the exit status. If a
 * child cannot start at the beginning, ends all children and returns its
 * status.
 */
int	supervisor_run(const struct conf *, const struct supervisor_child *,
	    int n);

#endif
