#include "archive/archive_store.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file_copy.h"
#include "base/file_install.h"
#include "base/file_sync.h"
#include "base/log.h"
#include "base/str.h"
#include "crypto/secret_file.h"

#define COMMAND	16384		/* maximum length of an expanded command */
#define POLL_MS	5

bool
archive_store_key(const struct conf *conf, const struct hash **key,
    const char **why)
{
	static struct hash stored;
	char text[1][SECRET_FILE_BYTES];
	size_t n;

	*key = NULL;
	if (conf->archive_key_file[0] == '\0')
		return true;
	if (!secret_file_lines("archive.key_file", conf->archive_key_file,
	    text, 1, &n, why))
		return false;
	if (!hash_unhex(text[0], stored.b, sizeof(stored.b)))
		return secret_file_wrong(why, "archive.key_file: %s must "
		    "contain 64 hexadecimal digits", conf->archive_key_file);
	*key = &stored;
	return true;
}

void
archive_store_base_name(int64_t now, char out[ARCHIVE_STORE_BASE])
{
	char text[CLOCK_TEXT], *to = out;

	clock_text(now, text);
	for (const char *p = text; *p != 'Z'; p++)
		if (*p != '-' && *p != ':')
			*to++ = *p;
	snprintf(to, ARCHIVE_STORE_BASE - (size_t)(to - out), ".%03dZ",
	    (int)(now % 1000));
}

bool
archive_store_is_base(const char *name)
{
	static const char form[] = "00000000T000000.000Z";

	for (size_t i = 0; i < sizeof(form); i++)
		if (form[i] == '0' ? name[i] < '0' || name[i] > '9' :
		    name[i] != form[i])
			return false;
	return true;
}

int64_t
archive_store_base_time(const char *base)
{
	char text[ARCHIVE_STORE_BASE + 8];
	int64_t at = 0;

	snprintf(text, sizeof(text), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s%.4sZ", base,
	    base + 4, base + 6, base + 9, base + 11, base + 13, base + 15);
	return clock_parse(text, &at) ? at : 0;
}

void
archive_store_segment(const char *base, int64_t generation, int64_t first,
    char out[ARCHIVE_STORE_NAME])
{
	snprintf(out, ARCHIVE_STORE_NAME, "%s/%08lld-%010lld", base,
	    (long long)generation, (long long)first);
}

static enum rc
fail(struct err *err, const char *path)
{
	return err_errno(err, errno == ENOENT ? RC_NOT_FOUND : RC_UPSTREAM,
	    "archive", path);
}

/* Copies a file, which exists under the new name only if it is complete. */
static bool
copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), saved;
	struct file_install f;
	bool good;

	if (in < 0)
		return false;
	good = file_install_begin(&f, AT_FDCWD, to, 0600);
	good = file_install_end(&f, good && file_copy(in, f.fd, NULL) >= 0);
	saved = errno;
	close(in);
	errno = saved;
	return good;
}

/*
 * Creates a folder of the archive unless it exists. A process that was killed
 * may have created it without syncing its name, so each process does that once.
 */
static bool
make_folder(const char *path)
{
	static char synced[ARCHIVE_STORE_PATH];

	if (mkdir(path, 0700) == 0)
		synced[0] = '\0';
	else if (errno != EEXIST)
		return false;
	if (!str_eq(path, synced) && !file_sync_parent(path))
		return false;
	snprintf(synced, sizeof(synced), "%s", path);
	return true;
}

static enum rc
put_in_folder(const char *dir, const char *path, const char *name,
    struct err *err)
{
	char to[ARCHIVE_STORE_PATH], *slash;

	if (snprintf(to, sizeof(to), "%s/%s", dir, name) >= (int)sizeof(to))
		return err_set(err, RC_FAULT, "archive", "a long path");
	slash = strrchr(to, '/');
	*slash = '\0';
	/*
	 * The folder itself must exist: it may be a file system that is not
	 * mounted.
	 */
	if (access(dir, F_OK) != 0 || !make_folder(to))
		return fail(err, to);
	*slash = '/';
	return copy_file(path, to) && file_sync_parent(to) ? RC_OK :
	    fail(err, to);
}

/* Expands %p (the path), %f (the name) and %% in a command. */
static bool
expand(const char *command, const char *path, const char *name,
    struct buf *out)
{
	for (const char *p = command; *p != '\0'; p++) {
		if (*p != '%' || p[1] == '\0') {
			buf_ch(out, *p);
			continue;
		}
		p++;
		if (*p == 'p')
			buf_str(out, path);
		else if (*p == 'f')
			buf_str(out, name);
		else
			buf_ch(out, *p);
	}
	return !out->full;
}

/*
 * Runs a command with the shell and ends it after `timeout` seconds. Returns
 * its exit status, or -1 with *err.
 */
static int
run_command(const char *command, const char *path, const char *name,
    int64_t timeout, struct err *err)
{
	int64_t until = clock_mono() + timeout * SECOND * 1000;
	char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, NULL, NULL };
	struct buf text;
	pid_t pid, got;
	int status = 0;

	buf_init(&text, COMMAND);
	if (!expand(command, path, name, &text)) {
		buf_free(&text);
		err_set(err, RC_UPSTREAM, "archive", "the command is too long");
		return -1;
	}
	argv[2] = text.data;
	log_flush();
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		signal(SIGTERM, SIG_DFL);
		signal(SIGINT, SIG_DFL);
		signal(SIGPIPE, SIG_DFL);
		execv("/bin/sh", argv);
		_exit(127);
	}
	buf_free(&text);
	if (pid < 0) {
		fail(err, "fork");
		return -1;
	}
	(void)setpgid(pid, pid);
	while ((got = waitpid(pid, &status, WNOHANG)) == 0 &&
	    clock_mono() < until)
		poll(NULL, 0, POLL_MS);
	if (got == 0) {
		kill(-pid, SIGKILL);
		(void)waitpid(pid, &status, 0);
		err_set(err, RC_UPSTREAM, "archive_timeout", "the command for "
		    "%s did not end within %lld s", name, (long long)timeout);
		return -1;
	}
	if (got == pid && WIFEXITED(status))
		return WEXITSTATUS(status);
	err_set(err, RC_UPSTREAM, "archive", "the command for %s was killed",
	    name);
	return -1;
}

enum rc
archive_store_put(const struct conf *conf, const char *path, const char *name,
    struct err *err)
{
	enum rc rc = RC_OK;
	int status;

	if (conf->archive_dir[0] != '\0')
		rc = put_in_folder(conf->archive_dir, path, name, err);
	if (rc != RC_OK || conf->archive_command[0] == '\0')
		return rc == RC_NOT_FOUND ? RC_UPSTREAM : rc;
	status = run_command(conf->archive_command, path, name,
	    conf->archive_timeout, err);
	if (status > 0)
		return err_set(err, RC_UPSTREAM, "archive_command",
		    "archive.command returned %d for %s", status, name);
	return status == 0 ? RC_OK : RC_UPSTREAM;
}

enum rc
archive_store_get(const char *dir, const char *fetch, int64_t timeout,
    const char *name, const char *path, struct err *err)
{
	char from[ARCHIVE_STORE_PATH];
	int status;

	if (dir != NULL) {
		if (access(dir, F_OK) != 0)
			return err_set(err, RC_UPSTREAM, "archive", "%s: %s",
			    dir, strerror(errno));
		if (snprintf(from, sizeof(from), "%s/%s", dir, name) >=
		    (int)sizeof(from))
			return err_set(err, RC_FAULT, "archive", "a long path");
		return copy_file(from, path) ? RC_OK : fail(err, from);
	}
	if (unlink(path) != 0 && errno != ENOENT)
		return fail(err, path);
	status = run_command(fetch, path, name, timeout, err);
	/* Like the shell: from 126 on, the command could not be run. */
	if (status < 0 || status > 125)
		return status < 0 ? RC_UPSTREAM : err_set(err, RC_UPSTREAM,
		    "archive_command", "the fetch command returned %d",
		    status);
	if (status == 0 && access(path, F_OK) == 0)
		return RC_OK;
	unlink(path);
	return err_set(err, RC_NOT_FOUND, "archive", "%s is not in the archive",
	    name);
}
