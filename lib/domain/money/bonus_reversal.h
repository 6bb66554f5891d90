/*
 * bonus_reversal: takes back promotional money that a user was granted, and
 * returns it.
 *
 * It is taken from the bonus. If it was spent, the user owes the rest, and the
 * wallet pays as much of it as possible. The operator's account `promotion`
 * receives the amount. An account that returned takes the place of the user
 * (returning_user.h).
 */
#ifndef DOMAIN_MONEY_BONUS_REVERSAL_H
#define DOMAIN_MONEY_BONUS_REVERSAL_H

#include <stdint.h>

#include "base/err.h"
#include "db/db.h"
#include "domain/money/ledger.h"

/* The grant: TRANSFER_BONUS and a promotion, or TRANSFER_REFERRAL and a
 * payment. */
struct bonus_grant {
	enum transfer_type type;
	int64_t reference;
	const char *note;		/* NULL: no note */
	int64_t user;
};

/* Takes an amount. *owed: the part that the user owes. */
enum rc	bonus_reversal_take(struct db *, const struct bonus_grant *,
	    int64_t amount, int64_t now, int64_t *owed, struct err *);
/*
 * Returns what was taken: `bonus` to the bonus. `owed` reduces the user's debt;
 * if it was paid meanwhile, the rest is added to the wallet.
 */
enum rc	bonus_reversal_return(struct db *, const struct bonus_grant *,
	    int64_t bonus, int64_t owed, int64_t now, struct err *);

#endif
