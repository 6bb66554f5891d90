/*
 * billing: computes the price of time. It uses neither database nor clock.
 *
 * The first free_ms of a session are free. After them, each started minute
 * costs the rate. If per_second is set, each started second costs a sixtieth
 * of the rate, and the sum is rounded up. Promotional minutes are used before
 * money; a started minute uses a whole one. If the rate is 0, none is used.
 * A session ends at the end of its lease at the latest, so a bill never
 * exceeds the reserved amount. If the clock was set back, the length is 0.
 * Times and lengths are in ms, money is in minor units of the currency.
 */
#ifndef DOMAIN_MONEY_BILLING_H
#define DOMAIN_MONEY_BILLING_H

#include <stdbool.h>
#include <stdint.h>

struct tariff {
	int64_t rate;			/* per minute */
	int64_t free_ms;
	bool per_second;
	int64_t commission;		/* the operator's share, of 10,000 */
};

struct bill {
	int64_t length_ms;
	int64_t free_ms;		/* part of the length */
	int64_t billable_ms;
	int64_t minutes;		/* started billable minutes */
	int64_t free_minutes;		/* of these, paid by a promotion */
	int64_t cost;			/* paid by the customer */
	int64_t gross;			/* the cost, plus the price of the
					 * promotional minutes */
	int64_t fee, earned;		/* gross = fee + earned; the fee is
					 * rounded to the nearest, half up */
};

/*
 * Returns the bill for a length. `free_minutes` promotional minutes are
 * available. The cost is at most `max`, the reserved amount. A length below 0
 * counts as 0. Calls BUG() if another argument is out of range.
 */
struct bill	billing_bill(const struct tariff *, int64_t length_ms,
		    int64_t free_minutes, int64_t max);
/*
 * Returns the time in ms, from the start of a session, that money and free
 * minutes pay for. It is a number of whole minutes after free_ms (whole
 * seconds if per_second), and BILLING_FOREVER if the rate is 0.
 */
#define BILLING_FOREVER	(INT64_MAX / 4)
int64_t		billing_lasts(const struct tariff *, int64_t money,
		    int64_t free_minutes);
/* Returns the operator's share of a sum, rounded to the nearest, half up. */
int64_t		billing_fee(const struct tariff *, int64_t gross);
/*
 * Computes the total reservation for a session that runs `until_ms` from its
 * start: free minutes (at most `free_minutes`) and money.
 */
void		billing_lease(const struct tariff *, int64_t until_ms,
		    int64_t free_minutes, int64_t *minutes, int64_t *money);

#endif
