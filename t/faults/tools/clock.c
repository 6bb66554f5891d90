/*
 * clock: changes the clock of a program, for LD_PRELOAD. Adds the number of
 * seconds in the file EM_CLOCK (no file: 0) to CLOCK_REALTIME, and reads the
 * file at each call. CLOCK_MONOTONIC is unchanged.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int
clock_gettime(clockid_t id, struct timespec *t)
{
	const char *name = getenv("EM_CLOCK");
	char text[32] = "";
	long got = syscall(SYS_clock_gettime, id, t);
	int fd;

	if (got != 0 || id != CLOCK_REALTIME || name == NULL)
		return (int)got;
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) > 0)
		t->tv_sec += strtol(text, NULL, 10);
	close(fd);
	return 0;
}
