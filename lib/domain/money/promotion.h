/*
 * promotion: codes that give bonus money or free minutes; and referrals.
 *
 * A code is letters, digits, '-' and '_', and is compared without case (kept in
 * capitals). A promotion ends for everybody at ends_at or when total is used
 * up; limits are checked and counted in the transaction that gives.
 */
#ifndef DOMAIN_MONEY_PROMOTION_H
#define DOMAIN_MONEY_PROMOTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/common/audit.h"

enum promotion_kind { PROMOTION_BONUS = 1, PROMOTION_MINUTES };
/* "bonus", "minutes" for F_ENUM: the index is the kind less 1. */
extern const char *const promotion_kind_names[];

struct promotion {
	int64_t id;
	const char *code;
	enum promotion_kind kind;
	int64_t value;			/* money, or minutes */
	bool active;
	int64_t per_user;
	int64_t total;			/* INT64_MIN: no limit */
	int64_t redeemed;
	int64_t starts_at, ends_at;	/* INT64_MIN: open */
	const char *note;
	int64_t created_at;
};

/*
 * Redeem a code. RC_NOT_FOUND promotion_not_found: no such code, or it is
 * switched off; RC_CONFLICT promotion_not_started, promotion_ended,
 * promotion_already_redeemed (by this user), promotion_used_up (by all).
 */
enum rc	promotion_redeem(struct db *, struct arena *, int64_t user,
	    const char *code, int64_t now, struct promotion *, struct err *);

/*
 * By an administrator, audited. RC_INVALID: code, value or dates are wrong;
 * RC_CONFLICT code_taken. Fills code in its one spelling, id and created_at.
 */
enum rc	promotion_add(struct db *, struct arena *, struct promotion *,
	    const struct audit_by *, struct err *);
/*
 * Change what is given: active >= 0; ends_at, total not FIELD_NONE (FIELD_CLEARED
 * clears; a total below what was redeemed already is RC_INVALID).
 */
enum rc	promotion_change(struct db *, struct arena *, int64_t id, int active,
	    int64_t ends_at, int64_t total, const struct audit_by *,
	    struct promotion *, struct err *);

struct promotion_page {
	struct promotion *promotions;
	size_t n;
	int64_t total;
	bool more;
};
/* Newest first; ids below `before`. */
enum rc	promotion_list(struct db *, struct arena *, int64_t before,
	    int64_t limit, int64_t offset, struct promotion_page *);

/*
 * A payment of a user was marked as credited, just now: where it is their
 * first, pay the referral bonus to both, once. The inviter must still exist;
 * nothing happens where not, or where both bonuses are 0 in the configuration.
 * Who was invited may be in a live session: wallet_credited() is the caller's.
 */
enum rc	promotion_referral_pay(struct db *, const struct conf *, int64_t user,
	    int64_t payment, int64_t now, struct err *);

struct referred {
	int64_t user;
	const char *username;		/* NULL: deleted */
	int64_t joined_at, bonus;
	int64_t paid_at;		/* INT64_MIN: not yet */
};
struct referral_page {
	const char *code;		/* the user's own */
	int64_t invited, paid, earned;
	struct referred *list;
	size_t n;
	bool more;
};
/* Newest first; ids of the invited ones below `before`. Pending accounts are
 * not shown. */
enum rc	promotion_referral_list(struct db *, struct arena *, int64_t user,
	    int64_t before, int64_t limit, int64_t offset,
	    struct referral_page *);

#endif
