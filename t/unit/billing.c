/*
 * billing: compares bills with a model that counts unit by unit, also at all
 * boundaries.
 */
#include "unit.h"

#include "base/clock.h"
#include "domain/money/billing.h"

#define HUGE	(INT64_MAX / 4)
#define ROUNDS	200000

static const struct tariff by_minute = { .rate = 500, .free_ms = 10000,
	.commission = 2000 };
static const struct tariff by_second = { .rate = 500, .free_ms = 10000,
	.per_second = true, .commission = 2000 };

/* Computes the bill as a person with a stopwatch would. */
static struct bill
model(const struct tariff *t, int64_t length, int64_t free, int64_t max)
{
	struct bill b = { .length_ms = length < 0 ? 0 : length };
	int64_t step = t->per_second ? SECOND : MINUTE, at, units = 0;
	int64_t left = 0, given = 0;

	while (b.free_ms < b.length_ms && b.free_ms < t->free_ms)
		b.free_ms++;
	b.billable_ms = b.length_ms - b.free_ms;
	for (at = 0; at < b.billable_ms; at += MINUTE)
		b.minutes++;
	for (at = 0; at < b.billable_ms; at += step) {
		if (left == 0 && free > 0 && t->rate > 0) {
			free--;
			b.free_minutes++;
			left = MINUTE;
		}
		if (left > 0) {
			left -= step;
			given++;
		} else {
			units++;
		}
	}
	/* Calculates in sixtieths, so that rounding happens only at the end. */
	if (t->per_second) {
		b.cost = (units * t->rate + 59) / 60;
		b.gross = ((units + given) * t->rate + 59) / 60;
	} else {
		b.cost = units * t->rate;
		b.gross = (units + given) * t->rate;
	}
	b.gross -= b.cost;
	if (b.cost > max)
		b.cost = max;
	b.gross += b.cost;
	b.fee = (2 * b.gross * t->commission + 10000) / 20000;
	b.earned = b.gross - b.fee;
	return b;
}

static void
same(const struct bill *a, const struct bill *b)
{
	assert_int_equal(a->length_ms, b->length_ms);
	assert_int_equal(a->free_ms, b->free_ms);
	assert_int_equal(a->billable_ms, b->billable_ms);
	assert_int_equal(a->minutes, b->minutes);
	assert_int_equal(a->free_minutes, b->free_minutes);
	assert_int_equal(a->cost, b->cost);
	assert_int_equal(a->gross, b->gross);
	assert_int_equal(a->fee, b->fee);
	assert_int_equal(a->earned, b->earned);
}

static uint64_t seed = 20260711;

static int64_t
below(int64_t n)
{
	/* splitmix64 generates the same numbers on all machines. */
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (int64_t)((z ^ z >> 31) % (uint64_t)n);
}

/* Returns mostly lengths near the places where the bill changes. */
static int64_t
some_length(const struct tariff *t)
{
	switch (below(4)) {
	case 0:
		return t->free_ms + below(20) * MINUTE + below(5) - 2;
	case 1:
		return t->free_ms + below(200) * SECOND + below(5) - 2;
	case 2:
		return below(5) - 2;
	default:
		return below(20 * MINUTE);
	}
}

static struct tariff
some_tariff(void)
{
	static const int64_t rates[] = { 0, 1, 7, 59, 60, 61, 500, 99999 };
	static const int64_t free[] = { 0, 1, 999, 1000, 1001, 10000, 60000 };

	return (struct tariff){ .rate = rates[below(NELEM(rates))],
	    .free_ms = free[below(NELEM(free))], .per_second = below(2) == 1,
	    .commission = below(3) == 0 ? 10000 * below(2) : below(10001) };
}

static void
bills(void **state)
{
	const char *chosen = getenv("SEED");

	(void)state;
	if (chosen != NULL)
		seed = strtoull(chosen, NULL, 10);
	print_message("SEED=%llu\n", (unsigned long long)seed);
	for (int i = 0; i < ROUNDS; i++) {
		struct tariff t = some_tariff();
		int64_t length = some_length(&t), free = below(6);
		int64_t max = below(3) == 0 ? below(3000) : HUGE;
		struct bill a = billing_bill(&t, length, free, max);
		struct bill b = model(&t, length, free, max);

		same(&a, &b);
	}
}

/*
 * A balance pays for exactly the time that billing_lasts() returns. The amount
 * reserved up to a time is the cost of a session of that length.
 */
static void
lasts(void **state)
{
	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct tariff t = some_tariff();
		int64_t money = below(5000), free = below(4), minutes, need;
		int64_t ms = billing_lasts(&t, money, free);
		struct bill b;

		if (t.rate == 0) {
			assert_int_equal(ms, HUGE);
			continue;
		}
		assert_true(ms >= t.free_ms);
		b = billing_bill(&t, ms, free, HUGE);
		assert_true(b.cost <= money && b.free_minutes <= free);
		billing_lease(&t, ms, free, &minutes, &need);
		assert_int_equal(need, b.cost);
		assert_int_equal(minutes, b.free_minutes);
		b = billing_bill(&t, ms + 1, free, HUGE);
		assert_true(b.cost > money);
		/* A shorter session never costs more than was reserved. */
		b = billing_bill(&t, below(ms + 1), minutes, HUGE);
		assert_true(b.cost <= need && b.free_minutes <= minutes);
	}
}

static void
boundaries(void **state)
{
	static const struct {
		int64_t ms, minutes, cost, seconds_cost;
	} rows[] = {
		{ INT64_MIN, 0, 0, 0 }, { -3600000, 0, 0, 0 }, { -1, 0, 0, 0 },
		{ 0, 0, 0, 0 }, { 1, 0, 0, 0 }, { 9999, 0, 0, 0 },
		{ 10000, 0, 0, 0 },
		{ 10001, 1, 500, 9 },		/* 8.33 rounded up */
		{ 11000, 1, 500, 9 }, { 11001, 1, 500, 17 },
		{ 41000, 1, 500, 259 },		/* 31 s, not rounded to 30 */
		{ 60000, 1, 500, 417 },
		{ 69999, 1, 500, 500 }, { 70000, 1, 500, 500 },
		{ 70001, 2, 1000, 509 },
		{ 130000, 2, 1000, 1000 }, { 130001, 3, 1500, 1009 },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		struct bill b = billing_bill(&by_minute, rows[i].ms, 0, HUGE);

		assert_int_equal(b.minutes, rows[i].minutes);
		assert_int_equal(b.cost, rows[i].cost);
		assert_int_equal(b.fee + b.earned, b.gross);
		assert_int_equal(b.gross, b.cost);
		b = billing_bill(&by_second, rows[i].ms, 0, HUGE);
		assert_int_equal(b.cost, rows[i].seconds_cost);
	}
}

/*
 * Situations in which prepaid billing is often wrong, as far as sums show
 * them.
 */
static void
failures(void **state)
{
	struct bill b, c;
	int64_t minutes, money;

	(void)state;
	/* A call longer than the balance costs the reserved amount. */
	b = billing_bill(&by_minute, 10 * HOUR, 0, 1500);
	assert_int_equal(b.cost, 1500);
	/* A balance below one minute lasts for the free seconds. */
	assert_int_equal(billing_lasts(&by_minute, 499, 0), 10000);
	assert_int_equal(billing_lasts(&by_minute, 500, 0), 70000);
	assert_int_equal(billing_lasts(&by_second, 499, 0), 69000);
	/* A call that ends in the free seconds uses no free minute. */
	b = billing_bill(&by_minute, 10000, 3, HUGE);
	assert_int_equal(b.free_minutes, 0);
	b = billing_bill(&by_minute, 10001, 3, HUGE);
	assert_int_equal(b.free_minutes, 1);
	assert_int_equal(b.cost, 0);
	/* A call that is free anyway uses no free minute. */
	b = billing_bill(&(const struct tariff){ .free_ms = 0 }, HOUR, 3, HUGE);
	assert_int_equal(b.free_minutes, 0);
	assert_int_equal(b.cost + b.gross + b.fee + b.earned, 0);
	/* The customer's payment equals the earnings plus the fee. */
	b = billing_bill(&by_minute, 130000, 0, HUGE);
	assert_int_equal(b.fee, 200);
	assert_int_equal(b.earned, 800);
	/* The listener earns the same for a free minute as for a paid one. */
	c = billing_bill(&by_minute, 130000, 1, HUGE);
	assert_int_equal(c.cost, 500);
	assert_int_equal(c.earned, b.earned);
	/* A started free minute is billed by the second if the tariff is. */
	c = billing_bill(&by_second, 11000, 1, HUGE);
	assert_int_equal(c.gross, 9);
	/* Leases for single minutes add up to the lease of the whole. */
	for (int64_t n = 1; n < 100; n++) {
		billing_lease(&by_minute, 10000 + n * MINUTE, 2, &minutes,
		    &money);
		assert_int_equal(minutes, n < 2 ? n : 2);
		assert_int_equal(money, n < 2 ? 0 : (n - 2) * 500);
	}
	/* Half units of the fee are rounded up: 12.5 of 125. */
	b = billing_bill(&(const struct tariff){ .rate = 125,
	    .commission = 1000 }, 1, 0, HUGE);
	assert_int_equal(b.fee, 13);
}

static void
huge(void **state)
{
	static const struct tariff t = { .rate = INT64_MAX, .commission = 9999 };
	static const struct tariff u = { .rate = INT64_MAX, .commission = 9999,
		.per_second = true };
	struct bill b;

	(void)state;
	b = billing_bill(&t, INT64_MAX, 0, INT64_MAX);
	assert_int_equal(b.cost, HUGE);
	assert_true(b.fee > 0 && b.fee <= b.gross);
	assert_int_equal(b.fee + b.earned, b.gross);
	b = billing_bill(&u, INT64_MAX, INT64_MAX, INT64_MAX);
	assert_true(b.cost >= 0 && b.gross >= 0 && b.gross <= HUGE);
	assert_int_equal(billing_lasts(&by_minute, INT64_MAX, 0), HUGE);
	assert_int_equal(billing_lasts(&by_second, INT64_MAX, INT64_MAX), HUGE);
	assert_int_equal(billing_lasts(&by_minute, 0, INT64_MAX), HUGE);
	assert_true(billing_lasts(&u, INT64_MAX, 0) >= MINUTE);
}

static void
no_tariff(void)
{
	(void)billing_bill(&(const struct tariff){ .rate = -1 }, 0, 0, 0);
}

static void
no_commission(void)
{
	(void)billing_bill(&(const struct tariff){ .commission = 10001 }, 0, 0,
	    0);
}

static void
wrong(void **state)
{
	(void)state;
	assert_true(dies(no_tariff));
	assert_true(dies(no_commission));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bills),
		cmocka_unit_test(lasts),
		cmocka_unit_test(boundaries),
		cmocka_unit_test(failures),
		cmocka_unit_test(huge),
		cmocka_unit_test(wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
