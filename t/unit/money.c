/* money: formatting amounts. */
#include "unit.h"

#include "base/money.h"

static void
amounts(void **state)
{
	static const struct {
		int64_t amount;
		const char *currency, *text;
	} rows[] = {
		{ 0, "INR", "0.00" }, { 1, "INR", "0.01" },
		{ 99, "INR", "0.99" }, { 100, "INR", "1.00" },
		{ 49900, "INR", "499.00" }, { 99999, "EUR", "999.99" },
		{ 100000, "EUR", "1,000.00" },
		{ 123456789, "USD", "1,234,567.89" },
		{ -1, "USD", "-0.01" }, { -123456, "USD", "-1,234.56" },
		{ 0, "JPY", "0" }, { 7, "JPY", "7" }, { 999, "KRW", "999" },
		{ 1000, "JPY", "1,000" }, { 1234567, "VND", "1,234,567" },
		{ 1, "KWD", "0.001" }, { 1234567, "BHD", "1,234.567" },
		{ 12345, "CLF", "1.2345" },
		{ INT64_MAX, "JPY", "9,223,372,036,854,775,807" },
		{ INT64_MIN, "JPY", "-9,223,372,036,854,775,808" },
		{ INT64_MIN, "INR", "-92,233,720,368,547,758.08" },
	};
	char text[MONEY_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(rows); i++) {
		money_text(rows[i].amount, rows[i].currency, text);
		assert_string_equal(text, rows[i].text);
	}
}

static void
exponents(void **state)
{
	(void)state;
	assert_int_equal(money_exponent("INR"), 2);
	assert_int_equal(money_exponent("JPY"), 0);
	assert_int_equal(money_exponent("TND"), 3);
	/* Parts of the texts in the table that are not currencies. */
	assert_int_equal(money_exponent(""), 2);
	assert_int_equal(money_exponent("JP"), 2);
	assert_int_equal(money_exponent("Y K"), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(amounts),
		cmocka_unit_test(exponents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
