/* item_cache: the JSON of items of lists. */
#include "unit.h"

#include <inttypes.h>

#include "fcgi/core/item_cache.h"

static struct item_key
key(int kind, int64_t id, int64_t revision)
{
	return (struct item_key){ kind, id, revision };
}

static const char *
find(int kind, int64_t id, int64_t revision)
{
	struct item_key k = key(kind, id, revision);
	const char *json;
	size_t len = SIZE_MAX;

	json = item_cache_get(&k, &len);
	assert_int_equal(len, json == NULL ? SIZE_MAX : strlen(json));
	return json;
}

static void
keep(int kind, int64_t id, int64_t revision, const char *json)
{
	struct item_key k = key(kind, id, revision);

	item_cache_put(&k, json);
}

static void
an_item_is_found_by_kind_id_and_revision(void **state)
{
	(void)state;
	assert_null(find(1, 7, 1));
	keep(1, 7, 1, "{\"a\":1}");
	assert_string_equal(find(1, 7, 1), "{\"a\":1}");
	assert_null(find(2, 7, 1));
	assert_null(find(1, 8, 1));
	assert_null(find(1, 7, 2));
}

static void
a_new_revision_replaces_the_item(void **state)
{
	(void)state;
	keep(1, 7, 2, "{\"a\":2}");
	assert_string_equal(find(1, 7, 2), "{\"a\":2}");
	assert_null(find(1, 7, 1));
}

static const char *
find_current(int64_t id, int64_t catalog, int64_t *revision)
{
	struct item_key k = key(5, id, 0);
	const char *json;
	size_t len;

	json = item_cache_current(&k, catalog, &len);
	if (json != NULL)
		assert_int_equal(len, strlen(json));
	*revision = k.revision;
	return json;
}

static void
confirm(int64_t id, int64_t revision, int64_t catalog)
{
	struct item_key k = key(5, id, revision);

	item_cache_confirm(&k, catalog);
}

static void
a_confirmed_item_is_current_in_one_state_of_the_catalog(void **state)
{
	int64_t revision;

	(void)state;
	confirm(3, 1, 9);
	assert_null(find_current(3, 9, &revision));
	keep(5, 3, 1, "{}");
	assert_null(find_current(3, 9, &revision));
	confirm(3, 1, 9);
	assert_string_equal(find_current(3, 9, &revision), "{}");
	assert_int_equal(revision, 1);
	assert_null(find_current(3, 8, &revision));
	assert_int_equal(revision, 0);
	/* Another revision does not confirm the kept one. */
	confirm(3, 2, 10);
	assert_null(find_current(3, 10, &revision));
	/* A new revision is not confirmed by the old one. */
	keep(5, 3, 2, "{\"a\":2}");
	assert_null(find_current(3, 9, &revision));
	confirm(3, 2, 10);
	assert_string_equal(find_current(3, 10, &revision), "{\"a\":2}");
	assert_int_equal(revision, 2);
}

static void
large_items_are_not_kept(void **state)
{
	char json[ITEM_CACHE_ITEM + 1];

	(void)state;
	memset(json, 'x', sizeof(json));
	json[ITEM_CACHE_ITEM] = '\0';
	keep(1, 9, 1, json);
	assert_null(find(1, 9, 1));
	json[ITEM_CACHE_ITEM - 1] = '\0';
	keep(1, 9, 1, json);
	assert_string_equal(find(1, 9, 1), json);
}

/*
 * Keeps many more items than fit, of different sizes and kinds. Each item that
 * is found must be the right one, and the newest must be found.
 */
static void
the_newest_items_are_found_and_right(void **state)
{
	static char json[ITEM_CACHE_ITEM];
	char head[32];
	int64_t id, back, found = 0;
	const char *text;

	(void)state;
	for (id = 1; id <= 30000; id++) {
		memset(json, 'y', sizeof(json));
		json[40 + id * 7919 % (ITEM_CACHE_ITEM - 40)] = '\0';
		snprintf(head, sizeof(head), "%" PRId64 ",", id);
		memcpy(json, head, strlen(head));
		keep((int)(id % 3) + 1, id / 3, id, json);
		assert_string_equal(find((int)(id % 3) + 1, id / 3, id), json);
		for (back = 0; back < 9000 && back < id; back += 997) {
			text = find((int)((id - back) % 3) + 1,
			    (id - back) / 3, id - back);
			snprintf(head, sizeof(head), "%" PRId64 ",", id - back);
			if (text != NULL)
				assert_memory_equal(text, head, strlen(head));
			else
				assert_true(back > 2000);
			found += text != NULL;
		}
	}
	assert_true(found > 30000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_item_is_found_by_kind_id_and_revision),
		cmocka_unit_test(a_new_revision_replaces_the_item),
		cmocka_unit_test(
		    a_confirmed_item_is_current_in_one_state_of_the_catalog),
		cmocka_unit_test(large_items_are_not_kept),
		cmocka_unit_test(the_newest_items_are_found_and_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
