/*
 * fail_nth: the n-th write, sync or allocation of a program fails, or the program
 * is killed right there. A library for LD_PRELOAD.
 *
 *	NTH=CONTROL LD_PRELOAD=t/faults/tools/fail_nth.so PROGRAM ...
 *
 * CONTROL is a file of ten words, mapped by whoever is to fail and by the test
 * (fail_nth.py), which arms and disarms it while the program runs: what, which one
 * (from 1), whether all behind it fail too, with which error; then what was
 * seen and what has failed since; then, in 32 bytes, the name of the program.
 * Others that load the library do as always.
 *
 * Writes and syncs are those of the database and its log alone: a file whose
 * path has "/earmark.db" in it. libfiu fails by chance, and in every file and
 * socket; this counts, so that a sweep over n meets each place once.
 */
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
#include <unistd.h>

enum what {
	NOTHING, WRITE, SYNC, MEMORY,	/* these fail */
	KILL_WRITE,			/* killed in place of a write */
	KILL_SYNC,			/* killed behind a sync */
	KILL_ANSWER,			/* in place of a write to a socket */
	KILL_MEMORY,			/* in place of an allocation */
	KILL_NAME			/* in place of a new name of a file */
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

/* Is that what is armed, and for us? */
static bool
armed(enum what what)
{
	return control != NULL &&
	    atomic_load(&control->what) == (int64_t)what &&
	    strncmp(control->program, program_invocation_short_name,
	    sizeof(control->program)) == 0;
}

/* Is this the one? Counts it. */
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

static bool
of_database(int fd)
{
	char link[64], path[4096];
	ssize_t n;

	if (control == NULL || armed(NOTHING) || armed(MEMORY) ||
	    armed(KILL_MEMORY))
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n <= 0)
		return false;
	path[n] = '\0';
	return strstr(path, "/earmark.db") != NULL;
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

ssize_t
write(int fd, const void *data, size_t n)
{
	struct stat st;

	if (armed(KILL_ANSWER) && fstat(fd, &st) == 0 &&
	    S_ISSOCK(st.st_mode))
		die_at(KILL_ANSWER);
	return write_fails(fd) ? -1 : syscall(SYS_write, fd, data, n);
}

/* libcurl's way to write. */
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

/* Of the database, or what will be it. */
static void
named(const char *path)
{
	if (armed(KILL_NAME) && strstr(path, "/earmark.db") != NULL)
		die_at(KILL_NAME);
}

int
rename(const char *from, const char *to)
{
	named(from);
	return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
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

/* glibc's own, under other names. */
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
