#include "base/shared_map.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/str.h"

#define STAMP 16

/*
 * Uses a record lock, which belongs to the process. A lock by flock() is shared
 * with forked children that inherit the file, such as those of earmark-jobs.
 */
static void
record_lock(int fd, short type)
{
	struct flock all = { .l_type = type, .l_whence = SEEK_SET };

	while (fcntl(fd, F_SETLKW, &all) != 0)
		if (errno != EINTR)
			BUG("fcntl: %s", strerror(errno));
}

void
shared_map_lock(int fd)
{
	record_lock(fd, F_WRLCK);
}

void
shared_map_unlock(int fd)
{
	record_lock(fd, F_UNLCK);
}

/* Checks the stamp and size of the locked file. Initializes an empty file. */
static bool
check_stamp(int fd, const char *stamp, size_t size, int *error)
{
	char have[STAMP], want[STAMP] = "";
	struct stat st;

	snprintf(want, sizeof(want), "%s", stamp);
	*error = 0;
	if (fstat(fd, &st) != 0) {
		*error = errno;
		return false;
	}
	if (st.st_size == 0) {
		*error = posix_fallocate(fd, 0, (off_t)size);
		if (*error == 0 &&
		    pwrite(fd, want, STAMP, 0) != (ssize_t)STAMP)
			*error = errno;
		if (*error != 0)
			(void)!ftruncate(fd, 0);
		return *error == 0;
	}
	return (size_t)st.st_size == size &&
	    pread(fd, have, STAMP, 0) == (ssize_t)STAMP &&
	    memcmp(have, want, STAMP) == 0;
}

/* Returns whether the path still refers to this open file. */
static bool
names_file(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(path, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Returns the open and locked file, or -1 and *error. */
static int
open_locked(const char *path, const char *stamp, size_t size, int *error)
{
	int fd, tries;

	*error = EAGAIN;
	for (tries = 0; tries < 100; tries++) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
		    0640);
		if (fd < 0) {
			*error = errno;
			return -1;
		}
		shared_map_lock(fd);
		/*
		 * Another process may have replaced the file during the wait.
		 */
		if (names_file(fd, path)) {
			if (check_stamp(fd, stamp, size, error))
				return fd;
			if (*error != 0) {
				close(fd);
				return -1;
			}
			unlink(path);
		}
		close(fd);
	}
	return -1;
}

void *
shared_map_open(const char *dir, const char *name, const char *stamp,
    size_t size, int *lock)
{
	char path[4096];
	unsigned char *p;
	int fd, error;

	size += STAMP;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open_locked(path, stamp, size, &error);
	if (fd < 0) {
		log_warn("map", "%s: %s", path, strerror(error));
		return NULL;
	}
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	error = errno;
	shared_map_unlock(fd);
	if (p == MAP_FAILED) {
		log_warn("map", "%s: %s", path, strerror(error));
		close(fd);
		return NULL;
	}
	if (lock != NULL)
		*lock = fd;
	else
		close(fd);
	return p + STAMP;
}
