#include "base/workers.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"

/* The first line of a file, without its end; "" where there is none. */
static void
first_line(const char *path, char *out, size_t size)
{
	FILE *f = fopen(path, "re");

	*out = '\0';
	if (f == NULL)
		return;
	if (fgets(out, (int)size, f) == NULL)
		*out = '\0';
	fclose(f);
	out[strcspn(out, "\n")] = '\0';
}

/* The number may be another process's by now: ours is named earmark-... */
static bool
alive(int64_t pid)
{
	char path[64], name[64];

	snprintf(path, sizeof(path), "/proc/%lld/comm", (long long)pid);
	first_line(path, name, sizeof(name));
	return str_prefix(name, "earmark-");
}

void
workers_ready(const struct conf *conf, enum pool pool, struct workers *w)
{
	char prefix[64], path[4096], state[32];
	struct dirent *e;
	int64_t pid;
	DIR *d = opendir(conf->run_dir);

	w->n = 0;
	if (d == NULL)
		return;
	snprintf(prefix, sizeof(prefix), "worker-%s-", pool_names[pool]);
	while (w->n < WORKERS_MOST && (e = readdir(d)) != NULL) {
		if (!str_prefix(e->d_name, prefix) ||
		    !str_int(e->d_name + strlen(prefix), &pid) || pid < 2)
			continue;
		snprintf(path, sizeof(path), "%s/%s", conf->run_dir,
		    e->d_name);
		first_line(path, state, sizeof(state));
		if (str_eq(state, "ready") && alive(pid))
			w->pid[w->n++] = (pid_t)pid;
	}
	closedir(d);
}

bool
workers_failed(const struct conf *conf, enum pool pool, char *out, size_t size)
{
	/* What the program said itself, and what was said of the program. */
	static const char *const marks[] = { "failed", "broken" };
	char path[4096];
	size_t i;

	*out = '\0';
	for (i = 0; *out == '\0' && i < NELEM(marks); i++) {
		snprintf(path, sizeof(path), "%s/%s-%s", conf->run_dir,
		    marks[i], pool_names[pool]);
		first_line(path, out, size);
	}
	return *out != '\0';
}

bool
program_runs(const struct conf *conf, const char *name)
{
	char path[4096];
	bool runs;
	int fd;

	snprintf(path, sizeof(path), "%s/%s.lock", conf->run_dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	runs = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0;
	if (fd >= 0)
		close(fd);
	return runs;
}

int
program_lock(const char *run_dir, const char *name)
{
	char path[4096];
	int fd, tries;

	snprintf(path, sizeof(path), "%s/%s.lock", run_dir, name);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0)
		return -1;
	for (tries = 0; tries < 10; tries++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return fd;
		poll(NULL, 0, 10);
	}
	close(fd);
	errno = EWOULDBLOCK;
	return -1;
}

/* The words of a process's command line, in text; how many. */
static int
command_of(pid_t pid, char *text, size_t size, char **words, int most)
{
	ssize_t len = 0, at;
	char path[64];
	int fd, n = 0;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		len = read(fd, text, size - 1);
		close(fd);
	}
	if (len <= 0)
		return 0;
	text[len] = '\0';
	for (at = 0; at < len && n < most; at += (ssize_t)strlen(text + at) + 1)
		words[n++] = text + at;
	return n;
}

bool
workers_can_start(pid_t like, char *out, size_t size)
{
	char text[4096], *words[16];
	int said[2], status = -1, n;
	ssize_t len;
	pid_t pid;

	n = command_of(like, text, sizeof(text), words, 14);
	if (n == 0)
		return true;	/* it is gone: nobody to ask like */
	words[n] = (char *)(uintptr_t)"-t";
	words[n + 1] = NULL;
	snprintf(out, size, "%s does not start", words[0]);
	if (pipe2(said, O_CLOEXEC) != 0)
		return false;
	pid = fork();
	if (pid == 0) {
		dup2(said[1], STDOUT_FILENO);
		dup2(said[1], STDERR_FILENO);
		execv(words[0], words);
		dprintf(STDERR_FILENO, "%s: %s", words[0], strerror(errno));
		_exit(127);
	}
	close(said[1]);
	len = pid < 0 ? 0 : read(said[0], text, sizeof(text) - 1);
	close(said[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return false;
	if (len > 0) {
		text[len] = '\0';
		text[strcspn(text, "\n")] = '\0';
		snprintf(out, size, "%s", text);
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
