/* seal: texts are decrypted with their key only, in any order of calls. */
#include "unit.h"

#include <string.h>

#include "base/seal.h"

static struct arena a;
static const struct hash one = { { 1 } }, two = { { 2 } };

static void
round_trip(void **state)
{
	const char *texts[] = { "", "x", "नमस्ते, you earned 500" };
	char *sealed[3], *again;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		sealed[i] = seal_text(&a, i == 1 ? &two : &one, texts[i]);
	for (size_t i = 3; i-- > 0;)
		assert_string_equal(seal_open(&a, i == 1 ? &two : &one,
		    sealed[i]), texts[i]);
	again = seal_text(&a, &one, texts[2]);
	assert_string_not_equal(again, sealed[2]);
	assert_null(seal_text(&a, &one, NULL));
	assert_null(seal_open(&a, &one, NULL));
	assert_string_equal(seal_open(&a, &one, "plain"), "plain");
}

/* A failed attempt does not disturb the next ones. */
static void
another_key(void **state)
{
	char *sealed = seal_text(&a, &one, "secret"), *last;

	(void)state;
	assert_null(seal_open(&a, &two, sealed));
	assert_string_equal(seal_open(&a, &one, sealed), "secret");
	last = sealed + strlen(sealed) - 2;
	*last = *last == 'A' ? 'B' : 'A';
	assert_null(seal_open(&a, &one, sealed));
	sealed = seal_text(&a, &two, "another");
	assert_string_equal(seal_open(&a, &two, sealed), "another");
	assert_null(seal_open(&a, &one, "sealed:1:AAAA"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(another_key),
	};

	arena_init(&a, 1 << 20);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
