#include "domain/money/billing.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/int64.h"

/* Larger than any money or time. The sum of two such values fits in 64 bits. */
#define AMOUNT_MAX	BILLING_FOREVER

/* Multiplies two numbers that are not negative, up to AMOUNT_MAX. */
static int64_t
capped_mul(int64_t a, int64_t b)
{
	int64_t product;

	return __builtin_mul_overflow(a, b, &product) ? AMOUNT_MAX :
	    int64_min(product, AMOUNT_MAX);
}

/* Adds two numbers, up to AMOUNT_MAX. */
static int64_t
capped_add(int64_t a, int64_t b)
{
	return int64_min(int64_min(a, AMOUNT_MAX) +
	    int64_min(b, AMOUNT_MAX), AMOUNT_MAX);
}

static int64_t
divide_up(int64_t a, int64_t by)
{
	return a / by + (a % by != 0);
}

/* Returns the price of seconds, rounded up to a minor unit. */
static int64_t
price_of_seconds(int64_t rate, int64_t seconds)
{
	int64_t rest = seconds % 60;

	return capped_add(capped_mul(rate, seconds / 60),
	    divide_up(capped_mul(rate, rest), 60));
}

/* Returns the price of the billable time less its first `free` minutes. */
static int64_t
price(const struct tariff *t, int64_t billable_ms, int64_t free)
{
	int64_t n;

	if (!t->per_second) {
		n = divide_up(billable_ms, MINUTE) - free;
		return n > 0 ? capped_mul(t->rate, n) : 0;
	}
	n = divide_up(billable_ms, SECOND) - capped_mul(free, 60);
	return n > 0 ? price_of_seconds(t->rate, n) : 0;
}

int64_t
billing_fee(const struct tariff *t, int64_t gross)
{
	return gross / 10000 * t->commission +
	    (gross % 10000 * t->commission + 5000) / 10000;
}

struct bill
billing_bill(const struct tariff *t, int64_t length_ms, int64_t free_minutes,
    int64_t max)
{
	struct bill b = { .length_ms = length_ms > 0 ? length_ms : 0 };
	int64_t all, paid;

	if (t->rate < 0 || t->free_ms < 0 || t->commission < 0 ||
	    t->commission > 10000 || free_minutes < 0 || max < 0)
		BUG("invalid tariff: rate %lld, free %lld, commission %lld",
		    (long long)t->rate, (long long)t->free_ms,
		    (long long)t->commission);
	b.free_ms = int64_min(b.length_ms, t->free_ms);
	b.billable_ms = b.length_ms - b.free_ms;
	b.minutes = divide_up(b.billable_ms, MINUTE);
	/* Free time uses no promotional minutes. */
	if (t->rate > 0)
		b.free_minutes = int64_min(b.minutes, free_minutes);
	all = price(t, b.billable_ms, 0);
	paid = price(t, b.billable_ms, b.free_minutes);
	b.cost = int64_min(paid, max);
	b.gross = b.cost + (all - paid);
	b.fee = billing_fee(t, b.gross);
	b.earned = b.gross - b.fee;
	return b;
}

int64_t
billing_lasts(const struct tariff *t, int64_t money, int64_t free_minutes)
{
	int64_t ms;

	if (t->rate == 0)
		return AMOUNT_MAX;
	if (t->per_second) {
		/* Add the seconds of a minute that can be paid in part. */
		ms = capped_add(capped_mul(money / t->rate, MINUTE),
		    capped_mul(capped_mul(money % t->rate, 60) / t->rate,
		    SECOND));
	} else {
		ms = capped_mul(money / t->rate, MINUTE);
	}
	ms = capped_add(ms, capped_mul(free_minutes, MINUTE));
	return capped_add(ms, t->free_ms);
}

void
billing_lease(const struct tariff *t, int64_t until_ms, int64_t free_minutes,
    int64_t *minutes, int64_t *money)
{
	struct bill b = billing_bill(t, until_ms, free_minutes, INT64_MAX);

	*minutes = b.free_minutes;
	*money = b.cost;
}
