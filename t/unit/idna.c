/* idna: internationalized domain names. */
#include "unit.h"

#include "base/idna.h"

static void
names_become_ascii_in_lower_case(void **state)
{
	static const char *const pairs[][2] = {
		{ "example.org", "example.org" },
		{ "EXAMPLE.Org", "example.org" },
		{ "b\xc3\xbc" "cher.example", "xn--bcher-kva.example" },
		{ "B\xc3\x9c" "CHER.example", "xn--bcher-kva.example" },
		{ "stra\xc3\x9f" "e.de", "xn--strae-oqa.de" },
		{ "xn--bcher-kva.example", "xn--bcher-kva.example" },
		{ "\xe0\xa4\x89\xe0\xa4\xa6\xe0\xa4\xbe"
		  "\xe0\xa4\xb9\xe0\xa4\xb0\xe0\xa4\xa3."
		  "\xe0\xa4\xad\xe0\xa4\xbe\xe0\xa4\xb0\xe0\xa4\xa4",
		  "xn--p1b6ci4b4b3a.xn--h2brj9c" },
	};
	char out[IDNA_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(pairs); i++) {
		assert_true(idna_ascii(pairs[i][0], out));
		assert_string_equal(out, pairs[i][1]);
	}
}

static void
invalid_names_are_rejected(void **state)
{
	static char label[80], name[400];
	char out[IDNA_MAX];
	size_t i;

	(void)state;
	memset(label, 'a', 64);
	assert_false(idna_ascii(label, out));
	for (i = 0; i < 300; i++)
		name[i] = i % 10 == 9 ? '.' : 'a';
	name[300] = 'a';
	assert_false(idna_ascii(name, out));
	assert_false(idna_ascii("\xe2\x98\x83.\xff", out));
	assert_false(idna_ascii("xn--a.example", out));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_become_ascii_in_lower_case),
		cmocka_unit_test(invalid_names_are_rejected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
