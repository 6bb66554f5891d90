/* turn_credentials: credentials that coturn with the same secret accepts. */
#include "unit.h"

#include "providers/turn_credentials.h"

static struct arena arena;

/* Computed by coturn's method and accepted by turnutils_uclient. */
static void
vectors(void **state)
{
	struct turn_credentials c;

	(void)state;
	arena_init(&arena, 4096);
	c = turn_credentials(&arena, "north", 1700003600, 42);
	assert_string_equal(c.name, "1700003600:42");
	assert_string_equal(c.password, "WO3ZFttCQxBYtA2Ohz7jjGcQStA=");
	c = turn_credentials(&arena, "south", 1700003600, 42);
	assert_string_not_equal(c.password, "WO3ZFttCQxBYtA2Ohz7jjGcQStA=");
	arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(vectors) };

	return cmocka_run_group_tests_name("turn", tests, NULL, NULL);
}
