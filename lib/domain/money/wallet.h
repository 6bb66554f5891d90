/*
 * wallet: a user's balance, and the entries of its history.
 *
 * The visible balance is wallet + bonus + held, so that a reservation does not
 * change it. wallet_post() writes an entry for each transfer that changes this
 * balance or a listener's earnings. The entries sum to the balance. The type
 * of an entry follows from the type of its transfer:
 *
 *	topup		TOPUP
 *	session		SESSION
 *	refund		REFUND; REVERSAL (negative: a provider took money
 *			back; positive: it returned the money); SETTLEMENT
 *			(payment of an amount that was owed)
 *	bonus		BONUS, REFERRAL
 *	payout		PAYOUT
 *	adjustment	ADJUSTMENT
 *
 * See domain/money/ledger.h for the accounts.
 */
#ifndef DOMAIN_MONEY_WALLET_H
#define DOMAIN_MONEY_WALLET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/common/audit.h"
#include "domain/money/ledger.h"

enum wallet_entry_type {
	WALLET_ENTRY_TOPUP = 1, WALLET_ENTRY_SESSION, WALLET_ENTRY_REFUND,
	WALLET_ENTRY_BONUS, WALLET_ENTRY_PAYOUT, WALLET_ENTRY_ADJUSTMENT
};
/* "topup", "session", ... for F_ENUM: the index is the type minus 1. */
extern const char *const wallet_entry_type_names[];

/* Returns the type of the entry of a transfer; 0: it changes no balance. */
enum wallet_entry_type	wallet_entry_type_of(enum transfer_type);

struct wallet {
	int64_t balance;		/* wallet + bonus + held */
	int64_t available;		/* for a new session: wallet + bonus; 0
					 * if owed > 0 */
	int64_t wallet, bonus, held;
	int64_t owed;			/* >= 0 */
	int64_t earnings;
	int64_t free_minutes;
};

/* Reads a user's wallet; all members are 0 if the user has no account. */
enum rc	wallet_get(struct db *, int64_t user, struct wallet *);

/*
 * Calls ledger_post(). Then writes an entry and the event wallet.changed for
 * each user whose balance or earnings changed (a hold changes neither). Calls
 * BUG() if the transfer changes both of one user. Errors as ledger_post().
 */
enum rc	wallet_post(struct db *, struct transfer *, struct err *);
/*
 * Pays from the wallet as much as possible of the amount that a user owes. Call
 * it after a transfer into a wallet; the functions below do so themselves.
 */
enum rc	wallet_settle(struct db *, int64_t user, int64_t now, struct err *);

/* Moves the money of a payment to the wallet, then pays what the user owes. */
enum rc	wallet_topup(struct db *, int64_t user, int64_t amount,
	    int64_t payment, int64_t now, struct err *);
/*
 * wallet_reverse() takes money of a refund or a dispute: from the wallet, then
 * from the bonus (*bonus is that part); the user owes the rest. Money that is
 * held for a live session does not change. wallet_restore() returns the money
 * (a dispute that was won, a failed refund): `bonus` of it to the bonus. The
 * rest reduces the debt first, then fills the wallet.
 */
enum rc	wallet_reverse(struct db *, int64_t user, int64_t amount,
	    int64_t payment, int64_t now, int64_t *bonus, struct err *);
enum rc	wallet_restore(struct db *, int64_t user, int64_t amount,
	    int64_t bonus, int64_t payment, int64_t now, struct err *);
/*
 * Books money of a payment that the provider took from the operator (negative:
 * returned) although the payment had been refunded to the payer before.
 */
enum rc	wallet_lose(struct db *, int64_t amount, int64_t payment, int64_t now,
	    struct err *);
/*
 * Add promotional money to the bonus: of a promotion (the note is its code),
 * or of a referral (with the payment that caused it).
 */
enum rc	wallet_bonus(struct db *, int64_t user, int64_t amount,
	    int64_t promotion, const char *note, int64_t now, struct err *);
enum rc	wallet_referral(struct db *, int64_t user, int64_t amount,
	    int64_t payment, int64_t now, struct err *);
/*
 * Changes an account of a user (LEDGER_WALLET, LEDGER_BONUS or LEDGER_EARNINGS)
 * for an administrator, with a reason; audited. A positive amount is added; in
 * the wallet, it pays what the user owes. A negative amount is taken. Earnings
 * may become negative. Returns RC_NOT_FOUND if the user does not exist,
 * RC_INVALID if the amount is 0, RC_CONFLICT insufficient_balance if wallet or
 * bonus have less, and RC_CONFLICT account_deleted for wallet and bonus of a
 * deleted account.
 */
enum rc	wallet_adjust(struct db *, struct arena *, int64_t user,
	    enum ledger_kind account, int64_t amount, const char *reason,
	    const struct audit_by *, struct err *);
/*
 * Records that the operator paid a listener, for example by bank transfer:
 * earnings to payout; audited. note: the bank's reference. Returns RC_NOT_FOUND
 * if the user does not exist, RC_INVALID if the amount is not positive, and
 * RC_CONFLICT insufficient_balance if it exceeds the earnings. After the
 * payment of all earnings of a deleted account, its payout contact is deleted.
 */
enum rc	wallet_payout(struct db *, struct arena *, int64_t user,
	    int64_t amount, const char *note, const struct audit_by *,
	    struct err *);

/* The maximum amount of an adjustment or a payout. */
#define WALLET_BY_HAND_MAX INT64_C(1000000000000)

struct wallet_entry {
	int64_t id;			/* of the transfer */
	enum wallet_entry_type type;
	bool earned;			/* of the earnings, not of the wallet */
	int64_t amount, balance;	/* balance: after the transfer */
	enum transfer_type transfer;	/* see wallet_reference() */
	int64_t reference;		/* INT64_MIN: no reference */
	int64_t at;
};

struct wallet_query {
	int64_t user;
	int type;			/* enum wallet_entry_type; 0: all */
	int64_t from, to;		/* from <= at < to; INT64_MIN,
					 * INT64_MAX: all */
	int64_t limit, offset;
	bool given;			/* only entries before (before_at,
					 * before_id) */
	int64_t before_at, before_id;
};

struct wallet_page {
	struct wallet_entry *entries;
	size_t n;
	int64_t total;
	bool more;
};

/*
 * Returns the kind of object that a transfer of this type refers to:
 * "payment", "session", "promotion" or "referral"; NULL: no reference.
 */
const char	*wallet_reference(enum transfer_type);
/* Reads the number of a user's entries, which changes with each new entry. */
enum rc	wallet_version(struct db *, int64_t user, int64_t *version);
/* Lists entries, newest first. */
enum rc	wallet_entries(struct db *, struct arena *, const struct wallet_query *,
	    struct wallet_page *);

/*
 * Calls the function that wallet_watch() registered. Call it after a user got
 * money or free minutes, in the same transaction. Calls BUG() if no function
 * is registered.
 */
enum rc	wallet_credited(struct db *, int64_t user, int64_t now, struct err *);
typedef enum rc wallet_watcher(struct db *, int64_t user, int64_t now,
    struct err *);
/*
 * Registers the function that wallet_credited() calls. Each program that moves
 * money does so at its start, by session_register().
 */
void	wallet_watch(wallet_watcher *);

#endif
