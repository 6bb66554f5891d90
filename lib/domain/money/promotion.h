/*
 * promotion: codes for bonus money, free minutes, or a bonus on a top-up.
 *
 * A code consists of letters, digits, '-' and '_'. It is stored in capitals
 * and compared without case. A promotion ends at ends_at, when `total` users
 * have redeemed it, or when its budget is exhausted. The transaction that
 * grants a benefit checks and counts the limits.
 *
 * The budget is the maximum cost to the operator. A redemption reserves its
 * maximum cost: the bonus (spent at once), the minutes times max_rate, or
 * max_bonus. At all times spent + reserved <= budget; a CHECK of the table
 * enforces it. The part of a reservation that is not spent is released. What
 * was redeemed is granted: changes of the promotion do not affect it.
 *
 * domain/money/redemption.h has what was granted, and promotion_minutes.h the
 * use of free minutes.
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

enum promotion_kind {
	PROMOTION_BONUS = 1, PROMOTION_MINUTES, PROMOTION_TOPUP_PERCENT
};
/* "bonus", ... for F_ENUM: the index is the kind minus 1. */
extern const char *const promotion_kind_names[];

/* NEW: users without a credited top-up and without a former account. */
enum promotion_audience { PROMOTION_ALL = 1, PROMOTION_NEW, PROMOTION_LIST };
/* "all", "new", "list": the index is the audience minus 1. */
extern const char *const promotion_audience_names[];

#define PROMOTION_USERS_MAX 1000	/* of a list */
#define PROMOTION_NUMBER_MAX INT64_C(1000000000)
#define PROMOTION_BUDGET_MAX INT64_C(1000000000000000)

struct promotion {
	int64_t id;
	const char *code;
	enum promotion_kind kind;
	int64_t value;			/* money, minutes, or percent */
	int64_t max_rate;		/* MINUTES; else INT64_MIN */
	int64_t max_bonus;		/* TOPUP_PERCENT; else INT64_MIN */
	int64_t min_topup;		/* TOPUP_PERCENT; else 0 */
	bool first_topup_only;
	enum promotion_audience audience;
	bool listed;			/* GET /promotions shows it */
	bool active;
	int64_t per_user;		/* maximum redemptions of a user */
	int64_t total;			/* maximum; INT64_MIN: no limit */
	int64_t redeemed;
	int64_t budget, reserved, spent;
	int64_t valid_days;		/* of a benefit; INT64_MIN: no limit */
	int64_t starts_at, ends_at;	/* INT64_MIN: no limit */
	const char *note;
	int64_t created_at;
};

/* Returns the maximum cost of one redemption. */
int64_t	promotion_cost(const struct promotion *);

/*
 * Redeems a code. Returns RC_NOT_FOUND promotion_not_found if the code does not
 * exist or is not active, and RC_CONFLICT promotion_not_started,
 * promotion_ended, promotion_not_eligible (the audience, or a top-up was made
 * before), promotion_already_redeemed (the user's limit, including former
 * accounts), promotion_used_up (the total) or promotion_exhausted (the budget).
 * *expires_at: when the benefit expires; INT64_MIN: never.
 */
enum rc	promotion_redeem(struct db *, struct arena *, int64_t user,
	    const char *code, int64_t now, struct promotion *,
	    int64_t *expires_at, struct err *);

/* Maximum codes that do not exist and that a user redeems in an hour. */
#define PROMOTION_GUESSES	20

/*
 * As promotion_redeem(), for a code that a user typed. After PROMOTION_GUESSES
 * codes that do not exist, returns RC_LIMITED with err->retry_after also for
 * codes that exist, so that codes cannot be guessed. Commit despite
 * RC_NOT_FOUND, which counts.
 */
enum rc	promotion_redeem_typed(struct db *, struct arena *,
	    const struct conf *, int64_t user, const char *code, int64_t now,
	    struct promotion *, int64_t *expires_at, struct err *);
/*
 * Lists up to `max` listed promotions that a user could redeem now, newest
 * first. The array is in the arena.
 */
enum rc	promotion_available(struct db *, struct arena *, int64_t user,
	    int64_t now, size_t max, struct promotion **, size_t *n);

/*
 * Adds a promotion; audited. users: the ids of a list. budget INT64_MIN: the
 * cost of 100 redemptions. Returns RC_INVALID if a member is invalid or does
 * not fit the kind, and RC_CONFLICT code_taken if the code exists. Fills in
 * the code in capitals, budget, id and created_at.
 */
enum rc	promotion_add(struct db *, struct arena *, struct promotion *,
	    const int64_t *users, size_t nusers, const struct audit_by *,
	    struct err *);
/* A change. active and listed < 0, and FIELD_NONE, keep the value. */
struct promotion_patch {
	int active, listed;
	int64_t ends_at, total;		/* FIELD_CLEARED removes the limit */
	int64_t budget;
};
/*
 * Changes a promotion; audited. Returns RC_INVALID if total is below the number
 * of redemptions, ends_at is not after starts_at, or budget is below what is
 * spent and reserved.
 */
enum rc	promotion_change(struct db *, struct arena *, int64_t id,
	    const struct promotion_patch *, const struct audit_by *,
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

#endif
