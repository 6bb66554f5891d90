/* ratelimit: rate limits per account, shared by processes. */
#include "temp_folder.h"

#include "base/clock.h"
#include "base/ratelimit.h"
#include "base/str.h"

#define T INT64_C(1700000000000)

static const struct hash key = { { 1, 2, 3 } };
static int64_t left;

static int
set_up(void **state)
{
	(void)state;
	return temp_folder_create();
}

static int
tear_down(void **state)
{
	(void)state;
	return temp_folder_remove();
}

static void
without_a_table_all_is_allowed(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 100; i++)
		assert_int_equal(ratelimit_take(RATELIMIT_WRITE, 1, 1, T,
		    &left), 0);
	assert_false(ratelimit_open("/nowhere", &key));
	assert_true(ratelimit_open(temp_folder, &key));
}

static void
a_minutes_worth_may_come_at_once(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 60; i++) {
		assert_int_equal(ratelimit_take(RATELIMIT_WRITE, 1, 60, T,
		    &left), 0);
		assert_int_equal(left, 59 - i);
	}
	assert_int_equal(ratelimit_take(RATELIMIT_WRITE, 1, 60, T, &left), 1);
	assert_int_equal(left, 0);
	/*
	 * A rejected request takes no token. One token per second becomes
	 * available.
	 */
	assert_int_equal(ratelimit_take(RATELIMIT_WRITE, 1, 60, T + 999, &left),
	    1);
	assert_int_equal(ratelimit_take(RATELIMIT_WRITE, 1, 60, T + 1000,
	    &left), 0);
	assert_int_equal(ratelimit_take(RATELIMIT_WRITE, 1, 60, T + 1000,
	    &left), 1);
	assert_int_equal(ratelimit_take(RATELIMIT_WRITE, 1, 60, T + 121000,
	    &left), 0);
	assert_int_equal(left, 59);
}

static void
the_wait_told_is_the_wait(void **state)
{
	int64_t now = T;
	int wait;

	(void)state;
	assert_int_equal(ratelimit_take(RATELIMIT_WRITE, 2, 2, now, &left), 0);
	assert_int_equal(ratelimit_take(RATELIMIT_WRITE, 2, 2, now, &left), 0);
	wait = ratelimit_take(RATELIMIT_WRITE, 2, 2, now, &left);
	assert_int_equal(wait, 30);
	now += wait * SECOND;
	assert_int_equal(ratelimit_take(RATELIMIT_WRITE, 2, 2, now, &left), 0);
	assert_true(ratelimit_take(RATELIMIT_WRITE, 2, 2, now, &left) > 0);
}

static void
accounts_and_classes_are_apart(void **state)
{
	(void)state;
	assert_int_equal(ratelimit_take(RATELIMIT_WRITE, 3, 1, T, &left), 0);
	assert_int_equal(ratelimit_take(RATELIMIT_WRITE, 3, 1, T, &left), 60);
	assert_int_equal(ratelimit_take(RATELIMIT_SEARCH, 3, 1, T, &left), 0);
	assert_int_equal(ratelimit_take(RATELIMIT_WRITE, 4, 1, T, &left), 0);
}

/* With one bucket for each hash, some of them would meet. */
static void
many_accounts_do_not_share_a_limit(void **state)
{
	int64_t i, n = 3000;

	(void)state;
	for (i = 1000; i < 1000 + n; i++)
		assert_int_equal(ratelimit_take(RATELIMIT_WRITE, i, 1, T,
		    &left), 0);
	for (i = 1000; i < 1000 + n; i++)
		assert_int_equal(ratelimit_take(RATELIMIT_WRITE, i, 1, T,
		    &left), 60);
}

static void
what_was_used_is_a_debt_of_a_minute_at_most(void **state)
{
	(void)state;
	ratelimit_charge(RATELIMIT_LARGE, 1, 60, 61, T);
	assert_int_equal(ratelimit_take(RATELIMIT_LARGE, 1, 60, T, &left), 2);
	ratelimit_charge(RATELIMIT_LARGE, 1, 60, INT64_C(1) << 50, T);
	assert_int_equal(ratelimit_take(RATELIMIT_LARGE, 1, 60, T, &left), 61);
	assert_int_equal(ratelimit_take(RATELIMIT_LARGE, 1, 60, T + 61000,
	    &left), 0);
	ratelimit_charge(RATELIMIT_LARGE, 2, 0, 1000, T);
	assert_int_equal(ratelimit_take(RATELIMIT_LARGE, 2, 0, T, &left), 0);
}

static void
rate_0_is_no_limit(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 1000; i++)
		assert_int_equal(ratelimit_take(RATELIMIT_WRITE, 5, 0, T,
		    &left), 0);
}

static void
a_clock_set_back_locks_nobody_out(void **state)
{
	(void)state;
	assert_int_equal(ratelimit_take(RATELIMIT_WRITE, 6, 1, T + DAY, &left),
	    0);
	assert_int_equal(ratelimit_take(RATELIMIT_WRITE, 6, 1, T, &left), 0);
	assert_int_equal(ratelimit_take(RATELIMIT_WRITE, 6, 1, T, &left), 60);
}

/* Eight processes compete for 1,000 tokens and get exactly 1,000. */
static void
a_race_gives_no_more_than_there_are(void **state)
{
	int i, n, status, given = 0, got[2];
	int64_t one = 0, sum;

	(void)state;
	assert_int_equal(pipe(got), 0);
	for (i = 0; i < 8; i++) {
		if (fork() != 0)
			continue;
		for (n = 0; n < 500; n++)
			one += ratelimit_take(RATELIMIT_WRITE, 7, 1000, T,
			    &left) == 0;
		_exit(write(got[1], &one, sizeof(one)) != sizeof(one));
	}
	for (i = 0; i < 8; i++) {
		assert_int_equal(read(got[0], &sum, sizeof(sum)), sizeof(sum));
		given += (int)sum;
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(given, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_table_all_is_allowed),
		cmocka_unit_test(a_minutes_worth_may_come_at_once),
		cmocka_unit_test(the_wait_told_is_the_wait),
		cmocka_unit_test(accounts_and_classes_are_apart),
		cmocka_unit_test(many_accounts_do_not_share_a_limit),
		cmocka_unit_test(what_was_used_is_a_debt_of_a_minute_at_most),
		cmocka_unit_test(rate_0_is_no_limit),
		cmocka_unit_test(a_clock_set_back_locks_nobody_out),
		cmocka_unit_test(a_race_gives_no_more_than_there_are),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
