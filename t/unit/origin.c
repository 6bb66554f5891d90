/* origin: lists of web origins. */
#include "unit.h"

#include "base/origin.h"

static void
a_listed_origin_is_found(void **state)
{
	static const char list[] =
	    "https://app.example.com, https://b.example.com:8443";

	(void)state;
	assert_true(origin_listed(list, "https://app.example.com"));
	assert_true(origin_listed(list, "https://b.example.com:8443"));
	assert_false(origin_listed(list, "https://b.example.com"));
	assert_false(origin_listed(list, "https://app.example.co"));
	assert_false(origin_listed(list, "https://app.example.com.evil.com"));
	assert_false(origin_listed(list, "https://app.example.com,"));
	assert_false(origin_listed(list, ""));
	assert_false(origin_listed(list, NULL));
	assert_false(origin_listed(list, "*"));
	assert_false(origin_listed("", "null"));
}

static void
only_origins_as_browsers_send_them_are_valid(void **state)
{
	(void)state;
	assert_true(origin_list_valid(""));
	assert_true(origin_list_valid("https://app.example.com"));
	assert_true(origin_list_valid("http://127.0.0.1:5173,https://a.b"));
	assert_true(origin_list_valid("http://[::1]:80"));
	assert_false(origin_list_valid("*"));
	assert_false(origin_list_valid("app.example.com"));
	assert_false(origin_list_valid("https://app.example.com/"));
	assert_false(origin_list_valid("https://App.example.com"));
	assert_false(origin_list_valid("https://a:123456"));
	assert_false(origin_list_valid("https://a:"));
	assert_false(origin_list_valid("https://"));
	assert_false(origin_list_valid("https://a;b"));
	assert_false(origin_list_valid("https://[::1"));
	assert_false(origin_list_valid("https://a.b https://c.d}"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_listed_origin_is_found),
		cmocka_unit_test(only_origins_as_browsers_send_them_are_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
