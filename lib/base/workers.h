/*
 * workers: who serves a pool right now. A worker that serves has a file
 * run/worker-<pool>-<pid> that says "ready" (or "draining"); see
 * earmark-pool(8).
 */
#ifndef BASE_WORKERS_H
#define BASE_WORKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/conf.h"

#define WORKERS_MOST 256

struct workers {
	size_t n;
	pid_t pid[WORKERS_MOST];
};

/* The living workers of a pool that are ready. */
void	workers_ready(const struct conf *, enum pool, struct workers *);
/* Why the pool's last worker could not start, in out; false: it could. */
bool	workers_failed(const struct conf *, enum pool, char *out, size_t size);
/*
 * Does earmark-jobs ("jobs"), earmark-realtime ("realtime") run? Whoever is it
 * holds run/<name>.lock. Looking takes that lock for a moment, so whoever
 * starts asks more than once: program_lock(), which is -1 when another one
 * runs or, with errno, the file can not be made.
 */
bool	program_runs(const struct conf *, const char *name);
int	program_lock(const char *run_dir, const char *name);
/*
 * Would a worker that is started as this one was be able to? Its program is
 * asked (-t). false: out says why not.
 */
bool	workers_can_start(pid_t like, char *out, size_t size);

#endif
