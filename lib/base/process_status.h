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

/* Finds the workers of a pool that are alive and ready. */
void	process_status_ready(const struct conf *, enum pool,
	    struct process_status *);
/*
 * Creates the status file of this process with the state "starting", after it
 * has removed the files of dead workers of the pool. If one of them died within
 * 200 ms of its last state, it first waits for 400 ms. The supervisor restarts
 * a worker at once, and a worker that crashes at its start must not load the
 * machine. Returns false, with errno, if the file cannot be created.
 */
bool	process_status_worker_begin(const struct conf *, enum pool);
/* Writes the state into this process's status file, if it has one. */
void	process_status_worker_state(const char *state);
/*
 * Records that the worker's loop runs, at most once in 5 seconds, in the time of
 * its status file.
 */
void	process_status_worker_alive(void);
/*
 * Returns whether a worker of the pool is alive, and its loop has run in the
 * last PROCESS_STATUS_SILENT ms.
 */
#define PROCESS_STATUS_SILENT 30000
bool	process_status_responds(const struct conf *, enum pool);
/* Removes this process's status file. */
void	process_status_worker_end(void);
/*
 * Returns whether the last worker of the pool failed to start. If so, writes
 * the reason to out.
 */
bool	process_status_failed(const struct conf *, enum pool, char *out,
	    size_t size);
/*
 * Returns whether earmark-jobs ("jobs") or earmark-realtime ("realtime") is
 * running. The running process holds a lock on run/<name>.lock. This check
 * takes the lock for a moment.
 *
 * process_status_program_lock() acquires that lock and returns the open file.
 * It retries for 100 ms, because a check can interfere. It returns -1, with
 * errno, if another process holds the lock or the file cannot be created. If
 * the last program started less than 200 ms ago, it first waits for 400 ms.
 */
bool	process_status_program_runs(const struct conf *, const char *name);
int	process_status_program_lock(const char *run_dir, const char *name);
/*
 * Runs a worker program with -t to test whether it could start with a
 * configuration file. If it could not, returns false and writes the reason to
 * out.
 */
bool	process_status_worker_can_start(const char *program, const char *file,
	    char *out, size_t size);

#endif
