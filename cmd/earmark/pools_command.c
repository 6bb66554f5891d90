/*
 * pools_command: prints the number of workers, and restarts workers without
 * losing requests.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/process_status.h"
#include "base/str.h"
#include "cmd/earmark/commands.h"

/* maximum time for an end or a new worker */
#define WAIT_MAX	(30 * SECOND)
#define SETTLE		(5 * SECOND)	/* maximum time for a pool to start */

int
command_pools(struct cli *cli, int argc, char **argv)
{
	int i, status;

	status = cli_begin(cli, argc, argv, 0);
	if (status != EXIT_DONE)
		return status;
	for (i = 0; i < POOL_MAX; i++)
		printf("%s %" PRId64 " %" PRId64 "\n", pool_names[i],
		    cli->conf->workers[i], cli->conf->conns[i]);
	return EXIT_DONE;
}

static bool
is_ready(const struct process_status *w, pid_t pid)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		if (w->pid[i] == pid)
			return true;
	return false;
}

/*
 * Waits until n workers are ready and the process `old` is not one of them. old
 * 0: any worker.
 */
static bool
wait_ready(const struct conf *conf, enum pool pool, pid_t old, size_t n,
    int64_t max_wait)
{
	int64_t limit = clock_mono() + max_wait * 1000;
	struct process_status now;

	do {
		process_status_ready(conf, pool, &now);
		if (now.n >= n && !is_ready(&now, old))
			return true;
		poll(NULL, 0, 20);
	} while (clock_mono() < limit);
	return false;
}

/* Stops one worker and waits for its successor. */
static int
restart_worker(const struct conf *conf, enum pool pool, pid_t pid)
{
	const char *name = pool_names[pool];
	struct process_status before;
	struct pollfd p = { .events = POLLIN };
	char why[512];

	p.fd = pidfd_open(pid, 0);
	process_status_ready(conf, pool, &before);
	if (p.fd < 0 || !is_ready(&before, pid)) {
		/* The worker has ended meanwhile, so it was replaced. */
		if (p.fd >= 0)
			close(p.fd);
		return EXIT_DONE;
	}
	if (pidfd_send_signal(p.fd, SIGTERM, NULL, 0) != 0 && errno != ESRCH) {
		close(p.fd);
		return cli_fail(EXIT_FAILED, "worker %d of %s: %s", (int)pid,
		    name, strerror(errno));
	}
	if (poll(&p, 1, (int)WAIT_MAX) <= 0) {
		close(p.fd);
		return cli_fail(EXIT_FAILED, "worker %d of %s does not stop; "
		    "the others continue", (int)pid, name);
	}
	close(p.fd);
	if (wait_ready(conf, pool, pid, before.n, WAIT_MAX))
		return EXIT_DONE;
	if (process_status_failed(conf, pool, why, sizeof(why)))
		return cli_fail(EXIT_FAILED, "a worker of %s does not start "
		    "(%s); the others continue", name, why);
	return cli_fail(EXIT_FAILED, "no worker of %s replaced worker %d; the "
	    "others continue", name, (int)pid);
}

static int
restart_pool(const struct conf *conf, enum pool pool)
{
	struct process_status w;
	int status;
	size_t i;

	wait_ready(conf, pool, 0, (size_t)conf->workers[pool], SETTLE);
	process_status_ready(conf, pool, &w);
	for (i = 0; i < w.n; i++) {
		status = restart_worker(conf, pool, w.pid[i]);
		if (status != EXIT_DONE)
			return status;
	}
	printf("%s: %zu renewed\n", pool_names[pool], w.n);
	fflush(stdout);
	return EXIT_DONE;
}

/*
 * Checks that the program of each pool can start before any worker is stopped,
 * because that worker may be the last one of its pool. The programs run with
 * the privileges of the caller, because a key may be readable only by root.
 */
static int
check_programs(struct cli *cli, enum pool first, enum pool last)
{
	char why[512];
	int i;

	for (i = (int)first; i <= (int)last; i++)
		if (!process_status_worker_can_start(cli_program(cli,
		    pool_names[i]), cli->file, why, sizeof(why)))
			return cli_fail(EXIT_FAILED,
			    "a new worker of %s cannot "
			    "start (%s); no worker was stopped", pool_names[i],
			    why);
	return EXIT_DONE;
}

int
command_pools_restart(struct cli *cli, int argc, char **argv)
{
	int n = cli_options(cli, argc, argv, NULL, 0, 0, 1), i = 0, status;
	enum pool first = 0, last = POOL_MAX - 1;
	struct process_status w;
	size_t all = 0;

	if (n < 0)
		return EXIT_USAGE;
	status = cli_conf(cli);
	if (status != EXIT_DONE)
		return status;
	if (n == 1) {
		for (i = 0; i < POOL_MAX; i++)
			if (str_eq(pool_names[i], argv[0]))
				break;
		if (i == POOL_MAX)
			return cli_fail(EXIT_USAGE, "unknown pool '%s'",
			    argv[0]);
		first = last = (enum pool)i;
	}
	status = check_programs(cli, first, last);
	/*
	 * The service user writes the status files, so root must not trust
	 * them.
	 */
	if (status == EXIT_DONE)
		status = cli_become(cli);
	if (status != EXIT_DONE)
		return status;
	for (i = (int)first; i <= (int)last; i++) {
		process_status_ready(cli->conf, (enum pool)i, &w);
		all += w.n;
		status = w.n == 0 ? EXIT_DONE :
		    restart_pool(cli->conf, (enum pool)i);
		if (status != EXIT_DONE)
			return status;
	}
	if (all > 0)
		return EXIT_DONE;
	return n == 0 ? cli_fail(EXIT_FAILED, "no worker is running") :
	    cli_fail(EXIT_FAILED, "no worker of %s is running", argv[0]);
}
