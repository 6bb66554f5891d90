/*
 * promotion: codes for bonus money or free minutes, and referral bonuses.
 *
 * A code consists of letters, digits, '-' and '_'. It is stored in capitals
 * and compared without case. A promotion ends at ends_at or when `total` users
 * have redeemed it. The transaction that gives money or minutes checks and
 * counts the limits.
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
/* "bonus", "minutes" for F_ENUM: the index is the kind minus 1. */
extern const char *const promotion_kind_names[];

struct promotion {
	int64_t id;
	const char *code;
	enum promotion_kind kind;
	int64_t value;			/* money, or minutes */
	bool active;
	int64_t per_user;		/* maximum redemptions of a user */
	int64_t total;			/* maximum; INT64_MIN: no limit */
	int64_t redeemed;
	int64_t starts_at, ends_at;	/* INT64_MIN: no limit */
	const char *note;
	int64_t created_at;
};

/*
 * Redeems a code. Returns RC_NOT_FOUND promotion_not_found if the code does not
 * exist or is not active, and RC_CONFLICT promotion_not_started,
 * promotion_ended, promotion_already_redeemed (the user's limit) or
 * promotion_used_up (the total).
 */
enum rc	promotion_redeem(struct db *, struct arena *, int64_t user,
	    const char *code, int64_t now, struct promotion *, struct err *);

/*
 * Adds a promotion; audited. Returns RC_INVALID if code, value or dates are
 * invalid, and RC_CONFLICT code_taken if the code exists. Fills in the code in
 * capitals, id and created_at.
 */
enum rc	promotion_add(struct db *, struct arena *, struct promotion *,
	    const struct audit_by *, struct err *);
/*
 * Changes a promotion; audited. active < 0, and FIELD_NONE for ends_at and
 * total, keep the value; FIELD_CLEARED removes the limit. Returns RC_INVALID if
 * total is below the number of redemptions, or ends_at is not after starts_at.
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
/* Lists promotions with ids below `before`, newest first. */
enum rc	promotion_list(struct db *, struct arena *, int64_t before,
	    int64_t limit, int64_t offset, struct promotion_page *);

/*
 * Pays the referral bonuses to a user and the inviter, once, if the payment
 * that was just credited is the user's first. Does nothing if the inviter was
 * deleted, or if both bonuses are 0 in the configuration. The caller must call
 * wallet_credited() for the user; this function calls it for the inviter.
 */
enum rc	promotion_referral_pay(struct db *, const struct conf *, int64_t user,
	    int64_t payment, int64_t now, struct err *);

struct referred {
	int64_t user;
	const char *username;		/* NULL: deleted */
	int64_t joined_at, bonus;
	int64_t paid_at;		/* INT64_MIN: not paid */
};
struct referral_page {
	const char *code;		/* the user's referral code */
	int64_t invited, paid, earned;
	struct referred *list;
	size_t n;
	bool more;
};
/*
 * Lists the users that a user invited, newest first, with ids below `before`.
 * Accounts that are not activated yet are left out.
 */
enum rc	promotion_referral_list(struct db *, struct arena *, int64_t user,
	    int64_t before, int64_t limit, int64_t offset,
	    struct referral_page *);

#endif
