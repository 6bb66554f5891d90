/* fts_query: converts typed words to a full-text query. */
#include "unit.h"

#include "domain/common/fts_query.h"

static struct arena arena;

static void
words(void **state)
{
	static const struct {
		const char *text, *expr;
	} rows[] = {
		{ "sleep", "\"sleep\"*" },
		{ "  deep   sleep ", "\"deep\"* AND \"sleep\"*" },
		{ "o'brien", "\"o\"* AND \"brien\"*" },
		{ "jane_smith", "\"jane\"* AND \"smith\"*" },
		{ "a\"b", "\"a\"* AND \"b\"*" },
		{ "NOT x OR y*", "\"NOT\"* AND \"x\"* AND \"OR\"* AND \"y\"*" },
		{ "bio:x", "\"bio\"* AND \"x\"*" },
		{ "\303\274ber", "\"\303\274ber\"*" },		/* über */
		{ "\340\244\271\340\244\277", "\"\340\244\271\340\244\277\"*" },
		{ "a\342\200\224b", "\"a\"* AND \"b\"*" },	/* em dash */
		{ "\360\237\230\200 hi", "\"hi\"*" },		/* emoji */
		{ "\360\240\200\200", "\"\360\240\200\200\"*" },	/* U+20000 */
		{ "\340\244\254\340\244\276\340\244\244 \340\245\244",
		    "\"\340\244\254\340\244\276\340\244\244\"*" },	/* danda */
		{ "15\346\235\261!", "\"15\346\235\261\"*" },
		{ "\302\275\302\275 x", "\"\302\275\302\275\"* AND \"x\"*" },
		{ "1 2 3 4 5 6 7 8 9", "\"1\"* AND \"2\"* AND \"3\"* AND "
		    "\"4\"* AND \"5\"* AND \"6\"* AND \"7\"* AND \"8\"*" },
		{ "", NULL }, { "  ", NULL }, { "\"", NULL }, { "*()-^", NULL },
		{ "\360\237\230\200", NULL }, { "\302\240", NULL },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		char *expr = fts_query_words(&arena, rows[i].text);

		if (rows[i].expr == NULL)
			assert_null(expr);
		else
			assert_string_equal(expr, rows[i].expr);
	}
}

static void
phrases(void **state)
{
	(void)state;
	assert_string_equal(fts_query_phrase(&arena, "interests",
	    "Classical  music"), "interests : \"Classical music\"");
	assert_string_equal(fts_query_phrase(&arena, "x", "\"a\" OR b"),
	    "x : \"a OR b\"");
	assert_null(fts_query_phrase(&arena, "x", "!!"));
}

static void
both(void **state)
{
	(void)state;
	assert_null(fts_query_both(&arena, NULL, NULL));
	assert_string_equal(fts_query_both(&arena, "a", NULL), "a");
	assert_string_equal(fts_query_both(&arena, NULL, "b"), "b");
	assert_string_equal(fts_query_both(&arena, "a", "b"), "(a) AND (b)");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(phrases),
		cmocka_unit_test(both),
	};
	int failed;

	arena_init(&arena, 1 << 20);
	failed = cmocka_run_group_tests_name("match", tests, NULL, NULL);
	arena_free(&arena);
	return failed;
}
