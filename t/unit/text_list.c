/* text_list: lists of short strings in one column. */
#include "unit.h"

#include "domain/common/id_page.h"
#include "domain/common/text_list.h"

static struct arena arena;

static void
round_trip(void **state)
{
	const char *items[] = { "music", "tech", "a b", "\303\274ber" };
	struct strv list = { NELEM(items), items }, back;
	char *text = text_list_join(&arena, &list);

	(void)state;
	assert_string_equal(text, "music\ntech\na b\n\303\274ber");
	back = text_list_split(&arena, text);
	assert_int_equal(back.n, list.n);
	for (size_t i = 0; i < back.n; i++)
		assert_string_equal(back.v[i], items[i]);
}

static void
nothing(void **state)
{
	const char *empty[] = { "", "" };
	struct strv list = { 2, empty };

	(void)state;
	assert_null(text_list_join(&arena, &list));
	list.n = 0;
	assert_null(text_list_join(&arena, &list));
	list = text_list_split(&arena, NULL);
	assert_int_equal(list.n, 0);
	assert_non_null(list.v);
	list = text_list_split(&arena, "");
	assert_int_equal(list.n, 0);
}

static void
repeated(void **state)
{
	const char *items[] = { "a", "", "b", "a", "A", "b" };
	struct strv list = { NELEM(items), items };

	(void)state;
	assert_string_equal(text_list_join(&arena, &list), "a\nb\nA");
}

static void
ids(void **state)
{
	const int64_t v[] = { 1, INT64_MAX, INT64_MIN, 0 };

	(void)state;
	assert_string_equal(id_page_json(&arena, v, 0), "[]");
	assert_string_equal(id_page_json(&arena, v, 1), "[1]");
	assert_string_equal(id_page_json(&arena, v, 4),
	    "[1,9223372036854775807,-9223372036854775808,0]");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(nothing),
		cmocka_unit_test(repeated),
		cmocka_unit_test(ids),
	};
	int failed;

	arena_init(&arena, 1 << 20);
	failed = cmocka_run_group_tests_name("lines", tests, NULL, NULL);
	arena_free(&arena);
	return failed;
}
