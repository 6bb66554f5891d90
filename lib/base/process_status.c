#include "base/process_status.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"

/*
 * A worker that lived for less than YOUNG ms delays the next worker of its pool
 * by YOUNG_DELAY ms.
 */
#define YOUNG		200
#define YOUNG_DELAY	400

#define ALIVE_INTERVAL	5000	/* ms */
/* Attempts to lock the new file of a worker, with 1 ms between them. */
#define LOCK_TRIES	5000

static struct {
	int fd;				/* open and locked; -1: none */
	char path[4096];
} mark = { .fd = -1 };

/*
 * Opens a file that another process of the service user may have created.
 * Returns -1 if it does not exist or is not a regular file. Opening a FIFO
 * would block the caller.
 */
static int
open_plain(const char *path, int flags)
{
	int fd = open(path, flags | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)))
		return fd;
	close(fd);
	return -1;
}

/*
 * Reads the first line without its newline, or "". Control characters become
 * '?', because the text may be printed on the terminal of root.
 */
static void
read_first_line(int fd, char *out, size_t size)
{
	ssize_t n = fd < 0 ? 0 : pread(fd, out, size - 1, 0);
	char *c;

	out[n < 0 ? 0 : n] = '\0';
	out[strcspn(out, "\n")] = '\0';
	for (c = out; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}

/* Locks a file if no other process holds the lock. */
static bool
try_lock(int fd, int how)
{
	return flock(fd, how | LOCK_NB) == 0;
}

/* Returns the age of a file in ms. The clock may have been changed since. */
static int64_t
file_age(const struct stat *st)
{
	return llabs(clock_now() - ((int64_t)st->st_mtim.tv_sec * SECOND +
	    st->st_mtim.tv_nsec / 1000000));
}

/*
 * Returns the process ID at the end of the name of a status file, or 0 for
 * another file.
 */
static pid_t
status_pid(const char *name, enum pool pool)
{
	char prefix[64];
	int64_t pid;

	snprintf(prefix, sizeof(prefix), "worker-%s-", pool_names[pool]);
	return str_prefix(name, prefix) &&
	    str_int(name + strlen(prefix), &pid) && pid > 1 &&
	    pid <= INT32_MAX ? (pid_t)pid : 0;
}

/*
 * Finds the workers of a pool that are alive, in this state (NULL: any), and
 * whose file is at most max_age ms old.
 */
static void
find_workers(const struct conf *conf, enum pool pool, const char *state,
    int64_t max_age, struct process_status *w)
{
	DIR *d = opendir(conf->run_dir);
	char path[4096], line[32];
	struct dirent *e;
	struct stat st;
	pid_t pid;
	int fd;

	w->n = 0;
	if (d == NULL)
		return;
	while (w->n < PROCESS_STATUS_MAX && (e = readdir(d)) != NULL) {
		pid = status_pid(e->d_name, pool);
		if (pid == 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", conf->run_dir,
		    e->d_name);
		fd = open_plain(path, O_RDONLY);
		if (fd < 0)
			continue;
		read_first_line(fd, line, sizeof(line));
		if ((state == NULL || str_eq(line, state)) &&
		    fstat(fd, &st) == 0 && file_age(&st) <= max_age &&
		    !try_lock(fd, LOCK_SH))
			w->pid[w->n++] = pid;
		close(fd);
	}
	closedir(d);
}

void
process_status_ready(const struct conf *conf, enum pool pool,
    struct process_status *w)
{
	find_workers(conf, pool, "ready", INT64_MAX, w);
}

bool
process_status_responds(const struct conf *conf, enum pool pool)
{
	struct process_status w;

	find_workers(conf, pool, NULL, PROCESS_STATUS_SILENT, &w);
	return w.n > 0;
}

void
process_status_worker_alive(void)
{
	static int64_t last;
	int64_t now = clock_mono();

	if (mark.fd < 0 || now - last < ALIVE_INTERVAL * 1000)
		return;
	last = now;
	/* A failure is seen as silence. */
	(void)futimens(mark.fd, NULL);
}

/* Returns whether the path still refers to this open file. */
static bool
names(const char *path, int fd)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && lstat(path, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/*
 * Removes the status file if its worker is dead. Holds the lock until after the
 * removal, so a new worker with the same process ID cannot lose its file.
 * Returns whether the worker died young.
 */
static bool
remove_dead(const char *path)
{
	int fd = open_plain(path, O_RDWR);
	bool young = false;
	char state[32];
	struct stat st;

	if (fd < 0)
		return false;
	if (try_lock(fd, LOCK_EX) && names(path, fd)) {
		read_first_line(fd, state, sizeof(state));
		young = !str_eq(state, "draining") && fstat(fd, &st) == 0 &&
		    file_age(&st) < YOUNG;
		unlink(path);
	}
	close(fd);
	return young;
}

static bool
remove_all_dead(const struct conf *conf, enum pool pool)
{
	DIR *d = opendir(conf->run_dir);
	bool young = false;
	char path[4096];
	struct dirent *e;

	if (d == NULL)
		return false;
	while ((e = readdir(d)) != NULL) {
		if (status_pid(e->d_name, pool) == 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", conf->run_dir,
		    e->d_name);
		young |= remove_dead(path);
	}
	closedir(d);
	return young;
}

bool
process_status_worker_begin(const struct conf *conf, enum pool pool)
{
	int tries;

	if (remove_all_dead(conf, pool))
		poll(NULL, 0, YOUNG_DELAY);
	snprintf(mark.path, sizeof(mark.path), "%s/worker-%s-%d",
	    conf->run_dir, pool_names[pool], (int)getpid());
	for (tries = 0; tries < LOCK_TRIES; tries++) {
		mark.fd = open(mark.path, O_RDWR | O_CREAT | O_NOFOLLOW |
		    O_CLOEXEC, 0640);
		if (mark.fd < 0)
			return false;
		/*
		 * A process that checks the file holds its lock for a moment.
		 * A busy machine may not run that process for longer.
		 */
		if (try_lock(mark.fd, LOCK_EX) && names(mark.path, mark.fd)) {
			process_status_worker_state("starting");
			return true;
		}
		close(mark.fd);
		poll(NULL, 0, 1);
	}
	mark.fd = -1;
	return false;
}

void
process_status_worker_state(const char *state)
{
	char line[32];
	int n = snprintf(line, sizeof(line), "%s\n", state);

	if (mark.fd >= 0 && ftruncate(mark.fd, 0) == 0)
		(void)!pwrite(mark.fd, line, (size_t)n, 0);
}

void
process_status_worker_end(void)
{
	if (mark.fd < 0)
		return;
	unlink(mark.path);
	close(mark.fd);
	mark.fd = -1;
}

bool
process_status_failed(const struct conf *conf, enum pool pool, char *out,
    size_t size)
{
	/* "failed" is written by the program, "broken" by the supervisor. */
	static const char *const marks[] = { "failed", "broken" };
	char path[4096];
	size_t i;
	int fd;

	*out = '\0';
	for (i = 0; *out == '\0' && i < NELEM(marks); i++) {
		snprintf(path, sizeof(path), "%s/%s-%s", conf->run_dir,
		    marks[i], pool_names[pool]);
		fd = open_plain(path, O_RDONLY);
		read_first_line(fd, out, size);
		if (fd >= 0)
			close(fd);
	}
	return *out != '\0';
}

bool
process_status_program_runs(const struct conf *conf, const char *name)
{
	char path[4096];
	bool runs;
	int fd;

	snprintf(path, sizeof(path), "%s/%s.lock", conf->run_dir, name);
	fd = open_plain(path, O_RDONLY);
	runs = fd >= 0 && !try_lock(fd, LOCK_SH);
	if (fd >= 0)
		close(fd);
	return runs;
}

int
process_status_program_lock(const char *run_dir, const char *name)
{
	char path[4096];
	struct stat st;
	int fd, tries;

	snprintf(path, sizeof(path), "%s/%s.lock", run_dir, name);
	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (fd < 0)
		return -1;
	for (tries = 0; tries < 10; tries++) {
		if (try_lock(fd, LOCK_EX)) {
			if (fstat(fd, &st) == 0 && st.st_size > 0 &&
			    file_age(&st) < YOUNG)
				poll(NULL, 0, YOUNG_DELAY);
			(void)!pwrite(fd, "\n", 1, 0);
			return fd;
		}
		poll(NULL, 0, 10);
	}
	close(fd);
	errno = EWOULDBLOCK;
	return -1;
}

bool
process_status_worker_can_start(const char *program, const char *file,
    char *out, size_t size)
{
	char *argv[] = { (char *)(uintptr_t)program, (char *)(uintptr_t)"-c",
	    (char *)(uintptr_t)file, (char *)(uintptr_t)"-t", NULL };
	int output[2], status = -1;
	char more[256];
	size_t len = 0, keep;
	ssize_t n;
	pid_t pid;

	snprintf(out, size, "%s does not start", program);
	if (pipe2(output, O_CLOEXEC) != 0)
		return false;
	pid = fork();
	if (pid == 0) {
		dup2(output[1], STDOUT_FILENO);
		dup2(output[1], STDERR_FILENO);
		execv(program, argv);
		dprintf(STDERR_FILENO, "%s: %s", program, strerror(errno));
		_exit(127);
	}
	close(output[1]);
	/* To the end, because a closed pipe would kill the program. */
	while (pid > 0 && (n = read(output[0], more, sizeof(more))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		keep = size - 1 - len < (size_t)n ? size - 1 - len : (size_t)n;
		memcpy(out + len, more, keep);
		len += keep;
	}
	close(output[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return false;
	if (len > 0)
		out[len] = '\0';
	out[strcspn(out, "\n")] = '\0';
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
