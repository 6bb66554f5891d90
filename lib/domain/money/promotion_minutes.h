/*
 * promotion_minutes: the free minutes of promotions that sessions use.
 *
 * Each redemption of free minutes has a maximum rate. Its minutes apply to a
 * session whose rate per minute is not higher. A redemption reserves its
 * maximum cost (minutes times maximum rate) in the budget of the promotion. A
 * live session holds minutes; at its end, used minutes are spent at their
 * actual cost and the rest is returned. Minutes that expire first are used
 * first. Minutes that a session holds do not expire before its end.
 *
 * All functions need the transaction that changes the session. The caller
 * posts the transfer that pays the listener.
 */
#ifndef DOMAIN_MONEY_PROMOTION_MINUTES_H
#define DOMAIN_MONEY_PROMOTION_MINUTES_H

#include <stdint.h>

#include "base/err.h"
#include "db/db.h"

/*
 * Reads the number of a user's free minutes that a session at `rate` could
 * hold now, without those that sessions hold already. 0 if the rate is 0.
 */
enum rc	promotion_minutes(struct db *, int64_t user, int64_t rate, int64_t *n);
/*
 * Holds n minutes for a live session, in addition to those that it holds.
 * Returns RC_FAULT if n exceeds promotion_minutes(). n 0 does nothing.
 */
enum rc	promotion_minutes_hold(struct db *, int64_t user, int64_t session,
	    int64_t rate, int64_t n);
/*
 * Spends `used` of the minutes that a session holds, and returns the rest to
 * the user. cost: what the operator pays for the used minutes, at most `used`
 * times the rate. Returns RC_FAULT if the session holds fewer minutes. Call it
 * once, at the end of each session; it does nothing if no minutes are held.
 */
enum rc	promotion_minutes_settle(struct db *, int64_t session, int64_t used,
	    int64_t cost);

#endif
