/* uuid: RFC 9562, version 7. */
#include "unit.h"

#include "base/uuid.h"

#define NOW INT64_C(1719137527123)

static void
new_ones_are_version_7(void **state)
{
	char text[UUID_TEXT], early[UUID_TEXT];
	struct uuid u;
	int i;

	(void)state;
	for (i = 0; i < 100; i++) {
		u = uuid_new(NOW);
		uuid_text(&u, text);
		/* The time: 48 bits of milliseconds. */
		assert_memory_equal(text, "01904494-e553-7", 15);
		assert_non_null(strchr("89ab", text[19]));
		u = uuid_new(NOW - 1);
		uuid_text(&u, early);
		assert_true(strcmp(early, text) < 0);
	}
}

static void
new_ones_differ(void **state)
{
	static struct uuid all[2000];
	size_t i, k;

	(void)state;
	for (i = 0; i < NELEM(all); i++) {
		all[i] = uuid_new(NOW);
		for (k = 0; k < i; k++)
			if (memcmp(&all[i], &all[k], sizeof(all[i])) == 0)
				fail_msg("%zu and %zu are the same", i, k);
	}
}

static void
text_both_ways(void **state)
{
	char text[UUID_TEXT];
	struct uuid u;
	int i;

	(void)state;
	assert_true(uuid_parse("00112233-4455-6677-8899-aAbBcCdDeEfF", &u));
	for (i = 0; i < 16; i++)
		assert_int_equal(u.b[i], i * 17);
	uuid_text(&u, text);
	assert_string_equal(text, "00112233-4455-6677-8899-aabbccddeeff");
}

static void
what_is_no_uuid_is_refused(void **state)
{
	static const char *const bad[] = { "", "0", "-",
		"00112233-4455-6677-8899-aabbccddeef",
		"00112233-4455-6677-8899-aabbccddeeff0",
		"00112233-4455-6677-8899-aabbccddeeff ",
		" 0112233-4455-6677-8899-aabbccddeeff",
		"00112233445566778899aabbccddeeff",
		"00112233445566778899aabbccddeeff0000",
		"{00112233-4455-6677-8899-aabbccddeef}",
		"00112233-4455-6677-8899-aabbccddeefg",
		"00112233-4455-6677-8899_aabbccddeeff",
		"001122334-455-6677-8899-aabbccddeeff",
		"0011223-34455-6677-8899-aabbccddeeff",
		"00112233-4455-6677-8899--abbccddeeff",
		"00112233-4455-6677-8899-aabbccddee-f",
		"+0112233-4455-6677-8899-aabbccddeeff",
		"0x112233-4455-6677-8899-aabbccddeeff",
		"00112233-4455-6677-8899-aabbccddee\303\251" };
	struct uuid u, was;
	size_t i;

	(void)state;
	memset(&u, 5, sizeof(u));
	was = u;
	for (i = 0; i < NELEM(bad); i++) {
		if (uuid_parse(bad[i], &u))
			fail_msg("%s: taken", bad[i]);
		assert_memory_equal(&u, &was, sizeof(u));
	}
}

static void
nil_is_all_zero(void **state)
{
	struct uuid u = { { 0 } };
	int i;

	(void)state;
	assert_true(uuid_nil(&u));
	for (i = 0; i < 16; i++) {
		u.b[i] = 1;
		assert_false(uuid_nil(&u));
		u.b[i] = 0;
	}
	assert_true(uuid_parse("00000000-0000-0000-0000-000000000000", &u));
	assert_true(uuid_nil(&u));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_ones_are_version_7),
		cmocka_unit_test(new_ones_differ),
		cmocka_unit_test(text_both_ways),
		cmocka_unit_test(what_is_no_uuid_is_refused),
		cmocka_unit_test(nil_is_all_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
