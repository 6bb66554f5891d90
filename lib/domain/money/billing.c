#include "domain/money/billing.h"

#include "base/clock.h"
#include "base/err.h"

/* More than any money or time; sums of two of them are still numbers. */
#define MOST	BILLING_FOREVER

static int64_t
billing_min(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* a and b are not negative; at most MOST. */
static int64_t
times(int64_t a, int64_t b)
{
	int64_t product;

	return __builtin_mul_overflow(a, b, &product) ? MOST :
	    billing_min(product, MOST);
}

static int64_t
plus(int64_t a, int64_t b)
{
	return billing_min(billing_min(a, MOST) + billing_min(b, MOST), MOST);
}

static int64_t
rounded_up(int64_t a, int64_t by)
{
	return a / by + (a % by != 0);
}

/* What so many seconds cost, a started unit of the sum being a whole one. */
static int64_t
of_seconds(int64_t rate, int64_t seconds)
{
	int64_t rest = seconds % 60;

	return plus(times(rate, seconds / 60),
	    rounded_up(times(rate, rest), 60));
}

/* What the billable time costs without its first `free` minutes. */
static int64_t
price(const struct tariff *t, int64_t billable_ms, int64_t free)
{
	int64_t n;

	if (!t->per_second) {
		n = rounded_up(billable_ms, MINUTE) - free;
		return n > 0 ? times(t->rate, n) : 0;
	}
	n = rounded_up(billable_ms, SECOND) - times(free, 60);
	return n > 0 ? of_seconds(t->rate, n) : 0;
}

int64_t
billing_fee(const struct tariff *t, int64_t gross)
{
	return gross / 10000 * t->commission +
	    (gross % 10000 * t->commission + 5000) / 10000;
}

struct bill
billing_bill(const struct tariff *t, int64_t length_ms, int64_t free_minutes,
    int64_t most)
{
	struct bill b = { .length_ms = length_ms > 0 ? length_ms : 0 };
	int64_t all, paid;

	if (t->rate < 0 || t->free_ms < 0 || t->commission < 0 ||
	    t->commission > 10000 || free_minutes < 0 || most < 0)
		BUG("no tariff: rate %lld, free %lld, commission %lld",
		    (long long)t->rate, (long long)t->free_ms,
		    (long long)t->commission);
	b.free_ms = billing_min(b.length_ms, t->free_ms);
	b.billable_ms = b.length_ms - b.free_ms;
	b.minutes = rounded_up(b.billable_ms, MINUTE);
	/* What costs nothing takes nobody's promotion. */
	if (t->rate > 0)
		b.free_minutes = billing_min(b.minutes, free_minutes);
	all = price(t, b.billable_ms, 0);
	paid = price(t, b.billable_ms, b.free_minutes);
	b.cost = billing_min(paid, most);
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
		return MOST;
	if (t->per_second) {
		/* Of a minute that can not be paid whole, its seconds. */
		ms = plus(times(money / t->rate, MINUTE),
		    times(times(money % t->rate, 60) / t->rate,
		    SECOND));
	} else {
		ms = times(money / t->rate, MINUTE);
	}
	return plus(plus(ms, times(free_minutes, MINUTE)), t->free_ms);
}

void
billing_lease(const struct tariff *t, int64_t until_ms, int64_t free_minutes,
    int64_t *minutes, int64_t *money)
{
	struct bill b = billing_bill(t, until_ms, free_minutes, INT64_MAX);

	*minutes = b.free_minutes;
	*money = b.cost;
}
