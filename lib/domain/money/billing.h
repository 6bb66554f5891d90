/*
 * billing: what time costs. Arithmetic only: no database, no clock.
 *
 * The first free_ms of a session cost nothing. Behind them every started
 * minute costs the rate (or, per_second, every started second a sixtieth of
 * it, the sum rounded up); promotional minutes are used before money, a started
 * one as a whole, and none where the rate is 0. A session ends at the latest
 * where its lease ends, so no bill is larger than what was reserved. A clock
 * that was set back makes a length of 0, never a negative one. All times and
 * lengths are ms, money is in minor units.
 */
#ifndef DOMAIN_MONEY_BILLING_H
#define DOMAIN_MONEY_BILLING_H

#include <stdbool.h>
#include <stdint.h>

struct tariff {
	int64_t rate;			/* a minute */
	int64_t free_ms;
	bool per_second;
	int64_t commission;		/* of 10,000; the house's share */
};

struct bill {
	int64_t length_ms;
	int64_t free_ms;		/* of the length */
	int64_t billable_ms;
	int64_t minutes;		/* started ones */
	int64_t free_minutes;		/* of these, paid by a promotion */
	int64_t cost;			/* the customer's */
	int64_t gross;			/* what the listener's share is of: the
					 * cost, and what of the time a
					 * promotion paid, at the rate */
	int64_t fee, earned;		/* gross = fee + earned; the fee is
					 * rounded to the nearest, half up */
};

/*
 * The bill for a length, with so many promotional minutes at hand. cost is at
 * most `most` (what is reserved).
 */
struct bill	billing_bill(const struct tariff *, int64_t length_ms,
		    int64_t free_minutes, int64_t most);
/*
 * How long money and free minutes last from the start of a session, ms: whole
 * minutes, per_second whole seconds; BILLING_FOREVER where the rate is 0.
 */
#define BILLING_FOREVER	(INT64_MAX / 4)
int64_t		billing_lasts(const struct tariff *, int64_t money,
		    int64_t free_minutes);
/* The house's share of a sum, rounded as a bill's fee is. */
int64_t		billing_fee(const struct tariff *, int64_t gross);
/*
 * What must be reserved, in all, so that a session may run to `until_ms` from
 * its start: free minutes (at most `free_minutes`), and money.
 */
void		billing_lease(const struct tariff *, int64_t until_ms,
		    int64_t free_minutes, int64_t *minutes, int64_t *money);

#endif
