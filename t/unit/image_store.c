/* image_store: the names of images, and storing files. */
#include "base/image_store.h"

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
	char a[IMAGE_STORE_NAME], b[IMAGE_STORE_NAME], c[IMAGE_STORE_NAME];

	(void)state;
	image_store_name(7, png, N(png), "webp", a);
	image_store_name(7, png, N(png), "webp", b);
	image_store_name(8, png, N(png), "webp", c);
	assert_int_equal(strlen(a), IMAGE_STORE_NAME - 1);
	assert_memory_equal(a, b, IMAGE_STORE_CONTENT);
	assert_string_not_equal(a, b);
	assert_memory_not_equal(a, c, IMAGE_STORE_CONTENT);
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

static void
put_and_drop(void **state)
{
	char path[64], got[sizeof(png)];
	FILE *f;

	(void)state;
	assert_int_equal(image_store_put(dir, "x.png", png, N(png)), RC_OK);
	assert_int_equal(image_store_put(dir, "x.png", png, N(png)), RC_OK);
	snprintf(path, sizeof(path), "%s/x.png", dir);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fread(got, 1, sizeof(got), f), N(png));
	fclose(f);
	assert_memory_equal(got, png, N(png));
	assert_int_equal(image_store_put(dir, "x-256.png", png, 9), RC_OK);
	assert_true(image_store_has(dir, "x-256.png"));
	assert_false(image_store_has(dir, "y.png"));
	image_store_drop(dir, "x.png");
	image_store_drop(dir, "x.png");
	assert_int_equal(access(path, F_OK), -1);
	/* The folder contains no other file, so it can be removed. */
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(image_store_put(dir, "x.png", png, N(png)), RC_FAULT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(thumbs),
		cmocka_unit_test(put_and_drop),
	};

	if (mkdtemp(dir) == NULL)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
