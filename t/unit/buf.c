/* buf: byte buffers with a maximum size. */
#include "unit.h"

#include "base/buf.h"

static void
pieces_join(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	assert_int_equal(b.len, 0);
	buf_add(&b, "", 0);
	assert_string_equal(b.data, "");
	buf_add(&b, "ab\0c", 2);
	buf_str(&b, "cd");
	buf_str(&b, "");
	buf_ch(&b, 'e');
	buf_lit(&b, "fg");
	buf_fmt(&b, "-%d-%s-", 7, "x");
	buf_int(&b, -12);
	assert_string_equal(b.data, "abcdefg-7-x--12");
	assert_int_equal(b.len, 15);
	assert_false(b.full);
	buf_clear(&b);
	assert_int_equal(b.len, 0);
	assert_string_equal(b.data, "");
	buf_add(&b, "a\0b", 3);
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.data, "a\0b", 4);
	buf_free(&b);
	assert_null(b.data);
	assert_int_equal(b.len, 0);
	buf_str(&b, "again");
	assert_string_equal(b.data, "again");
	buf_free(&b);
}

static void
numbers_are_whole(void **state)
{
	static const int64_t numbers[] = { 0, 1, -1, 9, 10, 99, 100, -100,
		INT64_MAX, INT64_MIN, INT64_MIN + 1 };
	char want[32];
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 100);
	for (i = 0; i < NELEM(numbers); i++) {
		buf_clear(&b);
		buf_int(&b, numbers[i]);
		snprintf(want, sizeof(want), "%lld", (long long)numbers[i]);
		assert_string_equal(b.data, want);
	}
	buf_free(&b);
}

/* Exactly max bytes fit, with additions of each size. */
static void
the_maximum_holds(void **state)
{
	size_t max, step;
	struct buf b;

	(void)state;
	for (max = 0; max < 1100; max += 11) {
		for (step = 1; step < 40; step += 3) {
			buf_init(&b, max);
			while (!b.full) {
				buf_add(&b, "0123456789012345678901234567890123"
				    "456789", step);
				assert_true(b.len <= max);
				if (b.data != NULL)
					assert_int_equal(b.data[b.len], 0);
			}
			assert_int_equal(b.len, max - max % step);
			buf_free(&b);
		}
	}
}

static void
full_drops_what_does_not_fit(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	buf_str(&b, "abc");
	buf_fmt(&b, "%d", 1234);
	assert_true(b.full);
	assert_string_equal(b.data, "abc");
	assert_false(buf_reserve(&b, 3));
	assert_false(buf_reserve(&b, SIZE_MAX));
	assert_true(buf_reserve(&b, 2));
	assert_true(b.full);
	buf_clear(&b);
	assert_false(b.full);
	buf_fmt(&b, "%s", "12345");
	assert_false(b.full);
	assert_string_equal(b.data, "12345");
	buf_free(&b);
}

static void
reserved_room_may_be_written(void **state)
{
	struct buf b;
	size_t n;

	(void)state;
	buf_init(&b, 100000);
	for (n = 1; n < 20000; n = n * 3 / 2 + 1) {
		assert_true(buf_reserve(&b, n));
		memset(b.data + b.len, 'x', n);
		b.len += n;
		b.data[b.len] = '\0';
	}
	assert_int_equal(strlen(b.data), b.len);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_join),
		cmocka_unit_test(numbers_are_whole),
		cmocka_unit_test(the_maximum_holds),
		cmocka_unit_test(full_drops_what_does_not_fit),
		cmocka_unit_test(reserved_room_may_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
