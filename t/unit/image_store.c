/* image_store: the names of images, and storing files. */
#include "base/image_store.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/arena.h"
#include "t/unit/unit.h"

static char dir[] = "/tmp/media-XXXXXX";

/* An image of 1 x 1 pixels, written by hand. */
static const uint8_t png[] =
    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\0\0\0\0\x3a\x7e\x9b\x55"
    "\0\0\0\nIDATx\x9c\x63\x60\0\0\0\2\0\1\x48\xaf\xa4\x71"
    "\0\0\0\0IEND\xae\x42\x60\x82";

#define N(a) (sizeof(a) - 1)

static void
names(void **state)
{
	char a[IMAGE_STORE_NAME], b[IMAGE_STORE_NAME];

	(void)state;
	image_store_name("webp", a);
	image_store_name("webp", b);
	assert_int_equal(strlen(a), IMAGE_STORE_NAME - 1);
	assert_string_not_equal(a, b);
}

static void
parsing(void **state)
{
	static const char *const others[] = { "", ".", "x.png", "a-256.jpg",
	    "00112233445566778899aabbccddeeff-01234567",
	    "00112233445566778899aabbccddeeff-01234567.gif",
	    "00112233445566778899aabbccddeeff-01234567.png.old",
	    "00112233445566778899aabbccddeeff-0123456.png",
	    "00112233445566778899aabbccddeef-01234567.png",
	    "00112233445566778899AABBCCDDEEFF-01234567.png",
	    "00112233445566778899aabbccddeeff-01234567-512.png",
	    ".00112233445566778899aabbccddeeff-01234567.png" };
	static const char *const types[] = { "jpg", "png", "webp" };
	char name[IMAGE_STORE_NAME], got[IMAGE_STORE_NAME];
	char thumb[IMAGE_STORE_THUMB_NAME];
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(types); i++) {
		image_store_name(types[i], name);
		image_store_thumb(name, thumb);
		assert_true(image_store_parse(name, got));
		assert_string_equal(got, name);
		assert_true(image_store_parse(thumb, got));
		assert_string_equal(got, name);
	}
	for (i = 0; i < NELEM(others); i++)
		if (image_store_parse(others[i], got))
			fail_msg("%s", others[i]);
}

static void
thumbs(void **state)
{
	char thumb[IMAGE_STORE_THUMB_NAME];

	(void)state;
	image_store_thumb("abc.webp", thumb);
	assert_string_equal(thumb, "abc-256.webp");
	image_store_thumb("a.b.jpg", thumb);
	assert_string_equal(thumb, "a.b-256.jpg");
	image_store_thumb("abc", thumb);
	assert_string_equal(thumb, "abc-256");
}

/* New files are locked until they are complete. */
static void
create(void **state)
{
	struct image_store_files f, other;
	char path[64];
	int fd;

	(void)state;
	assert_int_equal(image_store_create(dir, "a.png", &f), RC_OK);
	assert_int_equal(write(f.full, png, N(png)), N(png));
	assert_int_equal(write(f.thumb, png, 9), 9);
	snprintf(path, sizeof(path), "%s/a-256.png", dir);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_false(image_store_complete(fd));
	image_store_close(&f);
	assert_true(image_store_complete(fd));
	close(fd);
	assert_int_equal(image_store_create(dir, "b.png", &other), RC_OK);
	assert_false(image_store_same(dir, "a.png", "b.png"));
	assert_int_equal(write(other.full, png, N(png)), N(png));
	assert_true(image_store_same(dir, "a.png", "b.png"));
	assert_int_equal(pwrite(other.full, "x", 1, N(png) - 1), 1);
	assert_false(image_store_same(dir, "a.png", "b.png"));
	assert_false(image_store_same(dir, "a.png", "c.png"));
	image_store_close(&other);
	image_store_drop(dir, "a.png");
	image_store_drop(dir, "b.png");
}

/* An image that cannot be opened is not taken for one that does not exist. */
static void
get(void **state)
{
	struct rlimit was, few;
	struct image_store_files f;
	struct arena a;
	uint8_t *bytes;
	size_t n;
	int fd;

	(void)state;
	arena_init(&a, 4096);
	assert_int_equal(image_store_create(dir, "a.png", &f), RC_OK);
	assert_int_equal(write(f.full, png, N(png)), N(png));
	image_store_close(&f);
	assert_int_equal(image_store_get(dir, "a.png", &a, 1000, &bytes, &n),
	    RC_OK);
	assert_int_equal(n, N(png));
	assert_memory_equal(bytes, png, n);
	assert_int_equal(image_store_get(dir, "a.png", &a, 9, &bytes, &n),
	    RC_TOO_LARGE);
	assert_int_equal(image_store_get(dir, "b.png", &a, 1000, &bytes, &n),
	    RC_NOT_FOUND);
	/* Only the folder can be opened. */
	fd = dup(STDERR_FILENO);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	few = was;
	few.rlim_cur = (rlim_t)fd + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_int_equal(image_store_get(dir, "a.png", &a, 1000, &bytes, &n),
	    RC_FAULT);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	image_store_drop(dir, "a.png");
	arena_free(&a);
}

static void
drop(void **state)
{
	struct image_store_files f;

	(void)state;
	assert_int_equal(image_store_create(dir, "x.png", &f), RC_OK);
	image_store_close(&f);
	assert_true(image_store_has(dir, "x-256.png"));
	assert_false(image_store_has(dir, "y.png"));
	image_store_drop(dir, "x.png");
	image_store_drop(dir, "x.png");
	assert_false(image_store_has(dir, "x.png"));
	/* The folder contains no other file, so it can be removed. */
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(image_store_create(dir, "x.png", &f), RC_FAULT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(parsing),
		cmocka_unit_test(thumbs),
		cmocka_unit_test(create),
		cmocka_unit_test(get),
		cmocka_unit_test(drop),
	};

	if (mkdtemp(dir) == NULL)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
