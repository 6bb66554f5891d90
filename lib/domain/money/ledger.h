/*
 * ledger: a double-entry ledger. Only this module writes money.
 *
 * A transfer moves money between accounts by two or more entries that sum to
 * zero. Triggers reject changes and deletions; an error is corrected by
 * another transfer. Each account has a stored balance, which is always the sum
 * of its entries. Amounts are integers in the currency's minor unit.
 * Model: TigerBeetle's transfers (https://docs.tigerbeetle.com).
 *
 * Transfers form a chain. The hash of a transfer is
 *
 *	SHA-256(hash of the previous transfer (32 zero bytes for the first)
 *	    || id || type || reference || at	int64, big endian each;
 *						INT64_MIN: no reference
 *	    || length of the note in bytes, int64; the note (-1: no note)
 *	    || number of entries, int64
 *	    || for each entry: account || amount || balance, int64 each)
 *
 * so that ledger_verify() finds rows that were changed in the file without
 * this program. ledger_post() needs a write transaction.
 *
 * The kinds of accounts (the number of an account is user * 16 + kind; user 0
 * is the operator):
 *
 *	wallet		the user's own money
 *	bonus		promotional money, spent first
 *	held		reserved for the live session
 *	earnings	of a listener, not paid out yet; negative if more was
 *			reversed than the listener had
 *	owed		0 or negative: reversed by a provider after it was spent
 *	fee		the operator's share of sessions
 *	gateway		minus the money that providers have collected
 *	refunds		minus the refunds that the operator paid
 *	promotion	minus the cost of promotions and referrals
 *	adjustment	minus the credits by administrators; plus the money
 *			that deleted accounts gave up
 *	payout		the money that was paid out to listeners
 *	loss		minus the money that providers took back although it
 *			had been refunded before
 */
#ifndef DOMAIN_MONEY_LEDGER_H
#define DOMAIN_MONEY_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "db/db.h"

enum ledger_kind {
	LEDGER_WALLET = 1, LEDGER_BONUS, LEDGER_HELD, LEDGER_EARNINGS,
	LEDGER_OWED,
	LEDGER_FEE, LEDGER_GATEWAY, LEDGER_REFUNDS, LEDGER_PROMOTION,
	LEDGER_ADJUSTMENT, LEDGER_PAYOUT, LEDGER_LOSS
};
#define LEDGER_KINDS 13			/* size of an array by kind */
extern const char *const ledger_kind_names[];	/* from 1; [0] is "" */

enum transfer_type {
	/* From, to; the object that the reference identifies. */
	TRANSFER_TOPUP = 1,	/* gateway to wallet; payment. A unique index
				 * allows one per payment */
	TRANSFER_HOLD,		/* wallet, bonus to held; session */
	TRANSFER_RELEASE,	/* held to wallet, bonus; session */
	TRANSFER_SESSION,	/* held (and promotion, for free minutes) to
				 * earnings, fee; session. A unique index
				 * allows one per session */
	TRANSFER_REFUND,	/* earnings, fee, refunds to wallet, bonus,
				 * promotion, adjustment; session */
	TRANSFER_BONUS,		/* promotion to bonus; promotion. Reversed, or
				 * expired: bonus, owed to promotion */
	TRANSFER_PAYOUT,	/* earnings to payout; no reference */
	TRANSFER_ADJUSTMENT,	/* adjustment to wallet, bonus or earnings, or
				 * the reverse; no reference */
	TRANSFER_REVERSAL,	/* wallet, bonus, owed or loss to gateway, or
				 * (dispute won, refund failed) the reverse;
				 * payment */
	TRANSFER_SETTLEMENT,	/* wallet to owed, or owed of a deleted account
				 * to owed of its successor; no reference */
	TRANSFER_REFERRAL	/* promotion to bonus; payment. Reversed:
				 * bonus, owed to promotion */
};
#define TRANSFER_TYPES 12		/* size of an array by type */
extern const char *const ledger_transfer_type_names[];	/* from 1; [0] is "" */

#define LEDGER_ACCOUNT(user, kind)	((user) * 16 + (kind))
#define LEDGER_OPERATOR(kind)		((int64_t)(kind))

#define LEDGER_ENTRIES 8		/* maximum of one transfer */
#define LEDGER_NOTE_MAX 2000		/* bytes */
/* The maximum absolute value of a balance. */
#define LEDGER_BALANCE_MAX INT64_C(1000000000000000)

struct ledger_entry {
	int64_t account;
	int64_t amount;			/* added to the account */
	int64_t balance;		/* after it; set by ledger_post() */
};

struct transfer {
	enum transfer_type type;
	int64_t reference;		/* INT64_MIN: no reference */
	int64_t at;
	const char *note;		/* NULL: no note */
	size_t n;
	struct ledger_entry entries[LEDGER_ENTRIES];
	int64_t id;			/* set by ledger_post() */
};

/* Initializes a transfer without entries. */
void	ledger_transfer_init(struct transfer *, enum transfer_type,
	    int64_t reference, int64_t at);
/*
 * Adds an entry. An amount of 0 adds no entry. If the account has an entry
 * already, the amounts are added. Calls BUG() if the transfer would have more
 * than LEDGER_ENTRIES entries.
 */
void	ledger_transfer_add(struct transfer *, int64_t account, int64_t amount);
/*
 * Writes a transfer; the hash chain continues from the last row. Returns
 * RC_PAYMENT insufficient_balance if an account of a user would become
 * negative (owed: positive), and RC_CONFLICT balance_limit if a balance would
 * exceed LEDGER_BALANCE_MAX. In both cases nothing was written. Calls BUG() if
 * the transfer has fewer than two entries or does not sum to zero. A transfer
 * that changes the balance that a user sees is written by wallet_post().
 */
enum rc	ledger_post(struct db *, struct transfer *, struct err *);

/*
 * Returns whether an account may have the balance of an entry. Accounts of users
 * are not negative, and owed is not positive. Earnings may be negative after a
 * refund or an adjustment, and may then rise.
 */
bool	ledger_sign_ok(enum transfer_type, const struct ledger_entry *);
/* Reads the balance of an account; 0 if it never had an entry. */
enum rc	ledger_balance(struct db *, int64_t account, int64_t *balance);
/* Reads the balances of a user by kind; 0 if an account has no entry. */
enum rc	ledger_user(struct db *, int64_t user, int64_t balances[LEDGER_KINDS]);

/* Returns the hash of a transfer; before: the hash of the previous one. */
struct hash	ledger_hash(const struct hash *before, const struct transfer *);

/* The result of ledger_verify(). */
struct ledger_proof {
	int64_t transfers, entries, accounts, wallet_entries;
	int64_t sum;			/* of all balances: 0 */
	struct hash head;		/* of the last transfer */
	bool ok;
	const char *wrong;		/* the first broken row; NULL if ok */
};

/*
 * Verifies the ledger in a read transaction of its own:
 * - numbers without gaps, the hashes, and the sum of each transfer;
 * - the running balance of each entry and the balance of each account, its
 *   sign, and the sum of all balances;
 * - each wallet entry against its transfer and the previous entry;
 * - each held account against its live session;
 * - that wallet and bonus of deleted accounts are empty, and that their earnings
 *   are still payable;
 * - each credited payment against its one top-up.
 * Memory grows with the number of accounts, not with that of entries. Returns
 * RC_OK even if the ledger is broken: see ok and wrong. The text of `wrong` is
 * in the arena.
 */
enum rc	ledger_verify(struct db *, struct arena *, struct ledger_proof *);

/*
 * Verifies the transfers after an earlier proof: numbers, hashes and sums, the
 * balances of the accounts that changed, and the wallet entries of their
 * users.
 */
enum rc	ledger_verify_new(struct db *, struct arena *,
	    const struct ledger_proof *since, struct ledger_proof *);

#endif
