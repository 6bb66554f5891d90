/* temp_file: files without a name. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/temp_file.h"

int __real_open(const char *, int, ...);
int __wrap_open(const char *, int, ...);

static int tmpfile_error;		/* 0: the file system has O_TMPFILE */

int
__wrap_open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = va_arg(ap, mode_t);
	va_end(ap);
	if ((flags & O_TMPFILE) == O_TMPFILE && tmpfile_error != 0) {
		errno = tmpfile_error;
		return -1;
	}
	return __real_open(path, flags, mode);
}

/* Opens, checks and closes a file in a new folder. */
static void
check_file(void)
{
	char dir[] = "/tmp/temp_file.XXXXXX", spool[64], got[5] = "";
	struct stat st;
	int fd;

	assert_non_null(mkdtemp(dir));
	snprintf(spool, sizeof(spool), "%s/spool", dir);
	fd = temp_file_open(spool);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_nlink, 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(pwrite(fd, "text", 4, 0), 4);
	assert_int_equal(pread(fd, got, 4, 0), 4);
	assert_string_equal(got, "text");
	close(fd);
	/* The folder is empty: the file never had a name, or has lost it. */
	assert_int_equal(rmdir(spool), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void
a_file_has_no_name_with_and_without_o_tmpfile(void **state)
{
	(void)state;
	tmpfile_error = 0;
	check_file();
	tmpfile_error = EOPNOTSUPP;
	check_file();
	tmpfile_error = EISDIR;
	check_file();
}

static void
other_errors_are_returned(void **state)
{
	(void)state;
	tmpfile_error = ENOSPC;
	assert_int_equal(temp_file_open("/tmp"), -1);
	assert_int_equal(errno, ENOSPC);
	tmpfile_error = 0;
	assert_int_equal(temp_file_open("/tmp/no/such/folder"), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(temp_file_open("/dev/null"), -1);
	assert_int_equal(errno, ENOTDIR);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_has_no_name_with_and_without_o_tmpfile),
		cmocka_unit_test(other_errors_are_returned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
