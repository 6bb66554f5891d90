/* str: string predicates and parsing. */
#include "unit.h"

static void
letters(void **state)
{
	char text[] = "ABZaz09@[`{\303\211";
	int c;

	(void)state;
	str_lower(text);
	assert_string_equal(text, "abzaz09@[`{\303\211");
	for (c = -128; c < 128; c++)
		assert_int_equal(str_lower_ch((char)c),
		    (char)(c >= 'A' && c <= 'Z' ? c + 32 : c));
	assert_true(str_eq("", ""));
	assert_false(str_eq("a", "A"));
	assert_true(str_eq_nocase("Bearer", "bEARER"));
	assert_true(str_eq_nocase("", ""));
	assert_false(str_eq_nocase("Bearer", "Beare"));
	assert_false(str_eq_nocase("Beare", "Bearer"));
	assert_false(str_eq_nocase("@", "`"));
	assert_true(str_prefix("abc", "ab"));
	assert_true(str_prefix("abc", ""));
	assert_true(str_prefix("abc", "abc"));
	assert_false(str_prefix("ab", "abc"));
}

static void
integers(void **state)
{
	static const struct {
		const char *text;
		int64_t v;
	} good[] = {
		{ "0", 0 }, { "-0", 0 }, { "7", 7 }, { "-7", -7 },
		{ "1234567890", 1234567890 },
		{ "9223372036854775807", INT64_MAX },
		{ "-9223372036854775808", INT64_MIN },
	};
	static const char *const bad[] = { "", "-", "+", "+1", " 1", "1 ", "01",
		"-01", "00", "1.0", "1.", ".1", "1e3", "0x1", "1a", "a", "--1",
		"1-", "9223372036854775808", "-9223372036854775809",
		"18446744073709551617", "99999999999999999999999", "\3311" };
	int64_t v = 42;
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(bad); i++) {
		if (str_int(bad[i], &v))
			fail_msg("%s: taken", bad[i]);
		assert_int_equal(v, 42);
	}
	for (i = 0; i < NELEM(good); i++) {
		if (!str_int(good[i].text, &v) || v != good[i].v)
			fail_msg("%s: not read", good[i].text);
	}
}

static void
decimals(void **state)
{
	static const struct {
		const char *text;
		int scale;
		int64_t v;
	} good[] = {
		{ "4.5", 1, 45 }, { "4", 1, 40 }, { "-0.5", 1, -5 },
		{ "0.05", 2, 5 }, { "4.5", 6, 4500000 }, { "-4.50", 2, -450 },
		{ "0.0", 1, 0 }, { "92233720368547758.07", 2, INT64_MAX },
		{ "-92233720368547758.08", 2, INT64_MIN },
	};
	static const struct {
		const char *text;
		int scale;
	} bad[] = {
		{ "4.55", 1 }, { "4.50", 1 }, { "4.", 1 }, { ".5", 1 },
		{ "4..5", 2 }, { "4.5.5", 3 }, { "4.5e1", 3 }, { "4,5", 1 },
		{ "-", 1 }, { "-.5", 1 }, { "", 1 }, { "04.5", 1 }, { "4.x", 1 },
		{ "4.5", 0 }, { "92233720368547758.08", 2 },
		{ "92233720368547759", 2 }, { "4.-5", 2 }, { "4.5 ", 2 },
	};
	int64_t v = 42;
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(bad); i++) {
		if (str_fixed(bad[i].text, bad[i].scale, &v))
			fail_msg("%s: taken", bad[i].text);
		assert_int_equal(v, 42);
	}
	for (i = 0; i < NELEM(good); i++) {
		if (!str_fixed(good[i].text, good[i].scale, &v) ||
		    v != good[i].v)
			fail_msg("%s: not read", good[i].text);
	}
}

/* Encodes a code point by the UTF-8 scheme, including invalid ones. */
static size_t
encode(uint32_t c, char *p)
{
	if (c < 0x80) {
		p[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		p[0] = (char)(0xc0 | c >> 6);
		p[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		p[0] = (char)(0xe0 | c >> 12);
		p[1] = (char)(0x80 | (c >> 6 & 0x3f));
		p[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	p[0] = (char)(0xf0 | c >> 18);
	p[1] = (char)(0x80 | (c >> 12 & 0x3f));
	p[2] = (char)(0x80 | (c >> 6 & 0x3f));
	p[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static void
every_code_point_counts_once(void **state)
{
	char p[4];
	uint32_t c;

	(void)state;
	for (c = 0; c < 0x1fffff; c++) {
		bool good = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);

		if (str_utf8(p, encode(c, p)) != (good ? 1 : -1))
			fail_msg("U+%04X", c);
	}
}

static void
what_is_not_utf8(void **state)
{
	static const char *const bad[] = { "\200", "\277", "\300\200",
		"\301\277", "\340\200\200", "\340\237\277",
		"\360\200\200\200", "\360\217\277\277", "\370\210\200\200\200",
		"\376", "\377", "\303", "\342\202", "\360\237\230", "a\303b",
		"\303\303\251", "\342\202\303\251", "\303\251\251" };
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(bad); i++)
		assert_int_equal(str_utf8(bad[i], strlen(bad[i])), -1);
	assert_int_equal(str_utf8("", 0), 0);
	assert_int_equal(str_utf8("a\0b", 3), 3);
	assert_int_equal(str_utf8("a\303\251\342\202\254\360\237\230\200", 10),
	    4);
	/* A truncated character. */
	assert_int_equal(str_utf8("\303\251", 1), -1);
}

static void
control_characters(void **state)
{
	char text[] = "a?b";
	int c;

	(void)state;
	for (c = 1; c < 256; c++) {
		text[1] = (char)c;
		assert_int_equal(str_has_ctl(text), c < 0x20 || c == 0x7f);
	}
	assert_false(str_has_ctl(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters),
		cmocka_unit_test(integers),
		cmocka_unit_test(decimals),
		cmocka_unit_test(every_code_point_counts_once),
		cmocka_unit_test(what_is_not_utf8),
		cmocka_unit_test(control_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
