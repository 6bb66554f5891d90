#include "cmd/jobs/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/process_status.h"
#include "base/sd_notify.h"
#include "base/str.h"
#include "base/wakeup.h"
#include "cmd/exit.h"

#define CHILDREN_MAX	12
#define GRACE	10000		/* ms that a child has to exit */

struct child {
	const struct supervisor_child *is;
	pid_t pid;			/* 0: not running */
	int fd;				/* parent's end of the socket pair */
	bool ready;
	int64_t began, again;		/* monotonic, ms */
	int64_t wait;			/* ms until the next start */
};

static struct child children[CHILDREN_MAX];
static int nchildren;
static int lock = -1, wakeup_fd = -1, signals = -1;
static const char *run_dir;

static int64_t
mono(void)
{
	return clock_mono() / 1000;
}

static void
child_start(int i)
{
	struct child *c = &children[i];
	int pair[2], k;
	sigset_t none;
	pid_t pid;

	log_flush();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		BUG("socketpair: %s", strerror(errno));
	pid = fork();
	if (pid < 0) {
		log_error("fork", "%s", strerror(errno));
		close(pair[0]);
		close(pair[1]);
		c->again = mono() + SECOND;
		return;
	}
	if (pid == 0) {
		/*
		 * The child closes the descriptors of the parent, and ends when
		 * the parent ends.
		 */
		for (k = 0; k < nchildren; k++)
			if (children[k].pid != 0)
				close(children[k].fd);
		close(pair[0]);
		close(lock);
		close(wakeup_fd);
		close(signals);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		exit(c->is->run(c->is->arg, pair[1]));
	}
	close(pair[1]);
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	c->pid = pid;
	c->fd = pair[0];
	c->ready = false;
	c->began = mono();
}

/* Schedules the restart of a child that ended: after 0.2 s, 0.4 s ... 60 s. */
static void
child_died(struct child *c, int status)
{
	const char *name = c->is->name;

	close(c->fd);
	c->pid = 0;
	if (mono() - c->began > MINUTE || c->wait == 0)
		c->wait = 200;
	else
		c->wait = c->wait * 2 < MINUTE ? c->wait * 2 : MINUTE;
	c->again = mono() + c->wait;
	if (WIFSIGNALED(status))
		log_error("child", "%s was ended by signal %d, restart in %"
		    PRId64 " ms", name, WTERMSIG(status), c->wait);
	else
		log_error("child", "%s exited with status %d, restart in %"
		    PRId64 " ms", name, WEXITSTATUS(status), c->wait);
}

/*
 * Collects children that ended. starting: returns the exit status of a child
 * that could not start, else EXIT_DONE.
 */
static int
reap(bool starting)
{
	int i, status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (i = 0; i < nchildren && children[i].pid != pid; i++)
			;
		if (i == nchildren)
			continue;
		if (starting && WIFEXITED(status) && WEXITSTATUS(status) != 0 &&
		    !children[i].ready) {
			close(children[i].fd);
			children[i].pid = 0;
			return WEXITSTATUS(status);
		}
		child_died(&children[i], status);
	}
	return EXIT_DONE;
}

static int
end_children(void)
{
	int64_t limit = mono() + GRACE;
	bool any = true;
	int i;

	for (i = 0; i < nchildren; i++)
		if (children[i].pid != 0)
			close(children[i].fd); /* children end on end of file */
	while (any) {
		any = false;
		for (i = 0; i < nchildren; i++) {
			struct child *c = &children[i];

			if (c->pid != 0 && waitpid(c->pid, NULL, WNOHANG) != 0)
				c->pid = 0;
			if (c->pid != 0 && mono() > limit)
				kill(c->pid, SIGKILL);
			any |= c->pid != 0;
		}
		if (any)
			poll(NULL, 0, 10);
	}
	return EXIT_DONE;
}

/* Allows one process per installation. */
static bool
only_one(void)
{
	lock = process_status_program_lock(run_dir, "jobs");
	if (lock < 0)
		log_error("start", errno == EWOULDBLOCK ?
		    "another earmark-jobs is running" :
		    "jobs.lock in the run_dir: %s", strerror(errno));
	return lock >= 0;
}

static bool
wakeup_socket(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int n;

	n = snprintf(at.sun_path, sizeof(at.sun_path), "%s/jobs.sock",
	    run_dir);
	if (n < 0 || (size_t)n >= sizeof(at.sun_path)) {
		log_error("start", "run_dir %s is too long for a socket",
		    run_dir);
		return false;
	}
	wakeup_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	unlink(at.sun_path);
	if (wakeup_fd < 0 || bind(wakeup_fd, (struct sockaddr *)&at,
	    sizeof(at)) != 0) {
		log_error("start", "%s: %s", at.sun_path, strerror(errno));
		return false;
	}
	chmod(at.sun_path, 0660);
	return true;
}

/*
 * Forwards a wakeup to the children that it concerns. Several pending wakeups
 * count as one.
 */
static void
forward_wakeup(void)
{
	unsigned char byte;
	unsigned who = 0;
	ssize_t n;
	int i;

	while ((n = recv(wakeup_fd, &byte, 1, 0)) >= 0)
		who |= n == 1 ? byte : WAKEUP_JOBS;
	for (i = 0; i < nchildren; i++)
		if (children[i].pid != 0 &&
		    (who & (WAKEUP_JOBS | children[i].is->wakes)) != 0)
			(void)!send(children[i].fd, "n", 1, MSG_NOSIGNAL);
}

/* Reads which children are ready. Returns whether all are. */
static bool
read_ready(void)
{
	bool all = true;
	char byte;
	int i;

	for (i = 0; i < nchildren; i++) {
		struct child *c = &children[i];

		if (c->pid != 0 && !c->ready && read(c->fd, &byte, 1) == 1)
			c->ready = true;
		all &= c->ready;
	}
	return all;
}

static int
watch(void)
{
	bool ready = false, stop = false;
	int i, status;

	while (!stop) {
		struct pollfd p[2 + CHILDREN_MAX] = {
			{ .fd = signals, .events = POLLIN },
			{ .fd = wakeup_fd, .events = POLLIN },
		};
		struct signalfd_siginfo sig;

		for (i = 0; i < nchildren; i++) {
			struct child *c = &children[i];

			if (c->pid == 0 && mono() >= c->again)
				child_start(i);
			p[2 + i].fd = c->pid != 0 && !c->ready ? c->fd : -1;
			p[2 + i].events = POLLIN;
		}
		log_flush();
		poll(p, (nfds_t)(2 + nchildren), ready ? 500 : 100);
		while (read(signals, &sig, sizeof(sig)) == sizeof(sig))
			if (sig.ssi_signo != SIGCHLD)
				stop = true;
		status = reap(!ready);
		if (status != EXIT_DONE) {
			end_children();
			return status;
		}
		if (read_ready() && !ready) {
			ready = true;
			log_info("ready", "%d children", nchildren);
			log_flush();
			sd_notify_send();
		}
		if (p[1].revents & POLLIN)
			forward_wakeup();
	}
	log_info("end", "received a stop signal");
	return end_children();
}

int
supervisor_run(const struct conf *conf, const struct supervisor_child *list,
    int n)
{
	char name[4096];
	sigset_t set;
	int status;

	if (n > CHILDREN_MAX)
		BUG("CHILDREN_MAX must be at least %d", n);
	run_dir = conf->run_dir;
	if (!only_one() || !wakeup_socket()) {
		log_flush();
		return EXIT_FAILED;
	}
	for (; nchildren < n; nchildren++)
		children[nchildren].is = &list[nchildren];
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		BUG("signalfd: %s", strerror(errno));
	status = watch();
	snprintf(name, sizeof(name), "%s/jobs.sock", run_dir);
	unlink(name);
	log_flush();
	return status;
}
