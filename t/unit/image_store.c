/* image_store: recognizing image types, and storing files. */
#include "base/image_store.h"

#include "t/unit/unit.h"

static char dir[] = "/tmp/media-XXXXXX";

/* An image of 1 x 1 pixels, written by hand. */
static const uint8_t png[] =
    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\0\0\0\0\x3a\x7e\x9b\x55"
    "\0\0\0\nIDATx\x9c\x63\x60\0\0\0\2\0\1\x48\xaf\xa4\x71"
    "\0\0\0\0IEND\xae\x42\x60\x82";
static const uint8_t jpeg[] =
    "\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"
    "\xff\xc0\0\x0b\x08\0\1\0\1\1\1\x11\0\xff\xd9";
static const uint8_t webp[] =
    "RIFF\x16\0\0\0WEBPVP8L\x09\0\0\0\x2f\0\0\0\0\x88\x88\x08\0\0";

#define N(a) (sizeof(a) - 1)

static void
types(void **state)
{
	(void)state;
	assert_string_equal(image_store_type(png, N(png)), "png");
	assert_string_equal(image_store_type(jpeg, N(jpeg)), "jpg");
	assert_string_equal(image_store_type(webp, N(webp)), "webp");
	assert_null(image_store_type("", 0));
	assert_null(image_store_type("GIF89a", 6));
}

/*
 * Truncated or changed images must not cause reads beyond the end, which the
 * sanitizers detect.
 */
static void
cut_or_changed(void **state)
{
	static const struct {
		const uint8_t *p;
		size_t n;
	} all[] = {
		{ png, N(png) }, { jpeg, N(jpeg) }, { webp, N(webp) },
	};
	uint8_t *copy;
	size_t i, n, at;
	int v;

	(void)state;
	for (i = 0; i < NELEM(all); i++) {
		for (n = 0; n < all[i].n; n++) {
			copy = malloc(n == 0 ? 1 : n);
			memcpy(copy, all[i].p, n);
			/*
			 * The size in RIFF may include the padding byte or not.
			 */
			if (!(all[i].p == webp && n + 1 == all[i].n))
				assert_null(image_store_type(copy, n));
			free(copy);
		}
		copy = malloc(all[i].n);
		for (at = 0; at < all[i].n; at++)
			for (v = 0; v < 256; v += 15) {
				memcpy(copy, all[i].p, all[i].n);
				copy[at] = (uint8_t)v;
				image_store_type(copy, all[i].n);
			}
		free(copy);
	}
}

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
		cmocka_unit_test(types),
		cmocka_unit_test(cut_or_changed),
		cmocka_unit_test(names),
		cmocka_unit_test(put_and_drop),
	};

	if (mkdtemp(dir) == NULL)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
