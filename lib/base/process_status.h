/*
 * process_status: status files of the workers that serve a pool.
 *
 * A worker keeps run/worker-<pool>-<pid> open and locked (flock) while it
 * lives. The file says "starting", "ready" or "draining"; see earmark-pool(8).
 * The kernel releases the lock of a dead process, so a file without a lock
 * belongs to a dead worker, even if another process has its number now.
 *
 * The files are in a folder of the service user. Readers that run as root must
 * drop privileges first; they are never blocked by what they find there.
 */
#ifndef BASE_PROCESS_STATUS_H
#define BASE_PROCESS_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/conf.h"

#define PROCESS_STATUS_MAX 256

struct process_status {
	size_t n;
	pid_t pid[PROCESS_STATUS_MAX];
};

/* Finds the living workers of a pool that are ready. */
void	process_status_ready(const struct conf *, enum pool,
	    struct process_status *);
/*
 * Makes this process's own status file with the state "starting", after it has
 * removed the files of dead workers of the pool. If one of them died within
 * 200 ms of its last state, it first waits for 400 ms: the supervisor starts a
 * worker again at once, and one that crashes at once must not load the machine.
 * Returns false, with errno, if the file cannot be made.
 */
bool	process_status_worker_begin(const struct conf *, enum pool);
/* Writes the state into this process's status file, if it has one. */
void	process_status_worker_state(const char *state);
/* Removes this process's status file. */
void	process_status_worker_end(void);
/* Why the pool's last worker could not start, in out; false: it could. */
bool	process_status_failed(const struct conf *, enum pool, char *out,
	    size_t size);
/*
 * Does earmark-jobs ("jobs"), earmark-realtime ("realtime") run? Whoever is it
 * holds run/<name>.lock. Looking takes that lock for a moment, so whoever
 * starts asks more than once: process_status_program_lock(), which is -1 when
 * another one runs or, with errno, the file cannot be made. It waits for 400 ms
 * if the last one began less than 200 ms ago, as process_status_worker_begin()
 * does.
 */
bool	process_status_program_runs(const struct conf *, const char *name);
int	process_status_program_lock(const char *run_dir, const char *name);
/*
 * Asks a worker's program (-t) whether it could start with a configuration
 * file. If it could not, returns false and writes the reason to out.
 */
bool	process_status_worker_can_start(const char *program, const char *file,
	    char *out, size_t size);

#endif
