/* words: divides texts into normalized words. */
#include "unit.h"

#include "base/str.h"
#include "base/words.h"

/* Formats words as "word word", and units of a run as "/unit". */
static void
assert_words(const char *text, const char *want)
{
	char out[2000] = "";
	struct words words;
	struct word w;
	size_t n = 0;

	words_init(&words, text, strlen(text));
	while (words_next(&words, &w)) {
		assert_true(w.len <= WORD_BYTES);
		assert_true(w.start < w.end && w.end <= strlen(text));
		n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%.*s",
		    w.run ? "/" : n > 0 ? " " : "", (int)w.len, w.text);
	}
	if (!str_eq(out, want))
		fail_msg("\"%s\": \"%s\" instead of \"%s\"", text, out, want);
}

static void
letters(void **state)
{
	(void)state;
	assert_words("Łódź STRAẞE Straße", "lodz strasse strasse");
	assert_words("Ærø Þór đ ħ ı İ œ ŋ", "aero thor d h i i oe n");
	assert_words("ﬁne Ｆｕｌｌ ℌ ① ² Ⓐ ㎏", "fine full h 1 2 a kg");
	assert_words("Ελλάδα ΣΟΦΟΣ", "ελλαδα σοφοσ");
	assert_words("ёж мой мои́", "еж мой мои");
	assert_words("كَتَبَ شَلوֹם أحمد", "كتب شلوם احمد");
	assert_words("٣ ३ ３", "3 3 3");
	assert_words("½", "1 2");
	assert_words("Hawaiʻi", "hawaii");
}

static void
separators(void **state)
{
	(void)state;
	assert_words("🤗Friendly foo_bar don't a\u200fb", "friendly foo bar don "
	    "t a b");
	assert_words("बात ।", "बात");
	assert_words("a\u200bb c\u00add e\ufefff", "a b cd ef");
	assert_words("™ ☃ \u202e \u0301 \u0301", "");
	assert_words("1️⃣ x", "1 x");
	assert_words("a\xff" "b\xe0\x80" "c\xed\xa0\x80" "d\xf4\x90\x80\x80",
	    "a b c d");
	assert_words("", "");
}

static void
marks(void **state)
{
	(void)state;
	assert_words("हर बाहर दिल", "हर बाहर दिल");
	assert_words("क़ क़", "क़ क़");	/* composed, decomposed */
	assert_words("क्‍ष क्ष", "क्ष क्ष");		/* with and without ZWJ */
	assert_words("می‌خواهم", "میخواهم");
	assert_words("ো ো কো কো", "কো কো");
	/* The order of marks with different classes does not matter. */
	assert_words("क़् क़्", "क़् क़्");
	assert_words("\u1112\u1161\u11ab\u1100\u116e\u11a8 한국", "한국 한국");
	assert_words("й й", "й й");
}

static void
runs(void **state)
{
	(void)state;
	assert_words("東京タワー", "/東/京/タ/ワ/ー");
	assert_words("ｶﾞｽ が が", "/ガ/ス/が/が");
	assert_words("น้ำ", "/น้ํ/า");
	assert_words("iPhone15ケース3月", "iphone15/ケ/ー/ス 3/月");
}

static void
positions(void **state)
{
	struct words words;
	struct word w;

	(void)state;
	words_init(&words, "  é, bc東", 11);
	assert_true(words_next(&words, &w));
	assert_int_equal(w.start, 2);
	assert_int_equal(w.end, 4);
	assert_false(w.adjacent);
	assert_true(words_next(&words, &w));
	assert_int_equal(w.start, 6);
	assert_int_equal(w.end, 8);
	assert_false(w.adjacent);
	assert_true(words_next(&words, &w));
	assert_true(w.adjacent && w.run);
	assert_int_equal(w.end, 11);
	assert_false(words_next(&words, &w));
	assert_false(words_next(&words, &w));
}

static void
long_words(void **state)
{
	char text[1001];
	struct words words;
	struct word w;

	(void)state;
	memset(text, 'x', 1000);
	words_init(&words, text, 1000);
	assert_true(words_next(&words, &w));
	assert_int_equal(w.len, WORD_CHARS);
	assert_int_equal(w.end, 1000);
	assert_false(words_next(&words, &w));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters),
		cmocka_unit_test(separators),
		cmocka_unit_test(marks),
		cmocka_unit_test(runs),
		cmocka_unit_test(positions),
		cmocka_unit_test(long_words),
	};

	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
