/* form: decodes query strings and forms into structs. */
#include "unit.h"

#include "base/arena.h"
#include "fcgi/core/form.h"

struct q {
	const char *q, *need;
	int64_t limit, caller;
	struct intv ids;
};

#define AT(m) .off = offsetof(struct q, m)

static const struct field fields[] = {
	{ "q", NULL, F_STR, 0, AT(q), .min = 1, .max = 8 },
	{ "need", NULL, F_STR, FIELD_REQUIRED, AT(need), .min = 1, .max = 8 },
	{ "limit", NULL, F_INT, FIELD_CLAMP, AT(limit), .min = 1, .max = 100,
	  .dflt = 20 },
	{ "caller_id", "callerId", F_INT, 0, AT(caller), .dflt = -1 },
	{ "ids", NULL, F_INTV, 0, AT(ids), .max = 3 },
};
static const struct field_table table = FIELD_TABLE(fields, struct q);

static struct arena arena;
static struct err err;

static struct q *
read_query(const char *text)
{
	struct q *q = field_new(&arena, &table);
	enum rc rc;

	err_init(&err, &arena);
	rc = form_read(&arena, &table, q, text, &err);
	assert_int_equal(rc, err.rc);
	return rc == RC_OK ? q : NULL;
}

/* Decodes text with the required field added. No other error may occur. */
static struct q *
given(const char *text)
{
	struct q *q = read_query(arena_fmt(&arena, "need=x&%s", text));

	if (q == NULL)
		fail_msg("%s: %s %s", text, err.fields->name, err.fields->why);
	return q;
}

static void
values_are_decoded(void **state)
{
	struct q *q;

	(void)state;
	assert_string_equal(given("q=abc")->q, "abc");
	assert_string_equal(given("q=a+b%20c")->q, "a b c");
	assert_string_equal(given("q=%2B%26%3d%25")->q, "+&=%");
	assert_string_equal(given("q=a=b=c")->q, "a=b=c");
	assert_string_equal(given("q=%C3%a9")->q, "\303\251");
	assert_string_equal(given("q=\303\251")->q, "\303\251");
	assert_string_equal(given("%71=x")->q, "x");
	assert_int_equal(given("limit=7")->limit, 7);
	assert_int_equal(given("limit=%37")->limit, 7);
	assert_int_equal(given("limit=101")->limit, 100);
	assert_int_equal(given("callerId=3")->caller, 3);
	assert_int_equal(given("caller_id=3")->caller, 3);
	q = given("ids=1,2%2C3&q=z");
	assert_int_equal(q->ids.n, 3);
	assert_int_equal(q->ids.v[2], 3);
	assert_string_equal(q->q, "z");
}

static void
the_rest_is_ignored(void **state)
{
	static const char *const texts[] = { "", "&", "&&&", "x=1", "=", "=1",
		"Q=1", "q", "q=", "qq=1", "limi=0", "limit2=0", "%zz=1", "%",
		"q=&q=", "x=%zz", "%00=1", "q%00=1", "=&=&=", "x" };
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(texts); i++) {
		struct q *q = given(texts[i]);

		assert_null(q->q);
		assert_int_equal(q->limit, 20);
		assert_int_equal(q->caller, -1);
		assert_null(q->ids.v);
	}
}

static void
wrong_values_are_named_once(void **state)
{
	static const struct {
		const char *text, *name, *why;
	} rows[] = {
		{ "q=%", "q", "is not valid text" },
		{ "q=%2", "q", "is not valid text" },
		{ "q=%2g", "q", "is not valid text" },
		{ "q=%-1", "q", "is not valid text" },
		{ "q=a%00b", "q", "is not valid text" },
		{ "q=%c3", "q", "is not valid text" },
		{ "q=\377", "q", "is not valid text" },
		{ "q=%ed%a0%80", "q", "is not valid text" },
		{ "q=%zz&q=%zz&q=1", "q", "is not valid text" },
		{ "q=1&q=1", "q", "is given twice" },
		{ "q=1&q=2&q=3&q=4", "q", "is given twice" },
		{ "caller_id=1&callerId=1", "caller_id", "is given twice" },
		{ "limit=0&limit=0", "limit", "must be at least 1" },
		{ "limit=+1", "limit", "must be an integer" },
		{ "limit=1%20", "limit", "must be an integer" },
		{ "q=123456789", "q", "must be at most 8 characters" },
		{ "q=%0a", "q", "must not have control characters" },
		{ "ids=1,,2", "ids", "must be comma-separated integers" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(rows); i++) {
		if (read_query(arena_fmt(&arena, "%s&need=x",
		    rows[i].text)) != NULL)
			fail_msg("%s: taken", rows[i].text);
		assert_string_equal(err.fields->name, rows[i].name);
		if (!str_eq(err.fields->why, rows[i].why))
			fail_msg("%s: %s", rows[i].text, err.fields->why);
		assert_null(err.fields->next);
	}
}

static void
what_is_required_must_be_there(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "", "is required" }, { "need", "is required" },
		{ "need=", "is required" }, { "Need=x", "is required" },
		{ "need=%", "is not valid text" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(rows); i++) {
		assert_null(read_query(rows[i].text));
		assert_string_equal(err.fields->name, "need");
		assert_string_equal(err.fields->why, rows[i].why);
		assert_null(err.fields->next);
	}
}

static int
set_up(void **state)
{
	(void)state;
	arena_init(&arena, 1 << 20);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(values_are_decoded),
		TEST(the_rest_is_ignored),
		TEST(wrong_values_are_named_once),
		TEST(what_is_required_must_be_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
