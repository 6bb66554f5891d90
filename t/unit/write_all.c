/* write_all: writes complete, to descriptors that take a part at a time. */
#include "base/write_all.h"

#include <sys/socket.h>
#include <sys/time.h>

#include "t/unit/unit.h"

#define SIZE	(512 * 1024)

static char sent[SIZE], got[SIZE + SIZE / 8];

/* Reads slowly, until the end of the file. */
static size_t
read_all(int fd)
{
	size_t n = 0;
	ssize_t r;

	do {
		usleep(2000);
		r = read(fd, got + n, SIZE / 8);
		n += r > 0 ? (size_t)r : 0;
	} while (r > 0 && n <= SIZE);
	return n;
}

static void
on_alarm(int sig)
{
	(void)sig;
}

/* Lets signals interrupt calls, so that they write a part or nothing. */
static void
interrupt_calls(void)
{
	const struct itimerval every = { { 0, 500 }, { 0, 500 } };
	const struct sigaction act = { .sa_handler = on_alarm };

	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
}

static bool
write_interrupted(int fd, struct iovec *v, int n)
{
	interrupt_calls();
	return write_all_vec(fd, v, n);
}

/* Writes in another process, as a socket holds less than SIZE bytes. */
static void
check_pieces(struct iovec *v, int n)
{
	int fds[2], status;
	pid_t child;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	child = fork();
	if (child == 0)
		_exit(write_interrupted(fds[0], v, n) ? 0 : 1);
	close(fds[0]);
	assert_int_equal(read_all(fds[1]), SIZE);
	assert_memory_equal(got, sent, SIZE);
	close(fds[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void
all_pieces_are_written_in_order(void **state)
{
	size_t cuts[] = { 0, 1, 8, 4096, SIZE / 2, SIZE - 1, SIZE }, i, k;

	(void)state;
	for (i = 0; i < SIZE; i++)
		sent[i] = (char)(i * 7919 >> 5);
	for (i = 0; i < NELEM(cuts); i++)
		for (k = i; k < NELEM(cuts); k++) {
			struct iovec v[] = {
				{ sent, cuts[i] },
				{ sent + cuts[i], cuts[k] - cuts[i] },
				{ sent + cuts[k], SIZE - cuts[k] },
			};

			check_pieces(v, NELEM(v));
		}
}

static void
no_bytes_are_no_write(void **state)
{
	struct iovec v[2] = { { sent, 0 }, { sent, 0 } };

	(void)state;
	assert_true(write_all_vec(-1, v, NELEM(v)));
	assert_true(write_all_vec(-1, v, 0));
	assert_true(write_all(-1, sent, 0));
}

static void
a_failure_is_reported(void **state)
{
	struct iovec v[] = { { sent, 1 } };

	(void)state;
	assert_false(write_all_vec(-1, v, NELEM(v)));
	assert_false(write_all(-1, sent, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_pieces_are_written_in_order),
		cmocka_unit_test(no_bytes_are_no_write),
		cmocka_unit_test(a_failure_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
