/*
 * picture_sandbox: what a decoder that an attacker controls can do. Each case
 * is a process that enters the sandbox of earmark-picture and then tries it.
 */
#include "cmd/picture/sandbox.h"

#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/image_decoder.h"
#include "t/unit/unit.h"

#define SURVIVED 77

static int output;			/* a file in memory */

static void
open_file(void)
{
	open("/etc/passwd", O_RDONLY);
}

static void
create_file(void)
{
	open("/tmp/created", O_WRONLY | O_CREAT, 0600);
}

static void
open_socket(void)
{
	socket(AF_INET, SOCK_STREAM, 0);
}

static void
make_pipe(void)
{
	int fds[2];

	(void)!pipe(fds);
}

static void
start_process(void)
{
	fork();
}

static void
run_program(void)
{
	char *argv[] = { (char[]){ "true" }, NULL };

	execv("/bin/true", argv);
}

static void
signal_parent(void)
{
	kill(getppid(), SIGTERM);
}

static void
write_elsewhere(void)
{
	(void)!write(2, "x", 1);
}

static void
sync_elsewhere(void)
{
	fsync(2);
}

static void
write_folder(void)
{
	(void)!write(IMAGE_DECODER_FD_FOLDER, "x", 1);
}

static void
read_result(void)
{
	char c;

	(void)!pread(IMAGE_DECODER_FD_FULL, &c, 1, 0);
}

static void
read_descriptor(void)
{
	char c;

	(void)!read(0, &c, 1);
}

static void
make_code(void)
{
	mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void
map_file(void)
{
	mmap(NULL, 4096, PROT_READ, MAP_SHARED, 1, 0);
}

static void
trace_process(void)
{
	syscall(SYS_process_vm_readv, getpid(), NULL, 0, NULL, 0, 0);
}

static void
raise_limit(void)
{
	syscall(SYS_prlimit64, 0, 0, NULL, NULL);
}

/* Runs f in the sandbox. Returns the status of the process. */
static int
run_inside(void (*f)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		dup2(output, IMAGE_DECODER_FD_FULL);
		dup2(output, IMAGE_DECODER_FD_THUMB);
		dup2(output, IMAGE_DECODER_FD_FOLDER);
		if (!sandbox_enter())
			_exit(1);
		f();
		_exit(SURVIVED);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
hostile(void **state)
{
	static void (*const all[])(void) = { open_file, create_file,
	    open_socket, make_pipe, start_process, run_program, signal_parent,
	    write_elsewhere, sync_elsewhere, write_folder, read_result,
	    read_descriptor, make_code, map_file, trace_process, raise_limit };
	size_t i;
	int status;

	(void)state;
	if (emulated())
		return;
	for (i = 0; i < NELEM(all); i++) {
		status = run_inside(all[i]);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
			fail_msg("case %zu: status %#x", i, status);
	}
}

static int
compare(const void *a, const void *b)
{
	return *(const char *)a - *(const char *)b;
}

/* What decoders do. */
static void
use_little(void)
{
	char *p = malloc(1 << 20);

	if (p == NULL || write(IMAGE_DECODER_FD_FULL, "result", 6) != 6 ||
	    write(IMAGE_DECODER_FD_THUMB, "small", 5) != 5 ||
	    fsync(IMAGE_DECODER_FD_FULL) != 0 ||
	    fsync(IMAGE_DECODER_FD_THUMB) != 0 ||
	    fsync(IMAGE_DECODER_FD_FOLDER) != 0)
		_exit(1);
	memset(p, 1, 1 << 20);
	qsort(p, 1 << 16, 1, compare);
	free(p);
}

static void
write_much(void)
{
	static char block[65536];
	int i;

	for (i = 0; i < 2 * IMAGE_DECODER_OUT_MAX / (int)sizeof(block); i++)
		if (write(1, block, sizeof(block)) < 0)
			_exit(1);
}

static void
work_long(void)
{
	volatile unsigned n = 0;

	for (;;)
		n++;
}

/*
 * The filter must have been built for the system calls of this processor: their
 * numbers differ, and some processors lack some of them.
 */
static void
filter(void **state)
{
	static const char *const names[] = { "brk", "munmap", "mremap",
	    "madvise", "futex", "getrandom", "clock_gettime", "gettimeofday",
	    "exit_group", "rt_sigreturn", "sysinfo", "mmap", "mprotect",
	    "write", "fsync" };
	static char text[65536];
	int fd = memfd_create("filter", 0);
	char line[64];
	size_t i;
	void *f;

	(void)state;
	/* The level of kernels that can kill a process (Linux 4.14). */
	if (emulated())
		assert_int_equal(seccomp_api_set(3), 0);
	f = sandbox_filter();
	assert_non_null(f);
	assert_int_equal(seccomp_export_pfc(f, fd), 0);
	assert_true(pread(fd, text, sizeof(text) - 1, 0) > 0);
	for (i = 0; i < NELEM(names); i++) {
		snprintf(line, sizeof(line), "syscall \"%s\" (%d)", names[i],
		    seccomp_syscall_resolve_name(names[i]));
		if (strstr(text, line) == NULL)
			fail_msg("no rule for %s", line);
	}
	assert_non_null(strstr(text, "default action\n  action KILL_PROCESS"));
	assert_null(strstr(text, "\"open"));
	seccomp_release(f);
	close(fd);
}

static void
bounds(void **state)
{
	int status;

	(void)state;
	if (emulated())
		return;
	status = run_inside(use_little);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == SURVIVED);
	status = run_inside(write_much);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ);
	assert_true(lseek(output, 0, SEEK_END) <= IMAGE_DECODER_OUT_MAX);
}

static void
cpu_time(void **state)
{
	int status;

	(void)state;
	/* Takes SANDBOX_CPU seconds, so it runs only at full length. */
	if (emulated() || getenv("EARMARK_FAULT") == NULL)
		return;
	status = run_inside(work_long);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU);
}

#ifndef __SANITIZE_ADDRESS__
static void
use_much(void)
{
	size_t n = 0;

	while (malloc(1 << 20) != NULL)
		n += 1 << 20;
	_exit(n < SANDBOX_MEMORY ? SURVIVED : 1);
}

static void
memory(void **state)
{
	int status;

	(void)state;
	if (emulated())
		return;
	status = run_inside(use_much);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == SURVIVED);
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile),
		cmocka_unit_test(filter),
		cmocka_unit_test(bounds),
		cmocka_unit_test(cpu_time),
#ifndef __SANITIZE_ADDRESS__
		cmocka_unit_test(memory),
#endif
	};

	output = memfd_create("output", MFD_CLOEXEC);
	if (output < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
