/* file_install: files that exist only if they are complete. */
#include "base/file_install.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_copy.h"
#include "base/hash.h"
#include "base/write_all.h"
#include "t/unit/unit.h"

static char dir[] = "/tmp/install-XXXXXX";
static int at;

static void
check_content(const char *name, const char *want)
{
	char got[64] = "";
	int fd = openat(at, name, O_RDONLY);

	assert_true(fd >= 0);
	assert_true(read(fd, got, sizeof(got) - 1) >= 0);
	close(fd);
	assert_string_equal(got, want);
}

/* The folder must contain only "a". */
static void
check_no_part(void)
{
	assert_int_not_equal(faccessat(at, ".a.part", F_OK, 0), 0);
}

static void
install(void **state)
{
	struct file_install f;
	struct stat st;

	(void)state;
	assert_true(file_install_begin(&f, at, "a", 0644));
	assert_true(write_all(f.fd, "one", 3));
	assert_int_not_equal(faccessat(at, "a", F_OK, 0), 0);
	assert_true(file_install_end(&f, true));
	check_content("a", "one");
	check_no_part();
	assert_int_equal(fstatat(at, "a", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	assert_true(file_install_bytes(at, "a", 0600, "two", 3));
	check_content("a", "two");
}

static void
keep_older(void **state)
{
	struct file_install f;

	(void)state;
	assert_true(file_install_begin(&f, at, "a", 0600));
	assert_true(write_all(f.fd, "thr", 3));
	errno = ENOSPC;
	assert_false(file_install_end(&f, false));
	assert_int_equal(errno, ENOSPC);
	check_content("a", "two");
	check_no_part();
	/* A killed process leaves a part, which is not continued. */
	assert_true(file_install_begin(&f, at, "a", 0600));
	assert_true(write_all(f.fd, "a long rest", 11));
	close(f.fd);
	assert_true(file_install_bytes(at, "a", 0600, "new", 3));
	check_content("a", "new");
	check_no_part();
}

static void
failures(void **state)
{
	struct file_install f;
	char path[64];

	(void)state;
	assert_false(file_install_begin(&f, at, "none/a", 0600));
	assert_int_equal(errno, ENOENT);
	assert_false(file_install_end(&f, true));
	assert_int_equal(errno, ENOENT);
	/* A folder cannot be replaced by a file. */
	assert_int_equal(mkdirat(at, "folder", 0700), 0);
	assert_false(file_install_bytes(at, "folder", 0600, "x", 1));
	assert_int_equal(errno, EISDIR);
	assert_int_not_equal(faccessat(at, ".folder.part", F_OK, 0), 0);
	assert_int_equal(unlinkat(at, "folder", AT_REMOVEDIR), 0);
	/* A path. */
	snprintf(path, sizeof(path), "%s/b", dir);
	assert_true(file_install_bytes(AT_FDCWD, path, 0600, "x", 1));
	check_content("b", "x");
}

static void
copy(void **state)
{
	int from = openat(at, "a", O_RDONLY), to = openat(at, "b", O_RDWR);
	int full = open("/dev/full", O_WRONLY);
	struct hashing *h = hash_begin();
	struct hash is, want = hash_sha256("new", 3);

	(void)state;
	assert_true(from >= 0 && to >= 0 && full >= 0);
	assert_int_equal(file_copy(from, to, h), 3);
	is = hash_end(h);
	assert_memory_equal(is.b, want.b, sizeof(want.b));
	check_content("b", "new");
	assert_int_equal(file_copy(from, -1, NULL), 0);
	assert_int_equal(lseek(from, 0, SEEK_SET), 0);
	assert_int_equal(file_copy(from, full, NULL), -1);
	assert_int_equal(errno, ENOSPC);
	close(from);
	close(to);
	close(full);
	assert_int_equal(unlinkat(at, "a", 0), 0);
	assert_int_equal(unlinkat(at, "b", 0), 0);
	assert_int_equal(rmdir(dir), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(install),
		cmocka_unit_test(keep_older),
		cmocka_unit_test(failures),
		cmocka_unit_test(copy),
	};

	if (mkdtemp(dir) == NULL)
		return 1;
	at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return at < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
