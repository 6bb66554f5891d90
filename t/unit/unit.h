/* unit: helper functions of the unit tests. */
#ifndef UNIT_H
#define UNIT_H

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"

/*
 * Returns whether an emulator runs the program (make arm64-check). qemu-user is
 * slow, has no seccomp and does not limit memory, so tests that need these
 * return. They do not call skip(): prove counts a test that cmocka 1.1 skips as
 * failed.
 */
static inline bool
emulated(void)
{
	return getenv("EARMARK_EMULATED") != NULL;
}

/*
 * Runs the function in a child process whose standard error is discarded.
 * Returns the status of waitpid(); the exit code is 0 if the function returns.
 */
static inline int
child_status(void (*f)(void))
{
	pid_t child = fork();
	int status, null;

	assert_true(child >= 0);
	if (child == 0) {
		null = open("/dev/null", O_WRONLY);
		dup2(null, STDERR_FILENO);
		signal(SIGABRT, SIG_DFL);
		signal(SIGSEGV, SIG_DFL);
		f();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

/* Returns whether the function ends the process with BUG(). */
static inline bool
dies(void (*f)(void))
{
	int status = child_status(f);

	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

#endif
