/* code_pages: removing pages that only the start needed. */
#include "unit.h"

#include "base/code_pages.h"
#include "base/hash.h"
#include "base/str.h"

#define DROPPED_MIN	256		/* KiB */

static int changed = 1;
static struct hash (*const function)(const void *, size_t) = hash_sha256;

/* Returns the resident KiB of mapped files. */
static long
resident_files(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	char line[256];
	long kib = -1;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		if (str_prefix(line, "RssFile:"))
			kib = strtol(line + strlen("RssFile:"), NULL, 10);
	fclose(f);
	assert_true(kib >= 0);
	return kib;
}

static void
pages_of_the_start_are_removed(void **state)
{
	struct hash before = function("abc", 3), after;
	long files = resident_files();

	(void)state;
	code_pages_drop();
	assert_true(resident_files() <= files - DROPPED_MIN);
	after = function("abc", 3);
	assert_memory_equal(before.b, after.b, sizeof(before.b));
}

static void
changed_data_is_kept(void **state)
{
	(void)state;
	changed = 2;
	code_pages_drop();
	assert_int_equal(changed, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_of_the_start_are_removed),
		cmocka_unit_test(changed_data_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
