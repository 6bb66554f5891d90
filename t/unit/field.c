/* field: converting text to typed members, bounds, and error messages. */
#include "unit.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/field.h"

struct thing {
	const char *name, *note, *id;
	int64_t count, size, rating, lat, when;
	int on, sex;
	struct uuid uuid;
	struct strv tags;
	struct intv ids;
};

static const char *const sexes[] = { "male", "female", "other", NULL };

#define AT(m) .off = offsetof(struct thing, m)

static const struct field fields[] = {
	{ "name", NULL, F_STR, FIELD_REQUIRED | FIELD_TRIM, AT(name),
	  .min = 2, .max = 5 },
	{ "note", NULL, F_STR, FIELD_CTL, AT(note) },
	{ "id", NULL, F_ID, 0, AT(id), .max = 8 },
	{ "count", NULL, F_INT, 0, AT(count), .min = -3, .max = 10, .dflt = 7 },
	{ "size", NULL, F_INT, FIELD_CLAMP, AT(size), .min = 1, .max = 100,
	  .dflt = 20 },
	{ "rating", NULL, F_FIXED, FIELD_REQUIRED, AT(rating), .min = 0,
	  .max = 50, .dflt = FIELD_NONE, .scale = 1 },
	{ "lat", NULL, F_FIXED, FIELD_ROUND, AT(lat), .min = -90000000,
	  .max = 90000000, .dflt = FIELD_NONE, .scale = 6 },
	{ "when", NULL, F_TIME, 0, AT(when), .min = DAY, .max = 20000 * DAY,
	  .dflt = FIELD_NONE },
	{ "on", NULL, F_BOOL, 0, AT(on), .dflt = -1 },
	{ "sex", NULL, F_ENUM, 0, AT(sex), .dflt = -1, .words = sexes },
	{ "uuid", NULL, F_UUID, 0, AT(uuid) },
	{ "tags", NULL, F_STRV, FIELD_TRIM, AT(tags), .min = 1, .max = 3,
	  .max2 = 4 },
	{ "ids", NULL, F_INTV, 0, AT(ids), .max = 3 },
};
static const struct field_table table = FIELD_TABLE(fields, struct thing);

static struct arena arena;
static struct err err;

static const struct field *
field(const char *name)
{
	size_t i;

	for (i = 0; i < NELEM(fields); i++)
		if (str_eq(fields[i].name, name))
			return &fields[i];
	fail_msg("no field %s", name);
	return NULL;
}

/*
 * Returns a struct with one member set from text, or NULL and err if it was
 * rejected.
 */
static struct thing *
given(const char *name, const char *text)
{
	struct thing *t = field_new(&arena, &table);
	enum rc rc;

	err_init(&err, &arena);
	rc = field_text(&arena, field(name), t, text, &err);
	assert_true(rc == RC_OK || rc == RC_INVALID);
	assert_int_equal(rc, err.rc);
	return rc == RC_OK ? t : NULL;
}

static const struct {
	const char *name, *text, *why;
} wrong[] = {
	{ "name", "", "must not be empty" },
	{ "name", "a", "must be at least 2 characters" },
	{ "name", "  a  ", "must be at least 2 characters" },
	{ "name", "abcdef", "must be at most 5 characters" },
	{ "name", "\303\251\303\251\303\251\303\251\303\251\303\251",
	  "must be at most 5 characters" },
	{ "name", "a\tb", "must not have control characters" },
	{ "name", "a\177b", "must not have control characters" },
	{ "name", "ab\300\200", "must be UTF-8 text" },
	{ "name", "\355\240\200ab", "must be UTF-8 text" },
	{ "note", "\377", "must be UTF-8 text" },
	{ "id", "", "must not be empty" },
	{ "id", "123456789", "must be at most 8 characters" },
	{ "id", "a\nb", "must not have control characters" },
	{ "count", "", "must be an integer" },
	{ "count", "x", "must be an integer" },
	{ "count", "1x", "must be an integer" },
	{ "count", " 1", "must be an integer" },
	{ "count", "+1", "must be an integer" },
	{ "count", "01", "must be an integer" },
	{ "count", "-", "must be an integer" },
	{ "count", "--1", "must be an integer" },
	{ "count", "1-", "must be an integer" },
	{ "count", "1.0", "must be an integer" },
	{ "count", "1e0", "must be an integer" },
	{ "count", "0x1", "must be an integer" },
	{ "count", "\331\241", "must be an integer" },
	{ "count", "11", "must be at most 10" },
	{ "count", "-4", "must be at least -3" },
	{ "count", "9223372036854775808", "must be at most 10" },
	{ "count", "-9223372036854775809", "must be at least -3" },
	{ "count", "99999999999999999999999999", "must be at most 10" },
	{ "size", "0", "must be at least 1" },
	{ "size", "-99999999999999999999", "must be at least 1" },
	{ "rating", "", "must be a number" },
	{ "rating", "x", "must be a number" },
	{ "rating", ".5", "must be a number" },
	{ "rating", "4.", "must be a number" },
	{ "rating", "4,5", "must be a number" },
	{ "rating", "4.5e", "must be a number" },
	{ "rating", "04.5", "must be a number" },
	{ "rating", "NaN", "must be a number" },
	{ "rating", "4.55", "must have at most 1 decimal place" },
	{ "rating", "4.01", "must have at most 1 decimal place" },
	{ "rating", "45e-2", "must have at most 1 decimal place" },
	{ "rating", "1e-999999999999", "must have at most 1 decimal place" },
	{ "rating", "5.1", "must be at most 5" },
	{ "rating", "-0.1", "must be at least 0" },
	{ "rating", "1e99999999999", "must be at most 5" },
	{ "lat", "90.0000005", "must be at most 90" },
	{ "lat", "-90.000001", "must be at least -90" },
	{ "when", "yesterday", "must be an RFC 3339 time" },
	{ "when", "", "must be an RFC 3339 time" },
	{ "when", "1970-01-01", "must not be before 1970-01-02T00:00:00Z" },
	{ "when", "2030-01-01T00:00:00Z",
	  "must not be after 2024-10-04T00:00:00Z" },
	{ "on", "yes", "must be true or false" },
	{ "on", "", "must be true or false" },
	{ "on", "TRUE", "must be true or false" },
	{ "on", "2", "must be true or false" },
	{ "sex", "", "must be one of male, female, other" },
	{ "sex", "Male", "must be one of male, female, other" },
	{ "sex", "mal", "must be one of male, female, other" },
	{ "sex", "males", "must be one of male, female, other" },
	{ "uuid", "", "must be a UUID" },
	{ "uuid", "1", "must be a UUID" },
	{ "uuid", "0190f5fe-7c00-7a00-8000-00000000000", "must be a UUID" },
	{ "uuid", "0190f5fe-7c00-7a00-8000-0000000000000", "must be a UUID" },
	{ "uuid", "0190f5fe-7c00-7a00-8000-00000000000g", "must be a UUID" },
	{ "uuid", "0190f5fe07c0007a000800000000000000000", "must be a UUID" },
	{ "uuid", "ffffffff-ffff-ffff-ffff-ffffffffffff", "must be a UUID" },
	{ "tags", "", "must not be empty" },
	{ "tags", "a,b,c,d", "must have at most 3 items" },
	{ "tags", "a,,b", "each must not be empty" },
	{ "tags", "a,", "each must not be empty" },
	{ "tags", ",", "each must not be empty" },
	{ "tags", "a, ,b", "each must not be empty" },
	{ "tags", "abcde", "each must be at most 4 characters" },
	{ "tags", "a\nb", "each must not have control characters" },
	{ "tags", "a,\377", "each must be UTF-8 text" },
	{ "ids", "1,2,3,4", "must have at most 3 items" },
	{ "ids", "1,", "must be comma-separated integers" },
	{ "ids", "1, 2", "must be comma-separated integers" },
	{ "ids", "x", "must be comma-separated integers" },
	{ "ids", "1,9223372036854775808", "must be comma-separated integers" },
};

static void
wrong_text_is_named_and_not_stored(void **state)
{
	struct thing *was = field_new(&arena, &table);
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(wrong); i++) {
		struct thing *t = field_new(&arena, &table);

		if (given(wrong[i].name, wrong[i].text) != NULL)
			fail_msg("%s=%s: taken", wrong[i].name, wrong[i].text);
		assert_string_equal(err.fields->name, wrong[i].name);
		if (!str_eq(err.fields->why, wrong[i].why))
			fail_msg("%s=%s: %s", wrong[i].name, wrong[i].text,
			    err.fields->why);
		assert_null(err.fields->next);
		field_text(&arena, field(wrong[i].name), t, wrong[i].text,
		    &err);
		assert_memory_equal(t, was, sizeof(*t));
	}
}

static void
defaults_stand_without_text(void **state)
{
	struct thing *t = field_new(&arena, &table);

	(void)state;
	assert_null(t->name);
	assert_null(t->id);
	assert_int_equal(t->count, 7);
	assert_int_equal(t->size, 20);
	assert_true(t->rating == FIELD_NONE);
	assert_true(t->when == FIELD_NONE);
	assert_int_equal(t->on, -1);
	assert_int_equal(t->sex, -1);
	assert_true(uuid_nil(&t->uuid));
	assert_null(t->tags.v);
	assert_null(t->ids.v);
}

static void
texts_are_kept(void **state)
{
	(void)state;
	assert_string_equal(given("name", "ab")->name, "ab");
	assert_string_equal(given("name", "abcde")->name, "abcde");
	assert_string_equal(given("name", " \t a b \r\n\v\f")->name, "a b");
	assert_string_equal(given("name", "\303\251\303\251\303\251\303\251"
	    "\303\251")->name, "\303\251\303\251\303\251\303\251\303\251");
	assert_string_equal(given("note", "")->note, "");
	assert_string_equal(given("note", " a\n\tb ")->note, " a\n\tb ");
	assert_string_equal(given("id", "12345678")->id, "12345678");
	assert_string_equal(given("id", "x y")->id, "x y");
}

static void
numbers_are_exact(void **state)
{
	static const struct {
		const char *name, *text;
		int64_t n;
	} good[] = {
		{ "count", "0", 0 }, { "count", "-0", 0 },
		{ "count", "-3", -3 }, { "count", "10", 10 },
		{ "size", "1", 1 }, { "size", "100", 100 },
		{ "size", "101", 100 },
		{ "size", "9223372036854775807", 100 },
		{ "size", "9223372036854775808", 100 },
		{ "size", "99999999999999999999999", 100 },
		{ "rating", "0", 0 }, { "rating", "5", 50 },
		{ "rating", "4.8", 48 }, { "rating", "4.80", 48 },
		{ "rating", "4.800000000000000000000000000000", 48 },
		{ "rating", "0.1", 1 }, { "rating", "-0.0", 0 },
		{ "rating", "48e-1", 48 }, { "rating", "0.48e1", 48 },
		{ "rating", "0.00048E+4", 48 }, { "rating", "480e-2", 48 },
		{ "rating", "0e99999999999", 0 },
		{ "rating", "0.000e-99999999999", 0 },
		{ "lat", "-12.971599", -12971599 },
		{ "lat", "12.9715987", 12971599 },
		{ "lat", "-12.9715987", -12971599 },
		{ "lat", "12.97159849999999999999", 12971598 },
		{ "lat", "0.0000005", 1 }, { "lat", "-0.0000005", -1 },
		{ "lat", "0.00000049", 0 }, { "lat", "0.00000009", 0 },
		{ "lat", "5e-7", 1 }, { "lat", "5e-8", 0 },
		{ "lat", "9e-8", 0 }, { "lat", "90.0000004", 90000000 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(good); i++) {
		struct thing *t = given(good[i].name, good[i].text);
		int64_t n;

		if (t == NULL)
			fail_msg("%s=%s: %s", good[i].name, good[i].text,
			    err.fields->why);
		n = *(int64_t *)((char *)t + field(good[i].name)->off);
		if (n != good[i].n)
			fail_msg("%s=%s: %lld", good[i].name, good[i].text,
			    (long long)n);
	}
}

/* INT64_MIN means "not given", so it is not a valid value. */
static void
numbers_end_at_int64(void **state)
{
	static const struct field free = { "n", NULL, F_INT, 0, 0,
		.dflt = FIELD_NONE };
	int64_t n = 1;

	(void)state;
	err_init(&err, &arena);
	assert_int_equal(field_put_num(&free, &n, "9223372036854775807", &err),
	    RC_OK);
	assert_true(n == INT64_MAX);
	assert_int_equal(field_put_num(&free, &n, "-9223372036854775807", &err),
	    RC_OK);
	assert_true(n == -INT64_MAX);
	assert_int_equal(field_put_num(&free, &n, "-9223372036854775808", &err),
	    RC_INVALID);
	assert_string_equal(err.fields->why, "is out of range");
	assert_int_equal(field_put_int(&free, &n, INT64_MIN, &err), RC_INVALID);
	assert_true(n == -INT64_MAX);
}

static void
cleared_can_not_be_given_as_a_number(void **state)
{
	static const struct field f = { "n", NULL, F_INT, FIELD_CLEAR, 0,
		.dflt = FIELD_NONE };
	int64_t n = 0;

	(void)state;
	err_init(&err, &arena);
	assert_int_equal(field_put_int(&f, &n, FIELD_CLEARED, &err),
	    RC_INVALID);
	assert_int_equal(field_put_int(&f, &n, FIELD_CLEARED + 1, &err), RC_OK);
}

/* A maximum below the minimum does not apply: "at least 1". */
static void
a_bound_may_be_open(void **state)
{
	static const struct field least = { "n", NULL, F_INT, 0, 0, .min = 1 };
	static const struct field most = { "n", NULL, F_INT, 0, 0, .min = -5,
		.max = 0 };
	int64_t n = 0;

	(void)state;
	err_init(&err, &arena);
	assert_int_equal(field_put_int(&least, &n, INT64_MAX, &err), RC_OK);
	assert_int_equal(field_put_int(&least, &n, 0, &err), RC_INVALID);
	assert_int_equal(field_put_int(&most, &n, 0, &err), RC_OK);
	assert_int_equal(field_put_int(&most, &n, 1, &err), RC_INVALID);
}

static void
words_times_and_ids_are_kept(void **state)
{
	struct uuid u;

	(void)state;
	assert_int_equal(given("on", "true")->on, 1);
	assert_int_equal(given("on", "1")->on, 1);
	assert_int_equal(given("on", "false")->on, 0);
	assert_int_equal(given("on", "0")->on, 0);
	assert_int_equal(given("sex", "male")->sex, 0);
	assert_int_equal(given("sex", "other")->sex, 2);
	assert_true(given("when", "2024-06-23T10:12:07Z")->when ==
	    INT64_C(1719137527000));
	assert_true(given("when", "2024-06-23T15:42:07.25+05:30")->when ==
	    INT64_C(1719137527250));
	assert_true(uuid_parse("0190f5fe-7c00-7a00-8000-0000000000ab", &u));
	assert_memory_equal(&given("uuid",
	    "0190F5FE-7c00-7a00-8000-0000000000AB")->uuid, &u, sizeof(u));
}

static void
lists_are_split(void **state)
{
	struct thing *t;

	(void)state;
	t = given("tags", "a, bc ,d e");
	assert_int_equal(t->tags.n, 3);
	assert_string_equal(t->tags.v[0], "a");
	assert_string_equal(t->tags.v[1], "bc");
	assert_string_equal(t->tags.v[2], "d e");
	t = given("ids", "5");
	assert_int_equal(t->ids.n, 1);
	assert_int_equal(t->ids.v[0], 5);
	t = given("ids", "-1,0,9223372036854775807");
	assert_int_equal(t->ids.n, 3);
	assert_int_equal(t->ids.v[0], -1);
	assert_int_equal(t->ids.v[1], 0);
	assert_true(t->ids.v[2] == INT64_MAX);
	/* A list that was given but is empty. */
	t = given("ids", "");
	assert_int_equal(t->ids.n, 0);
	assert_non_null(t->ids.v);
}

static void
all_that_is_missing_is_named(void **state)
{
	bool seen[NELEM(fields)] = { false };

	(void)state;
	err_init(&err, &arena);
	assert_int_equal(field_missing(&table, seen, &err), RC_INVALID);
	assert_int_equal(err.rc, RC_INVALID);
	assert_string_equal(err.fields->name, "name");
	assert_string_equal(err.fields->why, "is required");
	assert_string_equal(err.fields->next->name, "rating");
	assert_null(err.fields->next->next);
	seen[field("name") - fields] = true;
	seen[field("rating") - fields] = true;
	err_init(&err, &arena);
	assert_int_equal(field_missing(&table, seen, &err), RC_OK);
	assert_null(err.fields);
}

static void
json_from_text(void)
{
	static const struct field json = { "j", NULL, F_JSON, 0,
		.off = 0 };
	const char *p;

	field_text(&arena, &json, &p, "{}", &err);
}

static void
a_table_that_can_not_be_is_our_mistake(void **state)
{
	(void)state;
	assert_true(dies(json_from_text));
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
		TEST(wrong_text_is_named_and_not_stored),
		TEST(defaults_stand_without_text),
		TEST(texts_are_kept),
		TEST(numbers_are_exact),
		TEST(numbers_end_at_int64),
		TEST(cleared_can_not_be_given_as_a_number),
		TEST(a_bound_may_be_open),
		TEST(words_times_and_ids_are_kept),
		TEST(lists_are_split),
		TEST(all_that_is_missing_is_named),
		TEST(a_table_that_can_not_be_is_our_mistake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
