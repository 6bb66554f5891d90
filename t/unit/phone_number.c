/* phone_number: converting phone numbers to E.164. */
#include "unit.h"

#include "base/phone_number.h"

static void
equals(const char *text, const char *country, const char *want)
{
	char out[PHONE_NUMBER_MAX];

	assert_int_equal(phone_number_read(text, country, out),
	    PHONE_NUMBER_OK);
	assert_string_equal(out, want);
}

static void
a_national_prefix_is_removed(void **state)
{
	(void)state;
	equals("+919876543210", "", "+919876543210");
	equals("+9109876543210", "", "+919876543210");
	equals("+4401212345678", "", "+441212345678");
	/* Numbers of Italy begin with 0. */
	equals("+390236618300", "", "+390236618300");
	equals("+79123456789", "", "+79123456789");
}

static void
a_number_of_the_default_country_gets_its_code(void **state)
{
	(void)state;
	equals("9876543210", "IN", "+919876543210");
	equals("09876543210", "IN", "+919876543210");
	equals("919876543210", "IN", "+919876543210");
	equals("0812345678", "ID", "+62812345678");
	equals("02134567890", "ID", "+622134567890");
	equals("2684601234", "AG", "+12684601234");
	equals("4601234", "AG", "+12684601234");
	equals("+919876543210", "ID", "+919876543210");
}

static void
a_prefix_for_calls_to_other_countries_is_removed(void **state)
{
	char out[PHONE_NUMBER_MAX];

	(void)state;
	equals("011919876543210", "US", "+919876543210");
	equals("810919876543210", "RU", "+919876543210");
	equals("01109876543210", "IN", "+911109876543210");
	/* Numbers of Italy begin with 0, but not with 00. */
	equals("0212345678", "IT", "+390212345678");
	equals("00212612345678", "IT", "+212612345678");
	assert_int_equal(phone_number_read("00212345678", "IT", out),
	    PHONE_NUMBER_INVALID);
	assert_int_equal(phone_number_read("0110", "US", out),
	    PHONE_NUMBER_INVALID);
	assert_int_equal(phone_number_read("011", "US", out),
	    PHONE_NUMBER_INVALID);
}

static void
impossible_numbers_are_invalid(void **state)
{
	static const char *const texts[] = { "+", "+1", "+0919876543210",
	    "+9198765", "+9198765432101234", "+999123456789",
	    "+91987654321a", "++919876543210", "+91 9876543210",
	    "+1234567890123456789012345678901234567890" };
	char out[PHONE_NUMBER_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(texts); i++)
		assert_int_equal(phone_number_read(texts[i], "", out),
		    PHONE_NUMBER_INVALID);
	assert_int_equal(phone_number_read("12345", "IN", out),
	    PHONE_NUMBER_INVALID);
	assert_int_equal(phone_number_read("98765 43210", "IN", out),
	    PHONE_NUMBER_INVALID);
}

static void
a_number_without_country_is_national(void **state)
{
	char out[PHONE_NUMBER_MAX];

	(void)state;
	assert_int_equal(phone_number_read("9876543210", "", out),
	    PHONE_NUMBER_NATIONAL);
	assert_int_equal(phone_number_read("9876543210", "XX", out),
	    PHONE_NUMBER_NATIONAL);
	assert_true(phone_number_country("IN"));
	assert_false(phone_number_country("XX"));
	assert_false(phone_number_country(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_national_prefix_is_removed),
		cmocka_unit_test(a_number_of_the_default_country_gets_its_code),
		cmocka_unit_test(
		    a_prefix_for_calls_to_other_countries_is_removed),
		cmocka_unit_test(impossible_numbers_are_invalid),
		cmocka_unit_test(a_number_without_country_is_national),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
