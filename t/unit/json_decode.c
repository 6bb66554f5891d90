/*
 * json_decode: parsing bodies into structs, with all invalid fields reported
 * together.
 */
#include "unit.h"

#include "base/arena.h"
#include "base/clock.h"
#include "json/json_decode.h"

struct item {
	const char *title;
	int64_t count;
	struct uuid uuid;
};

static const struct field item_fields[] = {
	{ "title", NULL, F_STR, FIELD_REQUIRED, offsetof(struct item, title),
	  .min = 1, .max = 4 },
	{ "count", NULL, F_INT, 0, offsetof(struct item, count), .dflt = 9 },
	{ "uuid", NULL, F_UUID, 0, offsetof(struct item, uuid), .dflt = 0 },
};
static const struct field_table item_table =
    FIELD_TABLE(item_fields, struct item);

struct thing {
	const char *name, *bio, *id, *data;
	int64_t caller, price, when, size;
	int on, sex;
	struct uuid uuid;
	struct strv tags;
	struct intv ids;
	struct objv items;
	struct item *owner;
};

static const char *const sexes[] = { "male", "female", "other", NULL };

#define AT(m) .off = offsetof(struct thing, m)

static const struct field fields[] = {
	{ "name", NULL, F_STR, FIELD_REQUIRED, AT(name), .min = 1, .max = 5 },
	{ "bio", NULL, F_STR, FIELD_CLEAR, AT(bio), .min = 1, .max = 9 },
	{ "id", NULL, F_ID, 0, AT(id) },
	{ "data", NULL, F_JSON, 0, AT(data) },
	{ "caller_id", NULL, F_INT, 0, AT(caller), .min = 1,
	  .dflt = FIELD_NONE },
	{ "price", NULL, F_FIXED, FIELD_CLEAR, AT(price), .dflt = FIELD_NONE,
	  .scale = 2 },
	{ "when", NULL, F_TIME, FIELD_CLEAR, AT(when), .dflt = FIELD_NONE },
	{ "size", NULL, F_INT, FIELD_CLEAR, AT(size), .dflt = FIELD_NONE },
	{ "on", NULL, F_BOOL, 0, AT(on), .dflt = -1 },
	{ "sex", NULL, F_ENUM, 0, AT(sex), .dflt = -1, .words = sexes },
	{ "uuid", NULL, F_UUID, FIELD_CLEAR, AT(uuid) },
	{ "tags", NULL, F_STRV, FIELD_CLEAR, AT(tags), .max = 3, .max2 = 3 },
	{ "ids", NULL, F_INTV, 0, AT(ids), .max = 3 },
	{ "items", NULL, F_OBJV, 0, AT(items), .max = 3, .sub = &item_table },
	{ "owner", NULL, F_OBJ, 0, AT(owner), .sub = &item_table },
};
static const struct field_table table = FIELD_TABLE(fields, struct thing);

static struct arena arena;
static struct err err;

/* Returns the struct parsed from a body, or NULL and err if it was rejected. */
static struct thing *
read_n(const char *body, size_t n)
{
	struct thing *t = field_new(&arena, &table);
	enum rc rc;

	err_init(&err, &arena);
	rc = json_decode(&arena, &table, t, body, n, &err);
	assert_int_equal(rc, err.rc);
	return rc == RC_OK ? t : NULL;
}

static struct thing *
read_body(const char *body)
{
	return read_n(body, strlen(body));
}

/* Parses a body with the required member and one other. */
static struct thing *
member(const char *json)
{
	return read_body(arena_fmt(&arena, "{\"name\":\"x\",%s}", json));
}

static void
what_is_not_an_object_is_refused(void **state)
{
	static const char *const bodies[] = { "", " ", "null", "1", "-1.5",
		"true", "\"x\"", "[]", "[{\"name\":\"x\"}]", "{", "{}{}",
		"{\"name\":\"x\",}", "{'name':'x'}", "{\"name\":NaN}",
		"{\"name\":\"x\"}x", "{\"name\":\"x\"} {}",
		"{\"name\":\"x\",\"name\":\"y\"}", "{\"name\":\"\\u0000\"}",
		"{\"name\":\"\300\200\"}", "{\"size\":9223372036854775808}",
		"{\"name\":\"x\"}//", "{name:\"x\"}" };
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(bodies); i++) {
		if (read_body(bodies[i]) != NULL)
			fail_msg("%s: taken", bodies[i]);
		assert_int_equal(err.rc, RC_BAD);
		assert_string_equal(err.code, "invalid_json");
		assert_non_null(err.message);
		assert_null(err.fields);
	}
	assert_null(read_n("{\"name\":\"x\"}\0", 13));
	assert_int_equal(err.rc, RC_BAD);
}

static void
the_length_is_bounded(void **state)
{
	char *body = memset(malloc(JSON_BYTES + 1), ' ', JSON_BYTES + 1);

	(void)state;
	memcpy(body, "{\"name\":\"x\"}", 12);
	assert_non_null(read_n(body, JSON_BYTES));
	assert_null(read_n(body, JSON_BYTES + 1));
	assert_int_equal(err.rc, RC_BAD);
	free(body);
}

static void
absent_members_are_defaults(void **state)
{
	static const char *const bodies[] = { "{\"name\":\"x\"}",
		" \n\t{\"name\" : \"x\" } \r\n",
		"{\"unknown\":{\"a\":[1]},\"name\":\"x\",\"Name\":7}",
		"{\"name\":\"x\",\"id\":null,\"data\":null,\"caller_id\":null,"
		"\"callerId\":null,\"on\":null,\"sex\":null,\"ids\":null,"
		"\"items\":null,\"owner\":null}" };
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(bodies); i++) {
		struct thing *t = read_body(bodies[i]);

		assert_non_null(t);
		assert_string_equal(t->name, "x");
		assert_null(t->bio);
		assert_null(t->id);
		assert_null(t->data);
		assert_true(t->caller == FIELD_NONE);
		assert_true(t->price == FIELD_NONE);
		assert_true(t->when == FIELD_NONE);
		assert_true(t->size == FIELD_NONE);
		assert_int_equal(t->on, -1);
		assert_int_equal(t->sex, -1);
		assert_true(uuid_nil(&t->uuid));
		assert_null(t->tags.v);
		assert_null(t->ids.v);
		assert_null(t->items.v);
		assert_null(t->owner);
	}
}

static void
every_type_is_stored(void **state)
{
	struct thing *t = read_body("{\"name\":\"\\u00e9\\ud83d\\ude00\\/\","
	    "\"bio\":\"b\",\"id\":\"q-1\",\"caller_id\":12,\"price\":19.9,"
	    "\"when\":\"2024-06-23T10:12:07Z\",\"size\":-3,\"on\":true,"
	    "\"sex\":\"female\",\"tags\":[\"a\",\"\303\251\"],\"ids\":[1,-2],"
	    "\"uuid\":\"0190f5fe-7c00-7a00-8000-0000000000ab\","
	    "\"items\":[{\"title\":\"t\",\"count\":4},{\"title\":\"u\"}],"
	    "\"owner\":{\"title\":\"v\",\"x\":{}}}");
	struct item *items;
	char text[UUID_TEXT];

	(void)state;
	assert_non_null(t);
	assert_string_equal(t->name, "\303\251\360\237\230\200/");
	assert_string_equal(t->bio, "b");
	assert_string_equal(t->id, "q-1");
	assert_int_equal(t->caller, 12);
	assert_int_equal(t->price, 1990);
	assert_true(t->when == INT64_C(1719137527000));
	assert_int_equal(t->size, -3);
	assert_int_equal(t->on, 1);
	assert_int_equal(t->sex, 1);
	uuid_text(&t->uuid, text);
	assert_string_equal(text, "0190f5fe-7c00-7a00-8000-0000000000ab");
	assert_int_equal(t->tags.n, 2);
	assert_string_equal(t->tags.v[0], "a");
	assert_string_equal(t->tags.v[1], "\303\251");
	assert_int_equal(t->ids.n, 2);
	assert_int_equal(t->ids.v[1], -2);
	assert_int_equal(t->items.n, 2);
	items = t->items.v;
	assert_string_equal(items[0].title, "t");
	assert_int_equal(items[0].count, 4);
	assert_string_equal(items[1].title, "u");
	assert_int_equal(items[1].count, 9);
	assert_string_equal(t->owner->title, "v");
	assert_int_equal(t->owner->count, 9);
}

static void
ids_are_integers_or_strings(void **state)
{
	(void)state;
	assert_string_equal(member("\"id\":5")->id, "5");
	assert_string_equal(member("\"id\":-9223372036854775808")->id,
	    "-9223372036854775808");
	assert_string_equal(member("\"id\":5.0")->id, "5");
	assert_string_equal(member("\"id\":1E3")->id, "1000");
	assert_string_equal(member("\"id\":\"5\"")->id, "5");
	assert_string_equal(member("\"id\":\"a/b\"")->id, "a/b");
}

static void
integers_may_be_written_with_decimals(void **state)
{
	(void)state;
	assert_int_equal(member("\"size\":2.0")->size, 2);
	assert_int_equal(member("\"size\":-1.5e1")->size, -15);
	assert_int_equal(member("\"size\":1e3")->size, 1000);
	assert_int_equal(member("\"ids\":[1.0,2e0]")->ids.v[1], 2);
}

static void
fixed_numbers_come_from_their_digits(void **state)
{
	static const struct {
		const char *json;
		int64_t n;
	} rows[] = {
		{ "0", 0 }, { "-0", 0 }, { "7", 700 }, { "0.1", 10 },
		{ "0.29", 29 }, { "1.10", 110 }, { "1.1000000000", 110 },
		{ "-19.99", -1999 }, { "1e2", 10000 }, { "1.5E+1", 1500 },
		{ "1500e-3", 150 }, { "90071992547409.93", 9007199254740993 },
		{ "92233720368547758.07", INT64_MAX },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(rows); i++) {
		struct thing *t = member(arena_fmt(&arena, "\"price\":%s",
		    rows[i].json));

		if (t == NULL || t->price != rows[i].n)
			fail_msg("%s: not read", rows[i].json);
	}
}

static void
any_json_is_kept_as_text(void **state)
{
	static const struct {
		const char *json, *text;
	} rows[] = {
		{ "{}", "{}" }, { "[1, 2]", "[1,2]" }, { "\"a/b\"", "\"a/b\"" },
		{ "false", "false" }, { "0", "0" },
		{ "1.10e5", "1.10e5" }, { "{\"a\" : [null]}", "{\"a\":[null]}" },
		{ "\"\\u00e9\\n\"", "\"\303\251\\n\"" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(rows); i++)
		assert_string_equal(member(arena_fmt(&arena, "\"data\":%s",
		    rows[i].json))->data, rows[i].text);
}

static void
null_clears_where_it_may(void **state)
{
	struct thing *t = member("\"bio\":null,\"price\":null,\"when\":null,"
	    "\"size\":null,\"uuid\":null,\"tags\":null");

	(void)state;
	assert_non_null(t);
	assert_string_equal(t->bio, "");
	assert_true(t->price == FIELD_CLEARED);
	assert_true(t->when == FIELD_CLEARED);
	assert_true(t->size == FIELD_CLEARED);
	assert_int_equal(t->uuid.b[0], 0xff);
	assert_int_equal(t->uuid.b[15], 0xff);
	assert_int_equal(t->tags.n, 0);
	assert_non_null(t->tags.v);
}

static void
an_alias_is_the_same_member(void **state)
{
	(void)state;
	assert_int_equal(member("\"callerId\":3")->caller, 3);
	assert_int_equal(member("\"caller_id\":3,\"callerId\":null")->caller, 3);
	assert_int_equal(member("\"caller_id\":null,\"callerId\":3")->caller, 3);
	assert_null(member("\"caller_id\":3,\"callerId\":3"));
	assert_string_equal(err.fields->name, "caller_id");
	assert_string_equal(err.fields->why, "is given twice");
	assert_null(err.fields->next);
	/* Errors are mapped to the spelling of the client. */
	assert_null(member("\"callerId\":0"));
	assert_string_equal(err.fields->name, "caller_id");
	assert_string_equal(err_spelled(&err, "caller_id"), "callerId");
	assert_string_equal(err.fields->why, "must be at least 1");
}

#define OBJ	"{\"title\":\"t\"}"

static void
no_type_is_taken_for_another(void **state)
{
	static const struct {
		const char *json, *field, *why;
	} rows[] = {
		{ "\"bio\":1", "bio", "must be a string" },
		{ "\"bio\":true", "bio", "must be a string" },
		{ "\"bio\":[\"a\"]", "bio", "must be a string" },
		{ "\"bio\":{}", "bio", "must be a string" },
		{ "\"bio\":\"\"", "bio", "must not be empty" },
		{ "\"bio\":\"0123456789\"", "bio",
		  "must be at most 9 characters" },
		{ "\"bio\":\"a\\nb\"", "bio",
		  "must not have control characters" },
		{ "\"bio\":\"a\\u007f\"", "bio",
		  "must not have control characters" },
		{ "\"size\":\"1\"", "size", "must be an integer" },
		{ "\"size\":1.01", "size", "must be an integer" },
		{ "\"size\":1e-1", "size", "must be an integer" },
		{ "\"size\":1.5", "size", "must be an integer" },
		{ "\"size\":true", "size", "must be an integer" },
		{ "\"size\":[]", "size", "must be an integer" },
		{ "\"size\":-9223372036854775808", "size", "is out of range" },
		{ "\"size\":-9223372036854775807", "size", "is out of range" },
		{ "\"price\":\"1.5\"", "price", "must be a number" },
		{ "\"price\":false", "price", "must be a number" },
		{ "\"price\":0.001", "price",
		  "must have at most 2 decimal places" },
		{ "\"price\":1e400", "price", "is out of range" },
		{ "\"price\":92233720368547758.08", "price",
		  "is out of range" },
		{ "\"on\":1", "on", "must be true or false" },
		{ "\"on\":\"true\"", "on", "must be true or false" },
		{ "\"id\":1.5", "id", "must be an integer or a string" },
		{ "\"id\":1.01", "id", "must be an integer or a string" },
		{ "\"id\":true", "id", "must be an integer or a string" },
		{ "\"id\":\"\"", "id", "must not be empty" },
		{ "\"sex\":0", "sex", "must be a string" },
		{ "\"sex\":\"x\"", "sex", "must be one of male, female, other" },
		{ "\"when\":1719137527", "when", "must be a string" },
		{ "\"when\":\"now\"", "when", "must be an RFC 3339 time" },
		{ "\"uuid\":7", "uuid", "must be a string" },
		{ "\"uuid\":\"7\"", "uuid", "must be a UUID" },
		{ "\"tags\":\"a\"", "tags", "must be an array of strings" },
		{ "\"tags\":{}", "tags", "must be an array of strings" },
		{ "\"tags\":[1]", "tags", "must be an array of strings" },
		{ "\"tags\":[\"a\",null]", "tags",
		  "must be an array of strings" },
		{ "\"tags\":[[\"a\"]]", "tags", "must be an array of strings" },
		{ "\"tags\":[\"\"]", "tags", "each must not be empty" },
		{ "\"tags\":[\"abcd\"]", "tags",
		  "each must be at most 3 characters" },
		{ "\"tags\":[\"a\\nb\"]", "tags",
		  "each must not have control characters" },
		{ "\"tags\":[\"a\",\"b\",\"c\",\"d\"]", "tags",
		  "must have at most 3 items" },
		{ "\"ids\":1", "ids", "must be an array of integers" },
		{ "\"ids\":\"1,2\"", "ids", "must be an array of integers" },
		{ "\"ids\":[\"1\"]", "ids", "must be an array of integers" },
		{ "\"ids\":[1.01]", "ids", "must be an array of integers" },
		{ "\"ids\":[null]", "ids", "must be an array of integers" },
		{ "\"ids\":[1,2,3,4]", "ids", "must have at most 3 items" },
		{ "\"items\":{}", "items", "must be an array of objects" },
		{ "\"items\":[1]", "items", "must be an array of objects" },
		{ "\"items\":[null]", "items", "must be an array of objects" },
		{ "\"items\":[" OBJ "," OBJ "," OBJ "," OBJ "]", "items",
		  "must have at most 3 items" },
		{ "\"items\":[{}]", "items[0].title", "is required" },
		{ "\"owner\":[]", "owner", "must be an object" },
		{ "\"owner\":\"v\"", "owner", "must be an object" },
		{ "\"owner\":{}", "owner.title", "is required" },
		{ "\"owner\":{\"title\":\"v\",\"count\":\"\"}", "owner.count",
		  "must be an integer" },
		{ "\"items\":[" OBJ ",{\"title\":3}]", "items[1].title",
		  "must be a string" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(rows); i++) {
		if (member(rows[i].json) != NULL)
			fail_msg("%s: taken", rows[i].json);
		assert_int_equal(err.rc, RC_INVALID);
		assert_string_equal(err.fields->name, rows[i].field);
		if (!str_eq(err.fields->why, rows[i].why))
			fail_msg("%s: %s", rows[i].json, err.fields->why);
		assert_null(err.fields->next);
	}
}

static void
all_wrong_fields_are_named_once(void **state)
{
	static const char *const names[] = { "bio", "caller_id", "on", "sex",
		"items[0].count", "items[0].title", "items[1].title",
		"items[1].uuid", "name" };
	const struct err_field *f;
	size_t i = 0;

	(void)state;
	assert_null(read_body("{\"bio\":1,\"callerId\":\"x\",\"on\":\"on\","
	    "\"sex\":\"none\",\"items\":[{\"count\":\"\"},{\"title\":\"\","
	    "\"uuid\":\"\"}]}"));
	assert_int_equal(err.rc, RC_INVALID);
	/* In each object, missing fields are reported last. */
	for (f = err.fields; f != NULL; f = f->next, i++) {
		size_t k, count = 0;

		for (k = 0; k < NELEM(names); k++)
			count += str_eq(names[k], f->name);
		if (count != 1)
			fail_msg("%s: %s", f->name, f->why);
	}
	assert_int_equal(i, NELEM(names));
}

static void
null_is_missing_where_it_is_required(void **state)
{
	(void)state;
	assert_null(read_body("{\"name\":null}"));
	assert_string_equal(err.fields->name, "name");
	assert_string_equal(err.fields->why, "is required");
	assert_null(read_body("{}"));
	assert_string_equal(err.fields->why, "is required");
}

/*
 * json-c accepts all texts that json_validate() accepts, up to the maximum
 * depth.
 */
static void
the_scanner_has_the_last_word(void **state)
{
	char body[128];
	int depth;

	(void)state;
	for (depth = 1; depth < 40; depth++) {
		memset(body, 0, sizeof(body));
		memcpy(body, "{\"name\":\"x\",\"data\":", 19);
		memset(body + 19, '[', (size_t)depth);
		body[19 + depth] = '1';
		memset(body + 20 + depth, ']', (size_t)depth);
		body[20 + 2 * depth] = '}';
		assert_int_equal(read_body(body) != NULL,
		    depth + 1 <= JSON_DEPTH);
		assert_int_equal(err.rc, depth + 1 <= JSON_DEPTH ? RC_OK :
		    RC_BAD);
	}
}

static int
set_up(void **state)
{
	(void)state;
	arena_init(&arena, 8 << 20);
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
		TEST(what_is_not_an_object_is_refused),
		TEST(the_length_is_bounded),
		TEST(absent_members_are_defaults),
		TEST(every_type_is_stored),
		TEST(ids_are_integers_or_strings),
		TEST(integers_may_be_written_with_decimals),
		TEST(fixed_numbers_come_from_their_digits),
		TEST(any_json_is_kept_as_text),
		TEST(null_clears_where_it_may),
		TEST(an_alias_is_the_same_member),
		TEST(no_type_is_taken_for_another),
		TEST(all_wrong_fields_are_named_once),
		TEST(null_is_missing_where_it_is_required),
		TEST(the_scanner_has_the_last_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
