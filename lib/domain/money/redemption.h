/*
 * redemption: what users were granted by promotions: its use by top-ups, its
 * expiry, and the reversal of a bonus with its top-up.
 *
 * Free minutes are used by sessions (promotion_minutes.h). A bonus on a top-up
 * is earned by the next top-up that fits. If several are open, the one that
 * expires first is earned; the others wait for further top-ups.
 */
#ifndef DOMAIN_MONEY_REDEMPTION_H
#define DOMAIN_MONEY_REDEMPTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/common/job.h"
#include "domain/money/promotion.h"

/* A benefit of which something is left. */
struct redemption {
	int64_t id;
	const char *code;
	enum promotion_kind kind;	/* MINUTES or TOPUP_PERCENT */
	int64_t value;			/* as granted: minutes or percent */
	int64_t at, expires_at;		/* INT64_MIN: never */
	int64_t minutes;		/* left */
	int64_t max_rate, max_bonus, min_topup;	/* as in struct promotion */
	bool first_topup_only;
};

/* Lists up to `max` benefits of a user; the array is in the arena. */
enum rc	redemption_left(struct db *, struct arena *, int64_t user, int64_t now,
	    size_t max, struct redemption **, size_t *n);

/*
 * Pays the bonus that a top-up earns, if any. Call it in the transaction that
 * credits the payment, after payment_total counts it.
 */
enum rc	redemption_topup(struct db *, struct arena *, int64_t user,
	    int64_t payment, int64_t amount, int64_t now, struct err *);
/*
 * Adjusts the bonus that a payment earned to its reversals: takes the share of
 * the payment that is refunded or disputed, or returns it. Call it after the
 * payment's `refunded` or `disputed` changed. A repeated call does nothing.
 */
enum rc	redemption_reversed(struct db *, struct arena *, int64_t user,
	    int64_t payment, int64_t now, struct err *);
/*
 * Ends the benefits of a user whose account is deleted, and releases what they
 * reserve. Call it after the user's sessions were ended.
 */
enum rc	redemption_forfeit(struct db *, int64_t user);

/* Job: ends the benefits that expired, and releases what they reserve. */
enum rc	redemption_expire_pending(struct job_run *);
enum rc	redemption_expire_run(struct job_run *);

#endif
