/* typed_text: cleaning identifiers and codes. */
#include "unit.h"

#include "base/typed_text.h"

static void
equals(const char *text, const char *want)
{
	char copy[200];

	snprintf(copy, sizeof(copy), "%s", text);
	typed_text_clean(copy);
	assert_string_equal(copy, want);
}

static void
white_space_and_invisible_characters_are_removed(void **state)
{
	(void)state;
	equals("+91 98222 12222", "+919822212222");
	equals("\t 123\xc2\xa0" "456\r\n", "123456");
	equals("\xe2\x80\xaa+919822212222\xe2\x80\xac", "+919822212222");
	equals("\xe2\x81\xa6" "12\xe2\x80\x8b" "34\xef\xbb\xbf", "1234");
	equals("a\xc2\xad" "b@\xe3\x80\x80x.org", "ab@x.org");
	equals("", "");
}

static void
digits_of_all_scripts_become_ascii(void **state)
{
	(void)state;
	equals("+\xe0\xa5\xaf\xe0\xa5\xa7\xe0\xa5\xa6", "+910");
	equals("\xd9\xa0\xd9\xa1\xd9\xa9\xdb\xb5", "0195");
	equals("\xef\xbc\x8b\xef\xbc\x99\xef\xbc\x91", "+91");
	equals("\xf0\x9d\x9f\x98\xf0\x9d\x9f\xa1", "09");
	equals("a\xef\xbc\xa0" "b", "a@b");
}

static void
other_characters_stay(void **state)
{
	(void)state;
	equals("Jos\xc3\xa9_1@ex\xc3\xa4mple.org", "Jos\xc3\xa9_1@ex\xc3\xa4mple.org");
	equals("\xe0\xa4\x95\xf0\x9f\x98\x80", "\xe0\xa4\x95\xf0\x9f\x98\x80");
	equals("\xff\xc3" "a\xe0\xa5", "\xff\xc3" "a\xe0\xa5");
}

static void
separators_of_phone_numbers_are_removed(void **state)
{
	char text[] = "+1(201)555-01.23/4";

	(void)state;
	typed_text_strip_separators(text);
	assert_string_equal(text, "+12015550123/4");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(white_space_and_invisible_characters_are_removed),
		cmocka_unit_test(digits_of_all_scripts_become_ascii),
		cmocka_unit_test(other_characters_stay),
		cmocka_unit_test(separators_of_phone_numbers_are_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
