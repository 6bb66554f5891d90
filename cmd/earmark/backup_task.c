#include "cmd/earmark/backup_task.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

#define IOPRIO_IDLE	(3 << 13)

void
backup_task_lower_priority(void)
{
	(void)setpriority(PRIO_PROCESS, 0, 10);
	(void)syscall(SYS_ioprio_set, 1, 0, IOPRIO_IDLE);
}

int
backup_task_failed(struct cli *cli, enum rc rc, struct backup_task *w)
{
	const char *message = cli->err.rc == rc && cli->err.message != NULL ?
	    cli->err.message : rc_message(rc);

	snprintf(w->error, sizeof(w->error), "%s", message);
	return rc == RC_BUSY || rc == RC_FULL || rc == RC_FAULT ? EXIT_DB :
	    EXIT_FAILED;
}

/*
 * Waits for the child. Returns its exit status, or EXIT_FAILED if a signal
 * ended it.
 */
static int
wait_child(pid_t pid, struct backup_task *w)
{
	int status;

	while (waitpid(pid, &status, 0) != pid)
		if (errno != EINTR)
			BUG("waitpid: %s", strerror(errno));
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	snprintf(w->error, sizeof(w->error), "killed by signal %d",
	    WTERMSIG(status));
	return EXIT_FAILED;
}

static void
log_result(struct cli *cli, enum backup_log_kind kind,
    const struct backup_task *w)
{
	struct backup_log_entry c = { .ok = w->error[0] == '\0',
	    .began = cli->now,
	    .at = clock_now(), .bytes = w->bytes };
	enum rc rc;

	c.name = w->name[0] == '\0' ? NULL : w->name;
	c.error = c.ok ? NULL : w->error;
	if (cli_db(cli, DB_SERVE) != EXIT_DONE)
		return;
	rc = db_write(cli->db);
	if (rc == RC_OK)
		rc = cli_end(cli, backup_log_add(cli->db, kind, &c));
	if (rc != RC_OK)
		cli_fail(EXIT_DB, "the result could not be stored: %s",
		    rc_message(rc));
}

int
backup_task_run(struct cli *cli, enum backup_log_kind kind,
    int (*work)(struct cli *, void *, struct backup_task *), void *arg)
{
	pid_t pid, parent = getpid();
	struct backup_task *w;
	int status;

	w = mmap(NULL, sizeof(*w), PROT_READ | PROT_WRITE, MAP_SHARED |
	    MAP_ANONYMOUS, -1, 0);
	if (w == MAP_FAILED)
		BUG("mmap: %s", strerror(errno));
	w->bytes = INT64_MIN;
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return cli_fail(EXIT_FAILED, "fork: %s", strerror(errno));
	if (pid == 0) {
		/* If the parent is killed, the child must end too. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(EXIT_FAILED);
		status = work(cli, arg, w);
		fflush(stdout);
		log_flush();
		_exit(status);
	}
	status = wait_child(pid, w);
	if (w->error[0] != '\0')
		cli_fail(status, "%s", w->error);
	if (!w->unknown)
		log_result(cli, kind, w);
	munmap(w, sizeof(*w));
	return status;
}
