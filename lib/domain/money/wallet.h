/*
 * wallet: what a person has, and the lines that say how it came about.
 *
 * The balance that people see is wallet + bonus + held, so it does not move
 * while a session only reserves. A line is written with each transfer that
 * changes it, or a listener's earnings, by wallet_post(); lines sum to the
 * balance. Which kind of line it is follows from the type of the transfer:
 *
 *	topup		TOPUP
 *	session		SESSION
 *	refund		REFUND; REVERSAL (a provider took money back: below
 *			zero, or gave it again); SETTLEMENT (the rest of what a
 *			provider took back)
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
/* "topup", "session", ... for F_ENUM: the index is the type less 1. */
extern const char *const wallet_entry_type_names[];

/* How people see a type of transfer; 0: it changes nobody's balance. */
enum wallet_entry_type	wallet_entry_type_of(enum transfer_type);

struct wallet {
	int64_t balance;		/* wallet + bonus + held */
	int64_t available;		/* for a new session: wallet + bonus; 0
					 * where something is owed */
	int64_t wallet, bonus, held;
	int64_t owed;			/* >= 0 here */
	int64_t earnings;
	int64_t free_minutes;
};

enum rc	wallet_get(struct db *, int64_t user, struct wallet *);

/*
 * ledger_post(), then a line for each user whose balance or earnings it
 * changed (a hold changes none), and their event wallet.changed. A transfer
 * that changes both of one user is our mistake, BUG().
 */
enum rc	wallet_post(struct db *, struct transfer *, struct err *);
/*
 * Settle what is owed, as far as the wallet reaches: for after a transfer that
 * has put money into the wallet of somebody who may owe. The functions below
 * do that themselves.
 */
enum rc	wallet_settle(struct db *, int64_t user, int64_t now, struct err *);

/*
 * Money of a payment arrives: gateway to wallet, then, where something is
 * owed, as much as there is of it is settled.
 */
enum rc	wallet_topup(struct db *, int64_t user, int64_t amount,
	    int64_t payment, int64_t now, struct err *);
/*
 * A provider took money back (a refund, a dispute): from the wallet, then the
 * bonus; what is not there is owed. Money held for a live session is not
 * touched. restore gives it back (a dispute won): owed first, then wallet.
 */
enum rc	wallet_reverse(struct db *, int64_t user, int64_t amount,
	    int64_t payment, int64_t now, struct err *);
enum rc	wallet_restore(struct db *, int64_t user, int64_t amount,
	    int64_t payment, int64_t now, struct err *);
/* Promotional money, for a promotion; for a referral, by its payment. */
enum rc	wallet_bonus(struct db *, int64_t user, int64_t amount,
	    int64_t promotion, const char *note, int64_t now, struct err *);
enum rc	wallet_referral(struct db *, int64_t user, int64_t amount,
	    int64_t payment, int64_t now, struct err *);
/*
 * By an administrator, with a reason and an audit row: amount > 0 gives (and
 * settles what is owed), < 0 takes. RC_NOT_FOUND: no such user. RC_CONFLICT
 * insufficient_balance: there is not so much in the wallet. RC_INVALID: 0.
 */
enum rc	wallet_adjust(struct db *, struct arena *, int64_t user,
	    int64_t amount, const char *reason, const struct audit_by *,
	    struct err *);
/*
 * The operator has paid a listener outside: earnings to payout, audited. note:
 * the bank's reference. RC_CONFLICT insufficient_balance: more than is there.
 */
enum rc	wallet_payout(struct db *, struct arena *, int64_t user,
	    int64_t amount, const char *note, const struct audit_by *,
	    struct err *);

/* No single one of these two is larger. */
#define WALLET_BY_HAND_MAX INT64_C(1000000000000)

struct wallet_entry {
	int64_t id;			/* of the transfer */
	enum wallet_entry_type type;
	bool earned;			/* of the earnings, not of the wallet */
	int64_t amount, balance;	/* balance: of that of the two */
	enum transfer_type transfer;	/* says what the reference is of */
	int64_t reference;		/* INT64_MIN: none */
	int64_t at;
};

struct wallet_query {
	int64_t user;
	int type;			/* enum wallet_entry_type; 0: all */
	int64_t from, to;		/* from <= at < to; INT64_MIN, INT64_MAX: all */
	int64_t limit, offset;
	bool given;			/* behind (before_at, before_id) */
	int64_t before_at, before_id;
};

struct wallet_page {
	struct wallet_entry *lines;
	size_t n;
	int64_t total;			/* by the lines' own numbers */
	bool more;
};

/* What a reference is of: "payment", "session", ...; NULL: there is none. */
const char	*wallet_reference(enum transfer_type);
/* The number of a user's lines, ever: it changes whenever one is added. */
enum rc	wallet_version(struct db *, int64_t user, int64_t *version);
/* Newest first. */
enum rc	wallet_entries(struct db *, struct arena *, const struct wallet_query *,
	    struct wallet_page *);

/*
 * Tells what the subjects above registered that a user got money or free
 * minutes, in the transaction that gave them. BUG(): nothing is registered.
 */
enum rc	wallet_credited(struct db *, int64_t user, int64_t now, struct err *);
typedef enum rc wallet_watcher(struct db *, int64_t user, int64_t now,
    struct err *);
/*
 * Registers the function that wallet_credited() calls. Every program that
 * moves money does so at its start, by session_register().
 */
void	wallet_watch(wallet_watcher *);

#endif
