/*
 * wallet_close: the money of deleted accounts.
 *
 * Account deletion gives up wallet and bonus. Earnings stay payable for
 * WALLET_CLOSE_PAYABLE to the contact that the user named; after the payment, or
 * after this time, the contact is deleted. ledger_verify() checks that no
 * deleted account has other money. Debts remain.
 */
#ifndef DOMAIN_MONEY_WALLET_CLOSE_H
#define DOMAIN_MONEY_WALLET_CLOSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/common/job.h"

#define WALLET_CLOSE_PAYABLE	(730 * DAY)
#define WALLET_CLOSE_CONTACT_MAX 500	/* bytes of a payout contact */

/*
 * Returns RC_CONFLICT account_has_money, with the amounts in err->money, if a
 * user has a balance, a bonus or earnings.
 */
enum rc	wallet_close_check(struct db *, struct arena *, int64_t user,
	    struct err *);
/*
 * Gives up wallet and bonus of an account that is being deleted, after its live
 * session ended. Stores the contact (NULL: none) if it has earnings.
 */
enum rc	wallet_close(struct db *, int64_t user, const char *payout_contact,
	    int64_t now, struct err *);
/* Returns whether the account was deleted. */
enum rc	wallet_close_deleted(struct db *, int64_t user, bool *closed);
/*
 * Gives up money that a deleted account received, and updates whether it has
 * payable earnings. Does nothing for other accounts. Call it after a transfer
 * to or from the accounts of a user that may be deleted.
 */
enum rc	wallet_close_sync(struct db *, int64_t user, int64_t now,
	    struct err *);
/* The contact of a deleted account; NULL if there is none. */
struct wallet_close_state {
	bool closed;
	const char *payout_contact;
	int64_t expires_at;		/* INT64_MIN: no payable earnings */
};
enum rc	wallet_close_get(struct db *, struct arena *, int64_t user,
	    struct wallet_close_state *);

/*
 * Job: takes the earnings of deleted accounts that expired, and the balances of
 * accounts that were deleted by earlier versions.
 */
enum rc	wallet_close_pending(struct job_run *);
enum rc	wallet_close_run(struct job_run *);

#endif
