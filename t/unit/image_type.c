/* image_type: recognizing the formats of images. */
#include "base/image_type.h"

#include "t/unit/unit.h"

/* The bytes are in memory of exactly their size, for the sanitizers. */
static const char *
type(const char *bytes, size_t n)
{
	char *copy = malloc(n > 0 ? n : 1);
	const char *result;

	memcpy(copy, bytes, n);
	result = image_type(copy, n);
	free(copy);
	return result;
}

static void
types(void **state)
{
	static const char png[] = "\x89PNG\r\n\x1a\n", jpeg[] = "\xff\xd8\xff",
	    webp[] = "RIFF1234WEBP";
	size_t n;

	(void)state;
	assert_string_equal(type(png, 8), "png");
	assert_string_equal(type(jpeg, 4), "jpg");
	assert_string_equal(type(webp, 12), "webp");
	for (n = 0; n < 8; n++)
		assert_null(type(png, n));
	for (n = 0; n < 4; n++)
		assert_null(type(jpeg, n));
	for (n = 0; n < 12; n++)
		assert_null(type(webp, n));
	assert_null(type("RIFF1234WAVE", 12));
	assert_null(type("GIF89a\1\0\1\0\0\0", 12));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(types) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
