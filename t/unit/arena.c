/* arena: allocations, limits, resets. */
#include "unit.h"

#include "base/arena.h"

static void
memory_is_aligned_and_apart(void **state)
{
	static const size_t sizes[] = { 0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 100,
		1000, 4095, 4096, 4097, 16383, 16384, 16385, 50000, 1, 1, 1 };
	unsigned char *p[NELEM(sizes)];
	struct arena a;
	size_t i, k;

	(void)state;
	arena_init(&a, 1 << 20);
	for (i = 0; i < NELEM(sizes); i++) {
		p[i] = arena_alloc(&a, sizes[i]);
		assert_non_null(p[i]);
		assert_int_equal((uintptr_t)p[i] % _Alignof(max_align_t), 0);
		memset(p[i], (int)i + 1, sizes[i]);
	}
	for (i = 0; i < NELEM(sizes); i++)
		for (k = 0; k < sizes[i]; k++)
			assert_int_equal(p[i][k], i + 1);
	arena_free(&a);
}

static void
many_small_ones_stay_whole(void **state)
{
	int64_t *p[5000];
	struct arena a;
	int i;

	(void)state;
	arena_init(&a, 1 << 20);
	for (i = 0; i < 5000; i++)
		*(p[i] = arena_alloc(&a, sizeof(int64_t))) = i;
	for (i = 0; i < 5000; i++)
		assert_int_equal(*p[i], i);
	arena_free(&a);
}

static void
cleared_memory_is_clear(void **state)
{
	struct arena a;
	unsigned char *p;
	size_t i, r;

	(void)state;
	arena_init(&a, 1 << 20);
	for (r = 0; r < 3; r++) {
		memset(arena_alloc(&a, 3000), 0xff, 3000);
		arena_reset(&a);
		p = arena_zalloc(&a, 300, 10);
		for (i = 0; i < 3000; i++)
			assert_int_equal(p[i], 0);
		arena_reset(&a);
	}
	arena_free(&a);
}

static void
reset_gives_the_whole_limit_back(void **state)
{
	struct arena a;
	int i;

	(void)state;
	arena_init(&a, 100000);
	for (i = 0; i < 100; i++) {
		arena_alloc(&a, 90000);
		assert_int_equal(a.used, 90000);
		arena_reset(&a);
		assert_int_equal(a.used, 0);
		arena_alloc(&a, 10);
		arena_reset(&a);
	}
	arena_free(&a);
	assert_null(a.head);
	arena_init(&a, 10);
	arena_alloc(&a, 10);
	arena_free(&a);
}

static void
texts_are_copied(void **state)
{
	char source[] = "abc", big[5000];
	struct arena a;
	char *p;

	(void)state;
	arena_init(&a, 1 << 20);
	p = arena_str(&a, source);
	source[0] = 'x';
	assert_string_equal(p, "abc");
	assert_null(arena_str(&a, NULL));
	assert_string_equal(arena_str(&a, ""), "");
	p = arena_strn(&a, "a\0bc", 3);
	assert_memory_equal(p, "a\0b", 4);
	assert_string_equal(arena_strn(&a, "abc", 0), "");
	assert_string_equal(arena_fmt(&a, "%d-%s", 5, "x"), "5-x");
	assert_string_equal(arena_fmt(&a, "%s", ""), "");
	/* Lengths around the size of the first attempt. */
	memset(big, 'y', sizeof(big));
	for (size_t n = 250; n < 262; n++) {
		p = arena_fmt(&a, "%.*s!", (int)n, big);
		assert_int_equal(strlen(p), n + 1);
		assert_int_equal(p[n], '!');
	}
	p = arena_fmt(&a, "%.*s!", 4999, big);
	assert_int_equal(strlen(p), 5000);
	arena_free(&a);
}

/*
 * The mark belongs to the process. A reset of another arena does not clear it.
 */
static void
exceeding_the_limit_sets_a_mark(void **state)
{
	struct arena a, other;
	char *p;

	(void)state;
	arena_init(&a, 100);
	arena_init(&other, 100);
	arena_alloc(&a, 60);
	arena_alloc(&a, 40);
	assert_false(arena_exceeded());
	p = arena_alloc(&a, 1);
	assert_true(arena_exceeded());
	*p = 'x';
	arena_alloc(&other, 100);
	arena_reset(&other);
	assert_true(arena_exceeded());
	assert_true(arena_exceeded_clear());
	assert_false(arena_exceeded_clear());
	/* The mark is set again while the arena exceeds its limit. */
	arena_alloc(&a, 0);
	assert_true(arena_exceeded());
	arena_reset(&a);
	assert_false(arena_exceeded());
	memset(arena_alloc(&a, 200000), 1, 200000);
	assert_true(arena_exceeded());
	arena_free(&a);
	arena_free(&other);
	assert_false(arena_exceeded());
}

static void
product_overflow(void)
{
	struct arena a;

	arena_init(&a, SIZE_MAX);
	arena_zalloc(&a, SIZE_MAX / 2, 3);
}

static void
huge(void)
{
	struct arena a;

	arena_init(&a, 1 << 20);
	arena_alloc(&a, SIZE_MAX);
}

static void
an_impossible_size_ends_the_process(void **state)
{
	(void)state;
	assert_true(dies(product_overflow));
	assert_true(dies(huge));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_aligned_and_apart),
		cmocka_unit_test(many_small_ones_stay_whole),
		cmocka_unit_test(cleared_memory_is_clear),
		cmocka_unit_test(reset_gives_the_whole_limit_back),
		cmocka_unit_test(texts_are_copied),
		cmocka_unit_test(exceeding_the_limit_sets_a_mark),
		cmocka_unit_test(an_impossible_size_ends_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
