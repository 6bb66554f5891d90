/*
 * ledger: double entry. The one place that writes money.
 *
 * A transfer moves money between accounts by two or more entries that sum to
 * zero; nothing is ever changed or deleted (triggers hold that), a mistake is
 * mended by another transfer. Each account's balance is kept beside and is
 * always the sum of its entries. Amounts are integers in the currency's minor
 * unit. Model: TigerBeetle's transfers (https://docs.tigerbeetle.com).
 *
 * Transfers form a chain: a transfer's hash is
 *
 *	SHA-256(hash of the one before (32 zero bytes for the first)
 *	    || id || type || reference || at		int64, big endian each;
 *						no reference: INT64_MIN
 *	    || length of note in bytes, int64; the note (none: -1 and nothing)
 *	    || number of entries, int64
 *	    || for each entry: account || amount || balance, int64 each)
 *
 * so that a row that was changed behind SQLite's back is found by
 * ledger_verify(). All functions but ledger_verify() and the readers run in a
 * write transaction.
 *
 * What is where (an account's number is user * 16 + kind, user 0 the house's):
 *
 *	wallet		the user's money, as topped up
 *	bonus		promotional money, spent first
 *	held		reserved for the live session
 *	earnings	of a listener, not yet paid out
 *	owed		0 or below: taken back by a provider, but spent before
 *	fee		the house's share of sessions
 *	gateway		minus what providers have collected for us
 *	refunds		minus what the house gave back from its own
 *	promotion	minus what promotions and referrals have cost
 *	adjustment	minus what administrators have given
 *	payout		what was paid out to listeners
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
	LEDGER_ADJUSTMENT, LEDGER_PAYOUT
};
#define LEDGER_KINDS 12			/* places for all of them, from 1 */
extern const char *const ledger_kind_names[];	/* from 1; [0] is "" */

enum transfer_type {
	TRANSFER_TOPUP = 1,	/* gateway to wallet; reference: payment. One
				 * a payment: a unique index holds it */
	TRANSFER_HOLD,		/* wallet, bonus to held; session */
	TRANSFER_RELEASE,	/* held to wallet, bonus; session */
	TRANSFER_SESSION,	/* held (and promotion, for free minutes) to
				 * earnings, fee, and what is left of it back to
				 * wallet, bonus; session. One a session: a
				 * unique index holds it */
	TRANSFER_REFUND,	/* earnings, fee, refunds to wallet, bonus; session */
	TRANSFER_BONUS,		/* promotion to bonus; promotion */
	TRANSFER_PAYOUT,	/* earnings to payout; none */
	TRANSFER_ADJUSTMENT,	/* adjustment to wallet, or back; none */
	TRANSFER_REVERSAL,	/* wallet, bonus, owed to gateway, or (dispute
				 * won) back; payment */
	TRANSFER_SETTLEMENT,	/* wallet to owed; none */
	TRANSFER_REFERRAL	/* promotion to bonus; the payment it is for */
};
#define TRANSFER_TYPES 12		/* places for all of them, from 1 */
extern const char *const ledger_transfer_type_names[];	/* from 1; [0] is "" */

#define LEDGER_ACCOUNT(user, kind)	((user) * 16 + (kind))
#define LEDGER_HOUSE(kind)		((int64_t)(kind))

#define LEDGER_ENTRIES 8		/* of one transfer, at most */
#define LEDGER_NOTE_MAX 2000		/* bytes */
/* No balance is larger, either way. */
#define LEDGER_BALANCE_MAX INT64_C(1000000000000000)

struct ledger_entry {
	int64_t account;
	int64_t amount;			/* is added to the account */
	int64_t balance;		/* ledger_post(): after it */
};

struct transfer {
	enum transfer_type type;
	int64_t reference;		/* INT64_MIN: none */
	int64_t at;
	const char *note;		/* NULL: none */
	size_t n;
	struct ledger_entry entries[LEDGER_ENTRIES];
	int64_t id;			/* ledger_post(): its number */
};

/* Begin one without entries. */
void	ledger_transfer_init(struct transfer *, enum transfer_type,
	    int64_t reference, int64_t at);
/*
 * Add an entry; an amount of 0 adds none. The same account twice is one entry.
 * More than LEDGER_ENTRIES: BUG().
 */
void	ledger_transfer_add(struct transfer *, int64_t account, int64_t amount);
/*
 * Write it. RC_PAYMENT insufficient_balance: an account of a user would leave
 * its side of zero; RC_CONFLICT balance_limit: an account would be larger than
 * any may be. In both cases nothing was written. Not summing to zero, no
 * entries: our mistake, BUG(). The hash chain is read from the last row, every
 * time. What people see of it needs a line: see wallet_post().
 */
enum rc	ledger_post(struct db *, struct transfer *, struct err *);

/* One account's balance; 0 where it never had an entry. */
enum rc	ledger_balance(struct db *, int64_t account, int64_t *balance);
/* A user's accounts in one statement: balances[kind]; absent ones are 0. */
enum rc	ledger_user(struct db *, int64_t user, int64_t balances[LEDGER_KINDS]);

/* The transfer's hash, behind that of the one before. */
struct hash	ledger_hash(const struct hash *before, const struct transfer *);

/* What ledger_verify() found. */
struct ledger_proof {
	int64_t transfers, entries, accounts, lines;
	int64_t sum;			/* of all balances: 0 */
	struct hash head;		/* of the last transfer */
	bool ok;
	const char *wrong;		/* the first broken row: what and why */
};

/*
 * Walk the chain in one read transaction of its own: numbers without gaps,
 * hashes, each transfer's sum, each entry's running balance, each account's
 * balance, the sum of all, no account on the wrong side of zero; each line of
 * a wallet against the entries of its transfer and the line before; each
 * held account against its live session; each credited payment against its one
 * top-up. Memory does not grow with the number of entries (it does with that
 * of accounts). RC_OK also where something is wrong: see ok and wrong.
 */
enum rc	ledger_verify(struct db *, struct arena *, struct ledger_proof *);

/*
 * The same of what is new behind an earlier proof: its numbers, hashes and sums,
 * the balances of the accounts that moved and the lines of their users.
 */
enum rc	ledger_verify_new(struct db *, struct arena *,
	    const struct ledger_proof *since, struct ledger_proof *);

#endif
