/* catalog: changes of members, validation, bounding boxes, lists of ids. */
#include "unit.h"

#include "domain/catalog/catalog.h"
#include "domain/common/id_page.h"

static struct arena arena;

static void
texts(void **state)
{
	static const struct {
		const char *was, *edit, *is;
		bool moved;
	} rows[] = {
		{ "a", NULL, "a", false }, { "a", "a", "a", false },
		{ "a", "b", "b", true }, { "a", "", NULL, true },
		{ NULL, NULL, NULL, false }, { NULL, "", NULL, false },
		{ NULL, "a", "a", true }, { "a", "A", "A", true },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		const char *text = rows[i].was;
		bool moved = false;

		catalog_edit_text(&text, rows[i].edit, &moved);
		assert_int_equal(moved, rows[i].moved);
		if (rows[i].is == NULL)
			assert_null(text);
		else
			assert_string_equal(text, rows[i].is);
	}
}

static void
numbers(void **state)
{
	static const struct {
		int64_t was, edit, is;
		bool moved;
	} rows[] = {
		{ 1, FIELD_NONE, 1, false }, { 1, 1, 1, false },
		{ 1, 2, 2, true }, { 1, FIELD_CLEARED, INT64_MIN, true },
		{ INT64_MIN, FIELD_CLEARED, INT64_MIN, false },
		{ INT64_MIN, FIELD_NONE, INT64_MIN, false },
		{ INT64_MIN, 0, 0, true },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		int64_t n = rows[i].was;
		bool moved = false;

		catalog_edit_num(&n, rows[i].edit, &moved);
		assert_int_equal(moved, rows[i].moved);
		assert_true(n == rows[i].is);
	}
}

static void
others(void **state)
{
	struct uuid none = { { 0 } }, all, one = { { 1 } }, u = none;
	bool b = false, moved = false;

	(void)state;
	catalog_edit_bool(&b, -1, &moved);
	catalog_edit_bool(&b, 0, &moved);
	assert_false(b || moved);
	catalog_edit_bool(&b, 1, &moved);
	assert_true(b && moved);

	memset(&all, 0xff, sizeof(all));
	moved = false;
	catalog_edit_uuid(&u, &none, &moved);
	catalog_edit_uuid(&u, &all, &moved);
	assert_true(uuid_nil(&u) && !moved);
	catalog_edit_uuid(&u, &one, &moved);
	assert_true(u.b[0] == 1 && moved);
	moved = false;
	catalog_edit_uuid(&u, &one, &moved);
	assert_false(moved);
	catalog_edit_uuid(&u, &all, &moved);
	assert_true(uuid_nil(&u) && moved);
}

static void
lists(void **state)
{
	const char *ab[] = { "a", "b" }, *aba[] = { "a", "b", "a" };
	struct strv list = { 0, NULL }, none = { 0, NULL };
	struct strv empty = { 0, ab }, two = { 2, ab }, three = { 3, aba };
	bool moved = false;

	(void)state;
	catalog_edit_list(&arena, &list, &none, &moved);
	catalog_edit_list(&arena, &list, &empty, &moved);
	assert_false(moved);
	catalog_edit_list(&arena, &list, &three, &moved);
	assert_true(moved && list.n == 2);
	moved = false;
	catalog_edit_list(&arena, &list, &two, &moved);
	catalog_edit_list(&arena, &list, &three, &moved);
	catalog_edit_list(&arena, &list, &none, &moved);
	assert_true(!moved && list.n == 2);
	two.n = 1;
	catalog_edit_list(&arena, &list, &two, &moved);
	assert_true(moved && list.n == 1);
	moved = false;
	catalog_edit_list(&arena, &list, &empty, &moved);
	assert_true(moved && list.n == 0);
}

static void
urls(void **state)
{
	static const char *const good[] = {
		"http://x", "https://example.com/a?b=c#d", "HTTPS://X/",
		"http://127.0.0.1:3001/media/x", "https://[::1]/",
		"https://cdn.fitcity.app/destinations/5b7a.../thumb.jpg",
	};
	static const char *const bad[] = {
		"", "x", "http", "http:", "http://", "http:///x", "http://?x",
		"http://#", "http://:80", "//x/y", "ftp://x", "javascript:x",
		"data:text/html,x", " http://x", "http://x ", "http://x/\t",
		"http://x/\303\251", "http://x/\"", "http://x/<", "http://x/`",
		"http://x/\\", "xhttp://x",
	};
	struct err err;

	(void)state;
	err_init(&err, &arena);
	assert_int_equal(catalog_check_url(&err, "u", NULL), RC_OK);
	for (size_t i = 0; i < NELEM(good); i++)
		assert_int_equal(catalog_check_url(&err, "u", good[i]), RC_OK);
	assert_null(err.fields);
	for (size_t i = 0; i < NELEM(bad); i++)
		assert_int_equal(catalog_check_url(&err, "u", bad[i]),
		    RC_INVALID);
	assert_string_equal(err.fields->name, "u");
}

static void
boxes(void **state)
{
	struct box b;

	(void)state;
	/*
	 * A degree of latitude has 111.19 km, and so has one of longitude at
	 * the equator.
	 */
	catalog_box_around(&b, 0, 0, 111195);
	assert_true(b.south <= -1000000 && b.south > -1010000);
	assert_true(b.north >= 1000000 && b.north < 1010000);
	assert_true(b.west <= -1000000 && b.west > -1600000);
	assert_true(b.east >= 1000000 && b.east < 1600000);
	/* At 60 degrees the box is twice as wide. */
	catalog_box_around(&b, 60000000, 10000000, 1000);
	assert_true(b.west <= 10000000 - 17980 && b.west > 10000000 - 30000);
	assert_true(b.east >= 10000000 + 17980 && b.east < 10000000 + 30000);
	/* Near the poles the box contains all longitudes. */
	catalog_box_around(&b, 89999999, 0, 1000);
	assert_true(b.west == -180000000 && b.east == 180000000);
	catalog_box_around(&b, -89999999, 0, 1);
	assert_true(b.west == -180000000 && b.east == 180000000);
	catalog_box_around(&b, 0, 179999999, 1000);
	assert_true(b.west == -180000000 && b.east == 180000000);
	catalog_box_around(&b, 0, -179999999, 1000);
	assert_true(b.west == -180000000 && b.east == 180000000);
	catalog_box_around(&b, 80000000, 0, 20000000);
	assert_true(b.west == -180000000 && b.east == 180000000);
}

static void
ids(void **state)
{
	int64_t v[] = { 3, 1, INT64_MAX, INT64_MIN };
	struct id_page none = { NULL, 0, false }, some = { v, 4, false };

	(void)state;
	assert_string_equal(id_page_json(&arena, none.v, none.n), "[]");
	assert_string_equal(id_page_json(&arena, some.v, some.n),
	    "[3,1,9223372036854775807,-9223372036854775808]");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(numbers),
		cmocka_unit_test(others),
		cmocka_unit_test(lists),
		cmocka_unit_test(urls),
		cmocka_unit_test(boxes),
		cmocka_unit_test(ids),
	};

	arena_init(&arena, 1 << 20);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
