/*
 * referral: bonuses for a user who invited another user, and for the invited
 * user.
 *
 * The first credited top-up of an invited user begins a referral. A job pays
 * both bonuses when
 * - referral.hold_days have passed since that top-up,
 * - no payment of the invited user is refunded or disputed, in whole or in
 *   part,
 * - the operator's commission on money that the invited user spent since has
 *   reached referral.min_commission (0: the sum of both bonuses). Sessions with
 *   the inviter do not count, see revenue.h,
 * - both accounts are active, and the inviter was paid for fewer than
 *   referral.per_month users in the last 30 days.
 * If a payment that was credited before is refunded or disputed later, both
 * bonuses are taken back (bonus_reversal.h), and likewise if refunds of sessions
 * reduce the commission below that minimum. They are returned if the reversal
 * fails. An account with a former account is not an invited user.
 */
#ifndef DOMAIN_MONEY_REFERRAL_H
#define DOMAIN_MONEY_REFERRAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/common/job.h"

/*
 * Begins the referral of a user if the payment that was just credited is the
 * first one and the user was invited.
 */
enum rc	referral_topup(struct db *, const struct conf *, int64_t user,
	    int64_t payment, int64_t now);
/*
 * Takes both bonuses back, or returns them, according to the reversals of a
 * user's payments. Call it after a reversal changed.
 */
enum rc	referral_reversed(struct db *, int64_t user, int64_t now,
	    struct err *);

/* Job: pays the referrals that are due. */
enum rc	referral_pay_pending(struct job_run *);
enum rc	referral_pay_run(struct job_run *);

enum referral_state {
	REFERRAL_JOINED,		/* no top-up, or no bonus */
	REFERRAL_WAITING, REFERRAL_PAID, REFERRAL_REVERSED
};
extern const char *const referral_state_names[];

struct referred {
	int64_t user;
	const char *username;		/* NULL: deleted */
	int64_t joined_at;
	enum referral_state state;
	int64_t bonus;			/* of the inviter; 0 unless PAID */
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
enum rc	referral_list(struct db *, struct arena *, int64_t user,
	    int64_t before, int64_t limit, int64_t offset,
	    struct referral_page *);

#endif
