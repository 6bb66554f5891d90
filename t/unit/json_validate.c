/* json_validate: valid and invalid JSON texts. */
#include "unit.h"

#include "base/buf.h"
#include "base/clock.h"
#include "json/json_decode.h"
#include "json/json_validate.h"

struct row {
	const char *text;
	size_t n;
	const char *why;		/* NULL: valid */
};

#define YES(text)	{ text, sizeof(text) - 1, NULL }
#define NO(text, why)	{ text, sizeof(text) - 1, why }

#define CHAR	"unexpected character"
#define END	"unexpected end"
#define ESCAPE	"unknown escape in a string"
#define HEX	"\\u without four hexadecimal digits"
#define CTL	"control character in a string"
#define UTF8	"a string is not UTF-8"
#define LONE	"lone surrogate in a string"
#define ZERO	"U+0000 in a string"
#define LEADING	"number with a leading zero"
#define RANGE	"integer out of range"
#define TWICE	"member given twice"
#define BEHIND	"unexpected text after the value"
#define DEEP	"nested too deeply"

#define A8	"[[[[[[[["
#define Z8	"]]]]]]]]"

static const struct row rows[] = {
	/* values */
	YES("{}"), YES("[]"), YES("\"\""), YES("0"), YES("-0"), YES("true"),
	YES("false"), YES("null"), YES(" \t\r\n1 \t\r\n"),
	YES("{\"a\":1,\"b\":[true,{\"c\":null}],\"d\":\"e\"}"),
	YES("[1 , 2]"), YES("{ \"a\" : 1 , \"b\" : 2 }"),
	NO("", END), NO(" ", END), NO("\0", CHAR), NO("1\0", BEHIND),
	NO("nul", END), NO("nulL", CHAR), NO("NULL", CHAR), NO("True", CHAR),
	NO("truex", BEHIND), NO("nan", CHAR), NO("NaN", CHAR),
	NO("Infinity", CHAR), NO("-Infinity", CHAR), NO("undefined", CHAR),
	NO("\f1", CHAR), NO("\v1", CHAR), NO("\302\2401", CHAR),
	NO("\357\273\277{}", CHAR), NO("// x\n1", CHAR), NO("/**/1", CHAR),
	NO("1 2", BEHIND), NO("{}{}", BEHIND), NO("{},", BEHIND),
	/* arrays */
	NO("[", END), NO("]", CHAR), NO("[1", END), NO("[1,", END),
	NO("[1,]", CHAR), NO("[,1]", CHAR), NO("[,]", CHAR), NO("[1 2]", CHAR),
	NO("[1}", CHAR), NO("[1:2]", CHAR), NO("[1]]", BEHIND),
	/* objects */
	NO("{", END), NO("}", CHAR), NO("{\"a\"", END), NO("{\"a\":", END),
	NO("{\"a\":1", END), NO("{\"a\":1,", END), NO("{\"a\":1,}", CHAR),
	NO("{,}", CHAR), NO("{a:1}", CHAR), NO("{'a':1}", CHAR),
	NO("{\"a\"}", CHAR), NO("{\"a\",1}", CHAR), NO("{\"a\"=1}", CHAR),
	NO("{\"a\":}", CHAR), NO("{\"a\"::1}", CHAR), NO("{1:1}", CHAR),
	NO("{null:1}", CHAR), NO("{\"a\":1]", CHAR), NO("{\"a\":1 \"b\":2}", CHAR),
	NO("{\"a\":1;\"b\":2}", CHAR), NO("{\"a\":1}}", BEHIND),
	/* numbers */
	YES("1"), YES("-1"), YES("10"), YES("1.0"), YES("1.5e3"), YES("1E3"),
	YES("1e+3"), YES("1e-3"), YES("0.0"), YES("-0.0e0"), YES("0e0"),
	YES("1e999999"), YES("1.00000000000000000000000000000000001"),
	YES("9223372036854775807"), YES("-9223372036854775808"),
	YES("9223372036854775808.0"), YES("1e400"),
	NO("9223372036854775808", RANGE), NO("-9223372036854775809", RANGE),
	NO("18446744073709551616", RANGE), NO("99999999999999999999999", RANGE),
	NO("[1,9223372036854775808]", RANGE),
	NO("-", END), NO("+1", CHAR), NO("--1", CHAR), NO("01", LEADING),
	NO("-01", LEADING), NO("00", LEADING), NO("00.5", LEADING),
	NO("1.", END), NO("1.]", CHAR), NO(".5", CHAR), NO("-.5", CHAR),
	NO("1e", END), NO("1e+", END), NO("1e+x", CHAR), NO("1.e1", CHAR),
	NO("1.5.5", BEHIND), NO("0x10", BEHIND), NO("1_000", BEHIND),
	NO("1,000", BEHIND), NO("1e1.5", BEHIND), NO("1f", BEHIND),
	NO("\357\274\221", CHAR), NO("\331\241", CHAR),
	/* strings */
	YES("\"abcdefghijklmnopqrstuvwxyz 0123456789 ABCDEFG\""),
	YES("\"\177\""), YES("\"/\""), YES("\"'\""),
	YES("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), YES("\"\\u00e9\\u00E9\\uFFFF\""),
	YES("\"\\ud83d\\ude00\""), YES("\"\\uD83D\\uDE00\""),
	YES("\"\303\251\""), YES("\"\342\202\254\""), YES("\"\360\237\230\200\""),
	YES("\"\357\277\277\""), YES("\"\364\217\277\277\""),
	YES("\"\302\200\""), YES("\"\355\237\277\""), YES("\"\356\200\200\""),
	NO("\"", END), NO("\"a", END), NO("\"\\", END), NO("\"\\\"", END),
	NO("'a'", CHAR), NO("\"\\x41\"", ESCAPE), NO("\"\\'\"", ESCAPE),
	NO("\"\\0\"", ESCAPE), NO("\"\\a\"", ESCAPE), NO("\"\\U0041\"", ESCAPE),
	NO("\"\\\n\"", ESCAPE), NO("\"\\\303\251\"", ESCAPE),
	NO("\"\\u\"", HEX), NO("\"\\u12\"", HEX), NO("\"\\u123\"", HEX),
	NO("\"\\u123g\"", HEX), NO("\"\\u 123\"", HEX), NO("\"\\u+123\"", HEX),
	NO("\"\\u{41}\"", HEX), NO("\"\\u12", HEX), NO("\"\\u00@0\"", HEX),
	NO("\"\n\"", CTL), NO("\"\t\"", CTL), NO("\"\0\"", CTL),
	NO("\"\037\"", CTL), NO("\"12345678\0012345678\"", CTL),
	NO("\"1234567\n\"", CTL),
	NO("\"\\u0000\"", ZERO), NO("\"a\\u0000b\"", ZERO),
	NO("{\"\\u0000\":1}", ZERO),
	NO("\"\\ud800\"", LONE), NO("\"\\udbff\"", LONE),
	NO("\"\\udc00\"", LONE), NO("\"\\udfff\"", LONE),
	NO("\"\\ud83d\\ud83d\"", LONE), NO("\"\\ude00\\ud83d\"", LONE),
	NO("\"\\ud83d x\\ude00\"", LONE), NO("\"\\ud83d\\n\\ude00\"", LONE),
	NO("\"\\ud83d\\ude0\"", LONE), NO("\"\\ud83d\\u0041\"", LONE),
	NO("\"\\ud83d", LONE), NO("\"\\ud83d\\", LONE),
	NO("{\"\\ud800\":1}", LONE),
	/* UTF-8: overlong, surrogates, too high, truncated, stray bytes */
	NO("\"\200\"", UTF8), NO("\"\277\"", UTF8), NO("\"\377\"", UTF8),
	NO("\"\376\"", UTF8), NO("\"\300\200\"", UTF8), NO("\"\301\277\"", UTF8),
	NO("\"\340\200\200\"", UTF8), NO("\"\340\237\277\"", UTF8),
	NO("\"\360\200\200\200\"", UTF8), NO("\"\360\217\277\277\"", UTF8),
	NO("\"\355\240\200\"", UTF8), NO("\"\355\277\277\"", UTF8),
	NO("\"\364\220\200\200\"", UTF8), NO("\"\365\200\200\200\"", UTF8),
	NO("\"\303\"", UTF8), NO("\"\303", UTF8), NO("\"\342\202\"", UTF8),
	NO("\"\360\237\230\"", UTF8), NO("\"\360\237\230", UTF8),
	NO("\"\342\202a\"", UTF8), NO("\"\303\303\251\"", UTF8),
	NO("\"\351\"", UTF8), NO("{\"\300\200\":1}", UTF8),
	NO("\303\251", CHAR),
	/* members */
	YES("{\"a\":1,\"A\":2}"), YES("{\"\":1}"), YES("{\"a\":{\"a\":1}}"),
	YES("[{\"a\":1},{\"a\":2}]"), YES("{\"a\":1,\"ab\":2,\"abc\":3}"),
	YES("{\"a\":{\"b\":1},\"b\":{\"a\":1}}"), YES("{\"n\":1,\"\\n\":2}"),
	YES("{\"\303\251\":1,\"e\\u0301\":2}"),
	NO("{\"a\":1,\"a\":1}", TWICE), NO("{\"\":1,\"\":2}", TWICE),
	NO("{\"a\":1,\"b\":2,\"c\":3,\"a\":4}", TWICE),
	NO("{\"c\":1,\"a\":2,\"b\":3,\"a\":4,\"d\":5}", TWICE),
	NO("{\"a\":{\"b\":1,\"b\":2}}", TWICE),
	NO("{\"a\":1,\"b\":{\"c\":1},\"a\":2}", TWICE),
	NO("[{\"x\":1,\"x\":2}]", TWICE),
	NO("{\"a\":1,\"\\u0061\":2}", TWICE), NO("{\"/\":1,\"\\/\":2}", TWICE),
	NO("{\"\\n\":1,\"\\u000a\":2}", TWICE),
	NO("{\"\\\"\":1,\"\\u0022\":2}", TWICE),
	NO("{\"\303\251\":1,\"\\u00e9\":2}", TWICE),
	NO("{\"\342\202\254\":1,\"\\u20AC\":2}", TWICE),
	NO("{\"\360\237\230\200\":1,\"\\ud83d\\ude00\":2}", TWICE),
	NO("{\"ab\":1,\"a\\u0062\":2,\"b\":3}", TWICE),
	/* depth */
	YES(A8 A8 A8 A8 Z8 Z8 Z8 Z8), NO(A8 A8 A8 A8 "[", DEEP),
	NO(A8 A8 A8 A8 "{", DEEP), YES("[" A8 Z8 "," A8 A8 Z8 Z8 "]"),
};

static void
the_table_holds(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(rows); i++) {
		const struct row *r = &rows[i];
		/*
		 * A copy of exact size lets a sanitizer detect a read beyond
		 * the end.
		 */
		char *copy = malloc(r->n > 0 ? r->n : 1);
		const char *why;

		memcpy(copy, r->text, r->n);
		why = json_validate(copy, r->n);
		if (r->why == NULL ? why != NULL :
		    why == NULL || !str_eq(why, r->why))
			fail_msg("%.*s: %s", (int)r->n, r->text,
			    why == NULL ? "taken" : why);
		free(copy);
	}
}

/* A prefix of a valid text that is not a number is invalid. */
static void
no_beginning_is_taken(void **state)
{
	static const char text[] = "{\"a\":[1,-2.5e3,true,false,null,\"\\u00e9"
	    "\\ud83d\\ude00\303\251\\n\"],\"b\":{},\"c\":[[],{\"d\":\"\"}]}";
	size_t n;

	(void)state;
	assert_null(json_validate(text, sizeof(text) - 1));
	for (n = 0; n < sizeof(text) - 1; n++)
		assert_non_null(json_validate(text, n));
}

/* Returns an object with count members m0, m1, ... and one more. */
static const char *
many(struct buf *b, int count, const char *last)
{
	int i;

	buf_clear(b);
	buf_ch(b, '{');
	for (i = 0; i < count; i++)
		buf_fmt(b, "\"m%d\":%d,", i * 7919 % count, i);
	buf_fmt(b, "\"%s\":0}", last);
	return b->data;
}

static void
duplicates_are_found_among_many(void **state)
{
	struct buf b;
	int count;

	(void)state;
	buf_init(&b, 1 << 20);
	for (count = 1; count < 5000; count += count / 3 + 1) {
		if (count % 7919 == 0)
			continue;
		many(&b, count, "last");
		assert_null(json_validate(b.data, b.len));
		many(&b, count, "m0");
		assert_string_equal(json_validate(b.data, b.len), TWICE);
		many(&b, count, "\\u006d0");
		assert_string_equal(json_validate(b.data, b.len), TWICE);
	}
	buf_free(&b);
}

/*
 * The members of an outer object are kept when those of an inner one are
 * removed.
 */
static void
duplicates_are_found_around_objects(void **state)
{
	struct buf b;
	int i, k;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_lit(&b, "{\"x\":0");
	for (i = 0; i < 50; i++) {
		buf_fmt(&b, ",\"y%d\":{", i);
		for (k = 0; k < 50; k++)
			buf_fmt(&b, "%s\"x%d\":0", k > 0 ? "," : "", k);
		buf_ch(&b, '}');
	}
	buf_ch(&b, '}');
	assert_null(json_validate(b.data, b.len));
	b.len--;
	buf_lit(&b, ",\"x\":1}");
	assert_string_equal(json_validate(b.data, b.len), TWICE);
	buf_free(&b);
}

/*
 * The most expensive bodies of 64 KiB: many short names, long names that differ
 * at their ends, escaped names. A validator that compares all pairs needs
 * seconds. The limit allows for a sanitizer on a busy machine.
 */
static void
no_choice_of_names_is_slow(void **state)
{
	static const char *const forms[] = {
		"\"%05d\":0,",
		"\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa%05d\":0,",
		"\"\\u0061\\u0061\\u0061\\u0061\\u0061%05d\":0,",
		"\"%05d\":{},",
	};
	struct buf b;
	int64_t began;
	size_t i;
	int n, r;

	(void)state;
	buf_init(&b, 1 << 20);
	for (i = 0; i < NELEM(forms); i++) {
		buf_clear(&b);
		buf_ch(&b, '{');
		for (n = 0; b.len < JSON_BYTES - 100; n++) {
			char name[128];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			snprintf(name, sizeof(name), forms[i],
			    n * 7919 % 100000);
#pragma GCC diagnostic pop
			buf_str(&b, name);
		}
		buf_lit(&b, "\"z\":0}");
		began = clock_mono();
		for (r = 0; r < 10; r++)
			assert_null(json_validate(b.data, b.len));
		assert_in_range(clock_mono() - began, 0,
		    emulated() ? 60000000 : 1000000);
	}
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_holds),
		cmocka_unit_test(no_beginning_is_taken),
		cmocka_unit_test(duplicates_are_found_among_many),
		cmocka_unit_test(duplicates_are_found_around_objects),
		cmocka_unit_test(no_choice_of_names_is_slow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
