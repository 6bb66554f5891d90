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
#include "base/write_all.h"

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

int
image_decoder_slot(const struct conf *conf, enum rc *rc)
{
	char name[4096];
	int i, fd;

	for (i = 0; i < IMAGE_DECODER_SLOTS; i++) {
		snprintf(name, sizeof(name), "%s/picture-%d", conf->run_dir, i);
		fd = open(name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
		    0600);
		if (fd < 0) {
			*rc = fault("slot");
			return -1;
		}
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return fd;
		close(fd);
	}
	*rc = RC_BUSY;
	return -1;
}

int
image_decoder_input(const void *bytes, size_t n)
{
	int fd = memfd_create("earmark-picture", MFD_CLOEXEC);

	if (fd < 0 || !write_all(fd, bytes, n) ||
	    lseek(fd, 0, SEEK_SET) != 0) {
		fault("memfd");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

/*
 * Starts the program with the descriptors of enum image_decoder_fd. The slot is
 * free when the process ends. The environment, which may contain secrets, is
 * not passed on.
 */
static int
spawn(pid_t *pid, int slot, const struct image_decoder_files *f)
{
	const struct {
		int from, to;
	} fds[] = {
		{ f->input, IMAGE_DECODER_FD_INPUT },
		{ f->full, IMAGE_DECODER_FD_FULL },
		{ slot, IMAGE_DECODER_FD_SLOT },
		{ f->thumb, IMAGE_DECODER_FD_THUMB },
		{ f->folder, IMAGE_DECODER_FD_FOLDER },
	};
	char *argv[] = { (char[]){ "earmark-picture" }, NULL };
	char *none[] = { NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t set;
	size_t i;
	int rc;

	rc = posix_spawn_file_actions_init(&files);
	if (rc != 0)
		return rc;
	rc = posix_spawnattr_init(&attr);
	if (rc != 0) {
		posix_spawn_file_actions_destroy(&files);
		return rc;
	}
	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		/* dup2() would replace one that is still needed. */
		if (fds[i].from <= IMAGE_DECODER_FD_FOLDER)
			BUG("descriptor %d for a decoder", fds[i].from);
		posix_spawn_file_actions_adddup2(&files, fds[i].from,
		    fds[i].to);
	}
	posix_spawn_file_actions_addclosefrom_np(&files,
	    IMAGE_DECODER_FD_FOLDER + 1);
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
image_decoder_start(struct image_decoder *d, int slot,
    const struct image_decoder_files *f)
{
	enum rc rc;

	*d = (struct image_decoder){ .exited = -1, .began = clock_mono() };
	errno = spawn(&d->pid, slot, f);
	if (errno != 0) {
		d->pid = 0;
		return fault(program_path());
	}
	d->exited = pidfd_open(d->pid, 0);
	if (d->exited >= 0)
		return RC_OK;
	rc = fault("pidfd_open");
	release(d, true);
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
		return refuse(err, "The image must have at most 67 "
		    "megapixels, such as 8192 x 8192 or 16384 x 4096");
	case IMAGE_DECODER_MEMORY:
		return refuse(err, "The image needs too much memory");
	case IMAGE_DECODER_FULL:
		log_error("picture", "the disk is full");
		return err_set(err, RC_FULL, NULL, NULL);
	default:
		log_error("picture", "the decoder ended with status %d",
		    status);
		return err_set(err, RC_FAULT, NULL, NULL);
	}
}

enum rc
image_decoder_end(struct image_decoder *d, struct err *err)
{
	return check_status(d, release(d, !image_decoder_ended(d)), err);
}

size_t
image_decoder_check(int fd, const char *type)
{
	char begin[64];
	const char *found;
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) != 0 || st.st_size <= 0 ||
	    st.st_size > IMAGE_DECODER_OUT_MAX)
		return 0;
	n = pread(fd, begin, sizeof(begin), 0);
	found = n > 0 ? image_type(begin, (size_t)n) : NULL;
	return found != NULL && str_eq(found, type) ? (size_t)st.st_size : 0;
}

/* Waits for a slot. Returns its descriptor, or -1 with *rc. */
static int
wait_slot(const struct conf *conf, int64_t until, enum rc *rc)
{
	int slot;

	while ((slot = image_decoder_slot(conf, rc)) < 0 && *rc == RC_BUSY &&
	    clock_mono() < until)
		poll(NULL, 0, RETRY_MS);
	return slot;
}

static enum rc
run_decoder(int slot, const struct image_decoder_files *f, struct err *err)
{
	struct image_decoder d;
	struct pollfd p;
	enum rc rc = image_decoder_start(&d, slot, f);

	if (rc != RC_OK)
		return err_set(err, rc, NULL, NULL);
	while (!image_decoder_ended(&d)) {
		p = (struct pollfd){ .fd = d.exited, .events = POLLIN };
		poll(&p, 1, 1000);
	}
	return image_decoder_end(&d, err);
}

enum rc
image_decoder_run(const struct conf *conf, const char *type, const void *image,
    size_t n, struct image_decoder_files *f, struct err *err)
{
	int64_t until = clock_mono() + IMAGE_DECODER_TIME;
	enum rc rc;
	int slot = wait_slot(conf, until, &rc);

	if (slot < 0)
		return err_set(err, rc, NULL, NULL);
	f->input = image_decoder_input(image, n);
	rc = f->input < 0 ? err_set(err, RC_FAULT, NULL, NULL) :
	    run_decoder(slot, f, err);
	close(slot);
	if (f->input >= 0)
		close(f->input);
	if (rc == RC_OK && (image_decoder_check(f->full, type) == 0 ||
	    image_decoder_check(f->thumb, type) == 0))
		rc = refuse(err, "The image cannot be decoded");
	return rc;
}
