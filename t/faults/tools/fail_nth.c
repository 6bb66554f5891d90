/*
 * fail_nth: lets the n-th write, sync or allocation of a program fail, or
 * kills the program there. A library for LD_PRELOAD.
 *
 *	NTH=CONTROL LD_PRELOAD=t/faults/tools/fail_nth.so PROGRAM ...
 *
 * CONTROL is a file of ten words that the program and the test (fail_nth.py)
 * map. The test changes it while the program runs. It contains: the kind of
 * call, its number (from 1), whether all later ones fail too, the error, the
 * counts of seen and failed calls, and in 32 bytes the name of the program.
 * Other programs that load the library are not affected.
 *
 * Only writes and syncs of files whose path contains "/earmark.db" count, also
 * with a dot before the name, and only folders whose path contains "/media".
 * libfiu would fail at random, and in all files and sockets. This library
 * counts, so that each call can be tested once.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum what {
	NOTHING, WRITE, SYNC, MEMORY,	/* these calls fail */
	KILL_WRITE,			/* killed instead of a write */
	KILL_SYNC,			/* killed after a sync */
	KILL_ANSWER,			/* killed instead of a write to a socket */
	KILL_MEMORY,			/* killed instead of an allocation */
	KILL_NAME,			/* killed instead of a rename */
	FOLDER				/* this call fails: readdir() */
};

static struct control {
	_Atomic int64_t what, at, on, error, seen, failed;
	char program[32];
} *control;

__attribute__((constructor)) static void
begin(void)
{
	const char *file = getenv("NTH");
	int fd = file == NULL ? -1 : open(file, O_RDWR | O_CLOEXEC);
	void *p;

	if (fd < 0)
		return;
	p = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED,
	    fd, 0);
	close(fd);
	if (p != MAP_FAILED)
		control = p;
}

/* Returns whether this kind is selected for this program. */
static bool
armed(enum what what)
{
	return control != NULL &&
	    atomic_load(&control->what) == (int64_t)what &&
	    strncmp(control->program, program_invocation_short_name,
	    sizeof(control->program)) == 0;
}

/* Counts the call. Returns whether it is the selected one. */
static bool
hit(enum what what)
{
	int64_t n, at;

	if (!armed(what))
		return false;
	at = atomic_load(&control->at);
	n = atomic_fetch_add(&control->seen, 1) + 1;
	if (n != at && (n < at || !atomic_load(&control->on)))
		return false;
	atomic_fetch_add(&control->failed, 1);
	errno = (int)atomic_load(&control->error);
	return true;
}

/* Sets path to that of a descriptor, or to "". */
static void
find_path(int fd, char path[4096])
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, 4095);
	path[n > 0 ? n : 0] = '\0';
}

/* Returns whether a path is the database, or a file that will replace it. */
static bool
is_database(const char *path)
{
	return strstr(path, "/earmark.db") != NULL ||
	    strstr(path, "/.earmark.db") != NULL ||
	    strncmp(path, ".earmark.db", 11) == 0;
}

static bool
of_database(int fd)
{
	char path[4096];

	if (control == NULL || armed(NOTHING) || armed(MEMORY) ||
	    armed(KILL_MEMORY))
		return false;
	find_path(fd, path);
	return is_database(path);
}

static void
die_at(enum what what)
{
	if (hit(what))
		kill(getpid(), SIGKILL);
}

static bool
write_fails(int fd)
{
	if (!of_database(fd))
		return false;
	die_at(KILL_WRITE);
	return hit(WRITE);
}

ssize_t
pwrite64(int fd, const void *data, size_t n, off64_t at)
{
	return write_fails(fd) ? -1 :
	    syscall(SYS_pwrite64, fd, data, n, at);
}

ssize_t
pwrite(int fd, const void *data, size_t n, off_t at)
{
	return pwrite64(fd, data, n, at);
}

static void
answer_begins(int fd)
{
	struct stat st;

	if (armed(KILL_ANSWER) && fstat(fd, &st) == 0 &&
	    S_ISSOCK(st.st_mode))
		die_at(KILL_ANSWER);
}

ssize_t
write(int fd, const void *data, size_t n)
{
	answer_begins(fd);
	return write_fails(fd) ? -1 : syscall(SYS_write, fd, data, n);
}

ssize_t
writev(int fd, const struct iovec *v, int n)
{
	answer_begins(fd);
	return write_fails(fd) ? -1 : syscall(SYS_writev, fd, v, n);
}

/* libcurl writes with send(). */
ssize_t
send(int fd, const void *data, size_t n, int flags)
{
	die_at(KILL_ANSWER);
	return syscall(SYS_sendto, fd, data, n, flags, NULL, 0);
}

static int
synced(int fd, long call)
{
	bool ours = of_database(fd);
	int rc;

	if (ours && hit(SYNC))
		return -1;
	rc = (int)syscall(call, fd);
	if (ours)
		die_at(KILL_SYNC);
	return rc;
}

int
fdatasync(int fd)
{
	return synced(fd, SYS_fdatasync);
}

int
fsync(int fd)
{
	return synced(fd, SYS_fsync);
}

/* Kills the program if the file is the database or will replace it. */
static void
named(const char *path)
{
	if (armed(KILL_NAME) && is_database(path))
		die_at(KILL_NAME);
}

int
rename(const char *from, const char *to)
{
	named(from);
	return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
renameat(int dir, const char *from, int to_dir, const char *to)
{
	named(from);
	return (int)syscall(SYS_renameat2, dir, from, to_dir, to, 0);
}

int
renameat2(int dir, const char *from, int to_dir, const char *to,
    unsigned flags)
{
	named(from);
	return (int)syscall(SYS_renameat2, dir, from, to_dir, to, flags);
}

int
link(const char *from, const char *to)
{
	named(from);
	return (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

struct dirent *
readdir(DIR *d)
{
	static struct dirent *(*next)(DIR *);
	char path[4096];

	if (armed(FOLDER)) {
		find_path(dirfd(d), path);
		if (strstr(path, "/media") != NULL && hit(FOLDER))
			return NULL;
	}
	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "readdir64");
	return next(d);
}

/* The functions of glibc. */
void	*__libc_malloc(size_t);
void	*__libc_calloc(size_t, size_t);
void	*__libc_realloc(void *, size_t);

static bool
no_memory(void)
{
	die_at(KILL_MEMORY);
	return hit(MEMORY);
}

void *
malloc(size_t n)
{
	return no_memory() ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return no_memory() ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	return no_memory() ? NULL : __libc_realloc(p, n);
}
