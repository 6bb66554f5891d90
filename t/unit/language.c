/* language: codes and names of languages. */
#include "unit.h"

#include "domain/common/language.h"

static void
words(void **state)
{
	static const struct {
		const char *word, *code;
	} rows[] = {
		{ "hi", "hi" }, { "HI", "hi" }, { "hindi", "hi" },
		{ "Hindi", "hi" }, { "HINDI", "hi" }, { "  hindi\t", "hi" },
		{ "en", "en" }, { "English", "en" },
		{ "Spanish", "es" }, { "castilian", "es" },
		{ "Punjabi", "pa" }, { "panjabi", "pa" },
		{ "Norwegian Bokm\303\245l", "nb" }, { "bokmal", "nb" },
		{ "old bulgarian", "cu" }, { "mai", "mai" },
		{ "Maithili", "mai" }, { "cantonese", "yue" },
		{ "zu", "zu" }, { "aa", "aa" },
		{ "हिन्दी", "hi" }, { "हिंदी", "hi" }, { "தமிழ்", "ta" },
		{ "日本語", "ja" }, { "ไทย", "th" }, { "ΕΛΛΗΝΙΚΆ", "el" },
		{ "espanol", "es" }, { "עברית", "he" }, { "اردو", "ur" },
		/* unknown */
		{ "हिन", NULL }, { "日本", NULL }, { "🤗", NULL },
		{ "", NULL }, { " ", NULL }, { "klingon", NULL },
		{ "hin", NULL }, { "h", NULL }, { "hindi2", NULL },
		{ "hindi ;", NULL }, { ";", NULL },
		{ "Spanish;Castilian", NULL }, { "span", NULL },
		{ "en-US", NULL }, { "xx", NULL },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		const char *code = language_code(rows[i].word);

		if (rows[i].code == NULL)
			assert_null(code);
		else
			assert_string_equal(code, rows[i].code);
	}
}

static void
lists(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	assert_string_equal(language_codes(&a, "hindi,english"),
	    "[\"hi\",\"en\"]");
	assert_string_equal(language_codes(&a, ", हिन्दी ,klingon,"),
	    "[\"hi\"]");
	assert_null(language_codes(&a, "klingon,"));
	assert_null(language_codes(&a, ""));
	arena_free(&a);
}

static void
names_in(void **state)
{
	static const struct {
		const char *text, *codes, *rest;
	} rows[] = {
		{ "Hindi", "[\"hi\"]", " " },
		{ "हिन्दी", "[\"hi\"]", " " },
		{ "sleep, HINDI music", "[\"hi\"]", "sleep,   music" },
		{ "tamil or english", "[\"ta\",\"en\"]", "  or  " },
		{ "Old Church Slavonic", "[\"cu\"]", " " },
		{ "old bulgarian, bulgarian", "[\"cu\",\"bg\"]", " ,  " },
		{ "日本語 music", "[\"ja\"]", "  music" },
		/* parts of names, parts of words, and codes */
		{ "hind", NULL, "hind" }, { "hi no", NULL, "hi no" },
		{ "日本語学", NULL, "日本語学" }, { "日本", NULL, "日本" },
		{ "hindi2", NULL, "hindi2" }, { "", NULL, "" },
	};
	struct arena a;
	const char *rest;
	char *codes;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < NELEM(rows); i++) {
		codes = language_names_in(&a, rows[i].text, &rest);
		if (rows[i].codes == NULL)
			assert_null(codes);
		else
			assert_string_equal(codes, rows[i].codes);
		assert_string_equal(rest, rows[i].rest);
	}
	assert_string_equal(language_name(&a, "es"), "Spanish");
	assert_null(language_name(&a, "xx"));
	arena_free(&a);
}

/* Each row is found by its code and by each of its names. */
static void
table(void **state)
{
	const char *names, *before = "";
	char name[64];

	(void)state;
	assert_true(language_count() >= 184);
	for (size_t i = 0; i < language_count(); i++) {
		const char *code = language_at(i, &names);

		assert_true(strcmp(before, code) < 0);
		before = code;
		assert_ptr_equal(language_code(code), code);
		while (*names != '\0') {
			size_t n = strcspn(names, ";");

			assert_true(n > 0 && n < sizeof(name));
			memcpy(name, names, n);
			name[n] = '\0';
			assert_string_equal(language_code(name), code);
			names += n + (names[n] == ';');
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(lists),
		cmocka_unit_test(names_in),
		cmocka_unit_test(table),
	};

	return cmocka_run_group_tests_name("language", tests, NULL, NULL);
}
