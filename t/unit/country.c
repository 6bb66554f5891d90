/* country: codes and names. */
#include "unit.h"

#include "domain/common/country.h"

static void
known(void **state)
{
	static const struct {
		const char *code, *name;
	} rows[] = {
		{ "ID", "Indonesia" }, { "id", "Indonesia" },
		{ "iD", "Indonesia" }, { "AD", "Andorra" },
		{ "ZW", "Zimbabwe" }, { "XK", "Kosovo" },
		{ "AX", "\303\205land Islands" }, { "US", "United States" },
		{ "GB", "United Kingdom" }, { "KR", "South Korea" },
		{ "TW", "Taiwan" }, { "VA", "Vatican City" },
		{ "CD", "Democratic Republic of the Congo" },
		{ "CG", "Republic of the Congo" }, { "RU", "Russia" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++)
		assert_string_equal(country_name(rows[i].code), rows[i].name);
}

static void
unknown(void **state)
{
	static const char *const rows[] = {
		"", "I", "IDN", "QQ", "ZZ", "XX", "  ", "I ", "1D", "Indonesia",
		"\303\205", "i\200",
	};

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++)
		assert_null(country_name(rows[i]));
}

/*
 * Tests all pairs of letters. ISO 3166-1 has 249 codes, and Earmark adds one.
 */
static void
all(void **state)
{
	const char *names[26 * 26];
	char code[3] = "";
	size_t n = 0, i;

	(void)state;
	for (code[0] = 'A'; code[0] <= 'Z'; code[0]++)
		for (code[1] = 'A'; code[1] <= 'Z'; code[1]++) {
			const char *name = country_name(code);

			if (name == NULL)
				continue;
			assert_true(strlen(name) >= 4);
			for (i = 0; i < n; i++)
				assert_string_not_equal(names[i], name);
			names[n++] = name;
		}
	assert_int_equal(n, 250);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known),
		cmocka_unit_test(unknown),
		cmocka_unit_test(all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
