/* json_write: the output is well-formed JSON for any input. */
#include "unit.h"

#include "base/clock.h"
#include "json/json_build.h"
#include "json/json_decode.h"
#include "json/json_validate.h"
#include "json/json_write.h"

static struct buf buf;
static struct json_write j;

static struct json_write *
begin(void)
{
	buf_clear(&buf);
	json_write_init(&j, &buf);
	return &j;
}

/* Checks that the output is exactly this JSON text. */
static void
is(const char *json)
{
	assert_false(buf.full);
	assert_int_equal(buf.len, strlen(buf.data));
	assert_string_equal(buf.data, json);
	assert_null(json_validate(buf.data, buf.len));
}

static void
commas_and_keys_are_placed(void **state)
{
	static const char *const words[] = { "a", "b" };
	struct strv list = { 2, (const char **)(uintptr_t)words };
	struct strv none = { 0, NULL };

	(void)state;
	begin();
	json_write_obj(&j, NULL);
	json_write_int(&j, "a", 1);
	json_write_arr(&j, "b");
	json_write_int(&j, NULL, 1);
	json_write_obj(&j, NULL);
	json_write_obj_end(&j);
	json_write_obj(&j, NULL);
	json_write_null(&j, "x");
	json_write_bool(&j, "y", true);
	json_write_obj_end(&j);
	json_write_arr(&j, NULL);
	json_write_arr_end(&j);
	json_write_bool(&j, NULL, false);
	json_write_arr_end(&j);
	json_write_obj(&j, "c");
	json_write_strv(&j, "d", &list);
	json_write_strv(&j, "e", &none);
	json_write_obj_end(&j);
	json_write_raw(&j, "f", "[1,{}]");
	json_write_raw(&j, "g", NULL);
	json_write_str(&j, "h", NULL);
	json_write_obj_end(&j);
	is("{\"a\":1,\"b\":[1,{},{\"x\":null,\"y\":true},[],false],"
	    "\"c\":{\"d\":[\"a\",\"b\"],\"e\":[]},\"f\":[1,{}],\"g\":null,"
	    "\"h\":null}");
}

/* Keys of each length, because short keys are copied differently. */
static void
keys_of_any_length(void **state)
{
	static const char all[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP";
	char key[64], json[80];
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(all); n++) {
		memcpy(key, all, n);
		key[n] = '\0';
		begin();
		json_write_obj(&j, NULL);
		json_write_int(&j, key, 7);
		json_write_obj_end(&j);
		snprintf(json, sizeof(json), "{\"%s\":7}", key);
		is(json);
	}
}

static void
one_value_alone_is_json(void **state)
{
	(void)state;
	json_write_int(begin(), NULL, 5);
	is("5");
	json_write_str(begin(), NULL, "x");
	is("\"x\"");
	json_write_null(begin(), NULL);
	is("null");
	json_write_arr(begin(), NULL);
	json_write_arr_end(&j);
	is("[]");
}

static void
writes_go_to_the_end(void **state)
{
	(void)state;
	buf_clear(&buf);
	buf_str(&buf, "x ");
	json_write_init(&j, &buf);
	json_write_int(&j, NULL, 5);
	assert_string_equal(buf.data, "x 5");
}

static void
integers_have_all_their_digits(void **state)
{
	int64_t v, p10 = 1;
	char want[32];
	int i, k;

	(void)state;
	for (i = 0; i < 19; i++) {
		for (k = -2; k <= 2; k++) {
			for (v = p10 + k; ; v = -v) {
				json_write_int(begin(), NULL, v);
				snprintf(want, sizeof(want), "%lld",
				    (long long)v);
				is(want);
				if (v <= 0)
					break;
			}
		}
		p10 = i < 18 ? p10 * 10 : p10;
	}
	for (v = -1100; v < 1100; v++) {
		json_write_int(begin(), NULL, v);
		snprintf(want, sizeof(want), "%lld", (long long)v);
		is(want);
	}
	json_write_int(begin(), NULL, INT64_MAX);
	is("9223372036854775807");
	json_write_int(begin(), NULL, INT64_MIN);
	is("-9223372036854775808");
	json_write_opt(begin(), NULL, INT64_MIN);
	is("null");
	json_write_opt(begin(), NULL, INT64_MIN + 1);
	is("-9223372036854775807");
	json_write_opt(begin(), NULL, 0);
	is("0");
}

static void
fixed_numbers_end_in_one_decimal(void **state)
{
	static const struct {
		int64_t v;
		int scale;
		const char *json;
	} rows[] = {
		{ 48, 1, "4.8" }, { 40, 1, "4.0" }, { 0, 1, "0.0" },
		{ 5, 1, "0.5" }, { -5, 1, "-0.5" }, { -48, 1, "-4.8" },
		{ 7, 0, "7" }, { -7, 0, "-7" }, { 0, 0, "0" },
		{ 1990, 2, "19.9" }, { 1999, 2, "19.99" }, { 1, 2, "0.01" },
		{ 100, 2, "1.0" }, { -7750000, 6, "-7.75" },
		{ 113215900, 6, "113.2159" }, { 1, 6, "0.000001" },
		{ 1000000, 6, "1.0" }, { 1000001, 6, "1.000001" },
		{ INT64_MAX, 0, "9223372036854775807" },
		{ INT64_MAX, 2, "92233720368547758.07" },
		{ INT64_MIN + 1, 18, "-9.223372036854775807" },
		{ INT64_MIN, 2, "null" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(rows); i++) {
		json_write_fixed(begin(), NULL, rows[i].v, rows[i].scale);
		is(rows[i].json);
	}
}

static void
times_and_uuids_are_text(void **state)
{
	struct uuid u, nil = { { 0 } };

	(void)state;
	assert_true(uuid_parse("0190F5fe-7c00-7a00-8000-0000000000ab", &u));
	begin();
	json_write_obj(&j, NULL);
	json_write_time(&j, "a", INT64_C(1719137527999));
	json_write_time(&j, "b", 0);
	json_write_time(&j, "c", INT64_MIN);
	json_write_uuid(&j, "d", &u);
	json_write_uuid(&j, "e", &nil);
	json_write_obj_end(&j);
	is("{\"a\":\"2024-06-23T10:12:07Z\",\"b\":\"1970-01-01T00:00:00Z\","
	    "\"c\":null,\"d\":\"0190f5fe-7c00-7a00-8000-0000000000ab\","
	    "\"e\":null}");
}

static void
strings_are_escaped(void **state)
{
	static const struct {
		const char *text, *json;
	} rows[] = {
		{ "", "\"\"" }, { "a", "\"a\"" }, { "/", "\"/\"" },
		{ "\"", "\"\\\"\"" }, { "\\", "\"\\\\\"" },
		{ "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"" },
		{ "\001\037", "\"\\u0001\\u001f\"" }, { "\177", "\"\177\"" },
		{ "12345678\"", "\"12345678\\\"\"" },
		{ "1234567\"9", "\"1234567\\\"9\"" },
		{ "\"2345678", "\"\\\"2345678\"" },
		{ "\"\"\"\"\"\"\"\"", "\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\\\"\"" },
		{ "</script>", "\"</script>\"" },
		{ "\303\251", "\"\303\251\"" },
		{ "a\342\202\254b", "\"a\342\202\254b\"" },
		{ "\360\237\230\200", "\"\360\237\230\200\"" },
		{ "\340\244\271\340\244\277\340\244\250\340\245\215",
		  "\"\340\244\271\340\244\277\340\244\250\340\245\215\"" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(rows); i++) {
		json_write_str(begin(), NULL, rows[i].text);
		is(rows[i].json);
	}
	json_write_strn(begin(), NULL, "a\0b", 3);
	assert_string_equal(buf.data, "\"a\\u0000b\"");
	json_write_strn(begin(), NULL, "abc", 2);
	is("\"ab\"");
}

#define FFFD "\357\277\275"

static void
bytes_that_are_not_utf8_are_replaced(void **state)
{
	static const struct {
		const char *text, *json;
	} rows[] = {
		{ "\200", "\"" FFFD "\"" }, { "a\377b", "\"a" FFFD "b\"" },
		{ "\300\200", "\"" FFFD FFFD "\"" },
		{ "\355\240\200", "\"" FFFD FFFD FFFD "\"" },
		{ "\303", "\"" FFFD "\"" }, { "\303\"", "\"" FFFD "\\\"\"" },
		{ "\342\202", "\"" FFFD FFFD "\"" },
		{ "\342\202\303\251", "\"" FFFD FFFD "\303\251\"" },
		{ "\364\220\200\200", "\"" FFFD FFFD FFFD FFFD "\"" },
		{ "abcdefgh\377abcdefgh", "\"abcdefgh" FFFD "abcdefgh\"" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(rows); i++) {
		json_write_str(begin(), NULL, rows[i].text);
		is(rows[i].json);
	}
}

/*
 * A special byte at each position of a string of each length. The steps of
 * eight bytes, the last overlapping step and the steps of one byte must agree.
 * Each text has its own allocation, so a sanitizer detects a read beyond the
 * end.
 */
static void
strings_of_any_length_and_place(void **state)
{
	static const char *const specials[] = { "\"", "\n", "\303\251", "\377",
		"x" };
	static const char *const json[] = { "\\\"", "\\n", "\303\251", FFFD,
		"x" };
	char want[256];
	size_t len, at, s, k;

	(void)state;
	for (len = 1; len < 40; len++) {
		for (at = 0; at < len; at++) {
			for (s = 0; s < NELEM(specials); s++) {
				size_t n = strlen(specials[s]);
				char *text = malloc(len + n - 1);

				for (k = 0; k < len + n - 1; k++)
					text[k] = (char)('a' + k % 26);
				memcpy(text + at, specials[s], n);
				snprintf(want, sizeof(want), "\"%.*s%s%.*s\"",
				    (int)at, text, json[s],
				    (int)(len - at - 1), text + at + n);
				json_write_strn(begin(), NULL, text,
				    len + n - 1);
				is(want);
				free(text);
			}
		}
	}
}

/* All byte strings result in JSON. */
static void
any_bytes_give_json(void **state)
{
	uint64_t seed = 1;
	char text[64] = "";
	size_t n, i;
	int r;

	(void)state;
	for (r = 0; r < 20000; r++) {
		n = (size_t)(seed >> 58);
		for (i = 0; i < n; i++) {
			seed = seed * UINT64_C(6364136223846793005) + 1;
			text[i] = (char)(seed >> 56);
		}
		seed = seed * UINT64_C(6364136223846793005) + 1442695;
		if (memchr(text, '\0', n) != NULL)
			continue;	/* json_validate() rejects U+0000 */
		json_write_strn(begin(), NULL, text, n);
		assert_null(json_validate(buf.data, buf.len));
	}
}

static void
a_full_buffer_says_so(void **state)
{
	struct buf small;
	size_t max;
	int i;

	(void)state;
	for (max = 0; max < 400; max += 3) {
		buf_init(&small, max);
		json_write_init(&j, &small);
		json_write_arr(&j, NULL);
		for (i = 0; i < 20; i++) {
			json_write_obj(&j, NULL);
			json_write_str(&j, "name",
			    "some text \" of an item \377");
			json_write_int(&j, "n", INT64_MIN);
			json_write_fixed(&j, "f", INT64_MAX, 18);
			json_write_time(&j, "t", 0);
			json_write_obj_end(&j);
		}
		json_write_arr_end(&j);
		assert_true(small.full);
		assert_true(small.len <= max);
		assert_int_equal(j.depth, 0);
		buf_free(&small);
	}
}

static void
end_alone(void)
{
	json_write_obj_end(begin());
}

static void
other_end(void)
{
	json_write_obj(begin(), NULL);
	json_write_arr_end(&j);
}

static void
no_key(void)
{
	json_write_obj(begin(), NULL);
	json_write_int(&j, NULL, 1);
}

static void
key_in_array(void)
{
	json_write_arr(begin(), NULL);
	json_write_int(&j, "a", 1);
}

static void
key_at_the_top(void)
{
	json_write_obj(begin(), "a");
}

static void
second_value(void)
{
	json_write_int(begin(), NULL, 1);
	json_write_int(&j, NULL, 2);
}

static void
second_after_object(void)
{
	json_write_obj(begin(), NULL);
	json_write_obj_end(&j);
	json_write_obj(&j, NULL);
}

static void
nested_33(void)
{
	int i;

	begin();
	for (i = 0; i < 33; i++)
		json_write_arr(&j, NULL);
}

static void
misuse_is_our_mistake(void **state)
{
	int i;

	(void)state;
	assert_true(dies(end_alone));
	assert_true(dies(other_end));
	assert_true(dies(no_key));
	assert_true(dies(key_in_array));
	assert_true(dies(key_at_the_top));
	assert_true(dies(second_value));
	assert_true(dies(second_after_object));
	assert_true(dies(nested_33));
	begin();
	for (i = 0; i < 32; i++)
		json_write_arr(&j, NULL);
	while (i-- > 0)
		json_write_arr_end(&j);
	is("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
}

static void
members_of_an_object_are_inserted(void **state)
{
	static const char *const empty[] = { NULL, "{}", "{ \n}" };

	(void)state;
	for (size_t i = 0; i < sizeof(empty) / sizeof(*empty); i++) {
		begin();
		json_write_obj(&j, NULL);
		json_write_members(&j, empty[i]);
		json_write_int(&j, "a", 1);
		json_write_members(&j, empty[i]);
		json_write_obj_end(&j);
		is("{\"a\":1}");
	}
	begin();
	json_write_obj(&j, NULL);
	json_write_members(&j, "{\"a\":{},\"b\":2}");
	json_write_members(&j, "{\"c\":[]}");
	json_write_int(&j, "d", 3);
	json_write_obj_end(&j);
	is("{\"a\":{},\"b\":2,\"c\":[],\"d\":3}");
}

static void
an_object_is_built_from_its_members(void **state)
{
	static const char *const words[] = { "x", "\"" };
	struct strv list = { 2, (const char **)(uintptr_t)words };
	int64_t ids[] = { 1, -2, INT64_MAX };
	struct arena arena;

	(void)state;
	arena_init(&arena, 1 << 20);
	buf_clear(&buf);
	json_build_append(&buf, JSON_OBJECT(JSON_INT("a", -5),
	    JSON_INT("b", INT64_MIN), JSON_STR("c", "\"\n"),
	    JSON_STR("d", NULL), JSON_BOOL("e", true), JSON_BOOL("f", 0),
	    JSON_TIME("g", 0), JSON_TIME("h", INT64_MIN),
	    JSON_RAW("i", "[1]"), JSON_RAW("j", NULL),
	    JSON_REST("{\"k\":1}"), JSON_REST(NULL)));
	is("{\"a\":-5,\"b\":null,\"c\":\"\\\"\\n\",\"d\":null,\"e\":true,"
	    "\"f\":false,\"g\":\"1970-01-01T00:00:00Z\",\"h\":null,"
	    "\"i\":[1],\"j\":null,\"k\":1}");
	assert_string_equal(json_build_object(&arena,
	    JSON_OBJECT(JSON_INT("a", 1))), "{\"a\":1}");
	assert_string_equal(json_build_ints(&arena, ids, 3),
	    "[1,-2,9223372036854775807]");
	assert_string_equal(json_build_ints(&arena, ids, 0), "[]");
	assert_string_equal(json_build_strings(&arena, &list),
	    "[\"x\",\"\\\"\"]");
	arena_free(&arena);
}

static int
set_up(void **state)
{
	(void)state;
	buf_init(&buf, 1 << 20);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	buf_free(&buf);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commas_and_keys_are_placed),
		cmocka_unit_test(keys_of_any_length),
		cmocka_unit_test(one_value_alone_is_json),
		cmocka_unit_test(writes_go_to_the_end),
		cmocka_unit_test(integers_have_all_their_digits),
		cmocka_unit_test(fixed_numbers_end_in_one_decimal),
		cmocka_unit_test(times_and_uuids_are_text),
		cmocka_unit_test(strings_are_escaped),
		cmocka_unit_test(bytes_that_are_not_utf8_are_replaced),
		cmocka_unit_test(strings_of_any_length_and_place),
		cmocka_unit_test(any_bytes_give_json),
		cmocka_unit_test(a_full_buffer_says_so),
		cmocka_unit_test(misuse_is_our_mistake),
		cmocka_unit_test(members_of_an_object_are_inserted),
		cmocka_unit_test(an_object_is_built_from_its_members),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
