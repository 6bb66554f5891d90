/* process_status: the status files of workers. */
#include "base/process_status.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "t/unit/temp_folder.h"

static struct conf conf;

/* Opens the status file of a process and locks it as one that checks it. */
static int
check_file(pid_t pid)
{
	char name[32];
	int fd;

	snprintf(name, sizeof(name), "worker-user-%d", (int)pid);
	fd = open(temp_folder_path(name), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_SH | LOCK_NB), 0);
	return fd;
}

static void
begin(void **state)
{
	struct process_status w;

	(void)state;
	assert_true(process_status_worker_begin(&conf, POOL_USER));
	process_status_ready(&conf, POOL_USER, &w);
	assert_int_equal(w.n, 0);
	process_status_worker_state("ready");
	process_status_ready(&conf, POOL_USER, &w);
	assert_int_equal(w.n, 1);
	assert_int_equal(w.pid[0], getpid());
	process_status_worker_end();
	process_status_ready(&conf, POOL_USER, &w);
	assert_int_equal(w.n, 0);
}

/* A busy machine may not run the process that checks the file for a while. */
static void
checked_for_long(void **state)
{
	pid_t child;
	int fd, status;

	(void)state;
	fd = check_file(getpid());
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		usleep(500 * 1000);
		_exit(0);
	}
	close(fd);	/* The child has the lock. */
	assert_true(process_status_worker_begin(&conf, POOL_USER));
	process_status_worker_end();
	assert_int_equal(waitpid(child, &status, 0), child);
}

static int
create(void **state)
{
	(void)state;
	conf.run_dir = temp_folder;
	return temp_folder_create();
}

static int
destroy(void **state)
{
	(void)state;
	return temp_folder_remove();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(begin),
		cmocka_unit_test(checked_for_long),
	};

	return cmocka_run_group_tests(tests, create, destroy);
}
