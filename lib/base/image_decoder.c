#include "base/image_decoder.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/image_type.h"
#include "base/log.h"
#include "base/str.h"

/* Maximum time of a decoder. Its CPU time is limited too. */
#define IMAGE_DECODER_TIME (20 * 1000000)	/* µs */
#define RETRY_MS	20

static enum rc
fault(const char *what)
{
	log_error("picture", "%s: %s", what, strerror(errno));
	return RC_FAULT;
}

/*
 * Returns the path of the program: in the folder of this program, as for the
 * workers and before the installation, or where it is installed.
 */
static const char *
program_path(void)
{
	static char path[4096];
	static const char name[] = "earmark-picture";
	ssize_t n;
	char *end;

	if (path[0] != '\0')
		return path;
	n = readlink("/proc/self/exe", path, sizeof(path) - sizeof(name));
	path[n > 0 ? n : 0] = '\0';
	end = strrchr(path, '/');
	if (end != NULL)
		memcpy(end + 1, name, sizeof(name));
	if (end == NULL || access(path, X_OK) != 0)
		snprintf(path, sizeof(path), EARMARK_POOL_DIR "/%s", name);
	return path;
}

/* Locks the file of a free slot. Returns its descriptor, or -1. */
static int
take_slot(const struct conf *conf)
{
	char name[4096];
	int i, fd;

	for (i = 0; i < IMAGE_DECODER_SLOTS; i++) {
		snprintf(name, sizeof(name), "%s/picture-%d", conf->run_dir, i);
		fd = open(name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
		    0600);
		if (fd < 0)
			return -1;
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return fd;
		close(fd);
		errno = EWOULDBLOCK;
	}
	return -1;
}

/* Returns a file in memory with these bytes, or -1. */
static int
make_input(const uint8_t *p, size_t n)
{
	int fd = memfd_create("earmark-picture", MFD_CLOEXEC);
	ssize_t wrote;

	while (fd >= 0 && n > 0) {
		wrote = write(fd, p, n);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0) {
			close(fd);
			return -1;
		}
		p += wrote;
		n -= (size_t)wrote;
	}
	return fd;
}

/*
 * Starts the program with the descriptors 0 to 2, and 3 for the slot, which is
 * free when the process ends. The environment, which may contain secrets, is
 * not passed on.
 */
static int
spawn(pid_t *pid, int in, int out, int slot)
{
	char *argv[] = { (char[]){ "earmark-picture" }, NULL };
	char *none[] = { NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t set;
	int rc;

	rc = posix_spawn_file_actions_init(&files);
	if (rc != 0)
		return rc;
	rc = posix_spawnattr_init(&attr);
	if (rc != 0) {
		posix_spawn_file_actions_destroy(&files);
		return rc;
	}
	posix_spawn_file_actions_adddup2(&files, in, 0);
	posix_spawn_file_actions_adddup2(&files, out, 1);
	posix_spawn_file_actions_adddup2(&files, slot, 3);
	posix_spawn_file_actions_addclosefrom_np(&files, 4);
	sigemptyset(&set);
	posix_spawnattr_setsigmask(&attr, &set);
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGXFSZ);
	posix_spawnattr_setsigdefault(&attr, &set);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
	    POSIX_SPAWN_SETSIGDEF);
	rc = posix_spawn(pid, program_path(), &files, &attr, argv, none);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return rc;
}

static enum rc
start(struct image_decoder *d, int in, int slot)
{
	d->out = memfd_create("earmark-picture", MFD_CLOEXEC);
	if (d->out < 0 || in < 0)
		return fault("memfd");
	errno = spawn(&d->pid, in, d->out, slot);
	if (errno != 0) {
		d->pid = 0;
		return fault(program_path());
	}
	d->exited = pidfd_open(d->pid, 0);
	return d->exited < 0 ? fault("pidfd_open") : RC_OK;
}

/* Kills and reaps the process, and closes the descriptors. */
static int
release(struct image_decoder *d, bool kill_it)
{
	int status = -1;

	if (d->pid > 0) {
		if (kill_it)
			kill(d->pid, SIGKILL);
		while (waitpid(d->pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	if (d->exited >= 0)
		close(d->exited);
	d->pid = 0;
	d->exited = -1;
	return status;
}

enum rc
image_decoder_start(struct image_decoder *d, const struct conf *conf,
    const void *image, size_t n)
{
	int slot = take_slot(conf), in;
	enum rc rc;

	*d = (struct image_decoder){ .exited = -1, .out = -1,
	    .began = clock_mono() };
	if (slot < 0)
		return errno == EWOULDBLOCK ? RC_BUSY : fault("slot");
	in = make_input(image, n);
	rc = start(d, in, slot);
	if (in >= 0)
		close(in);
	close(slot);
	if (rc == RC_OK)
		return RC_OK;
	release(d, true);
	if (d->out >= 0)
		close(d->out);
	return rc;
}

bool
image_decoder_ended(struct image_decoder *d)
{
	siginfo_t info = { .si_pid = 0 };

	if (waitid(P_PID, (id_t)d->pid, &info, WEXITED | WNOHANG |
	    WNOWAIT) != 0 || info.si_pid != 0)
		return true;
	if (clock_mono() - d->began > IMAGE_DECODER_TIME && !d->stopped) {
		d->stopped = true;
		kill(d->pid, SIGKILL);
	}
	return false;
}

static enum rc
refuse(struct err *err, const char *sentence)
{
	return err_set(err, RC_MEDIA, NULL, "%s", sentence);
}

/* Maps how the process ended to a result. */
static enum rc
check_status(const struct image_decoder *d, int status, struct err *err)
{
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (d->stopped || sig == SIGKILL || sig == SIGTERM)
		return err_set(err, RC_BUSY, NULL, NULL);
	if (sig != 0) {
		/* An error in a decoder, which this picture may exploit. */
		log_warn("picture", "the decoder ended by signal %d", sig);
		return refuse(err, "The image cannot be decoded");
	}
	switch (WIFEXITED(status) ? WEXITSTATUS(status) : -1) {
	case IMAGE_DECODER_DONE:
		return RC_OK;
	case IMAGE_DECODER_INVALID:
		return refuse(err, "The image is not a valid JPEG, PNG or WebP "
		    "image");
	case IMAGE_DECODER_TRUNCATED:
		return refuse(err, "The image is incomplete");
	case IMAGE_DECODER_SIDES:
		return refuse(err, "The image must have at most "
		    "8192 x 8192 pixels");
	case IMAGE_DECODER_MEMORY:
		return refuse(err, "The image needs too much memory");
	default:
		log_error("picture", "the decoder ended with status %d",
		    status);
		return err_set(err, RC_FAULT, NULL, NULL);
	}
}

/* Reads the result. The process may be hostile, so everything is checked. */
static enum rc
read_result(int fd, struct arena *a, const char *type,
    struct image_decoder_result *r)
{
	struct image_decoder_head head;
	const char *full, *thumb;
	struct stat st;
	uint8_t *p;
	size_t n, at;
	ssize_t got;

	if (fstat(fd, &st) != 0 || pread(fd, &head, sizeof(head), 0) !=
	    (ssize_t)sizeof(head) || st.st_size > IMAGE_DECODER_OUT_MAX)
		return RC_MEDIA;
	n = (size_t)st.st_size - sizeof(head);
	if (head.full > n || head.thumb != n - head.full)
		return RC_MEDIA;
	p = arena_alloc(a, n + 1);
	for (at = 0; at < n; at += (size_t)got) {
		got = pread(fd, p + at, n - at, (off_t)(sizeof(head) + at));
		if (got <= 0)
			return RC_MEDIA;
	}
	*r = (struct image_decoder_result){ p, p + head.full,
	    (size_t)head.full, (size_t)head.thumb };
	full = image_type(r->full, r->nfull);
	thumb = image_type(r->thumb, r->nthumb);
	return full != NULL && thumb != NULL && str_eq(full, type) &&
	    str_eq(thumb, type) ? RC_OK : RC_MEDIA;
}

enum rc
image_decoder_end(struct image_decoder *d, struct arena *a, const char *type,
    struct image_decoder_result *r, struct err *err)
{
	enum rc rc;

	rc = check_status(d, release(d, !image_decoder_ended(d)), err);
	if (rc == RC_OK && read_result(d->out, a, type, r) != RC_OK)
		rc = refuse(err, "The image cannot be decoded");
	close(d->out);
	d->out = -1;
	return rc;
}

enum rc
image_decoder_run(const struct conf *conf, const char *type, const void *image,
    size_t n, struct arena *a, struct image_decoder_result *r, struct err *err)
{
	int64_t until = clock_mono() + IMAGE_DECODER_TIME;
	struct image_decoder d;
	struct pollfd p;
	enum rc rc;

	while ((rc = image_decoder_start(&d, conf, image, n)) == RC_BUSY &&
	    clock_mono() < until)
		poll(NULL, 0, RETRY_MS);
	if (rc != RC_OK)
		return rc;
	p = (struct pollfd){ .fd = d.exited, .events = POLLIN };
	while (!image_decoder_ended(&d))
		poll(&p, 1, 1000);
	return image_decoder_end(&d, a, type, r, err);
}
