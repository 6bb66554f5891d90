/*
 * ledger_walk: the state of a verification of the ledger, for its files only.
 */
#ifndef DOMAIN_MONEY_LEDGER_WALK_H
#define DOMAIN_MONEY_LEDGER_WALK_H

#include "domain/money/ledger.h"
#include "domain/money/wallet.h"

/* An account: its stored balance, and the sum of its entries so far. */
struct ledger_walk_account {
	int64_t account, stored, sum;
	bool used;			/* entries, or a session, refer to it */
	size_t owner;			/* index in owners */
};

/* A user: the time of the last wallet entry, and their number by type. */
struct ledger_walk_owner {
	int64_t user, at;
	int64_t wallet_entries[WALLET_ENTRY_ADJUSTMENT + 1]; /* [0]: all */
	size_t first;			/* index of its first account */
};

struct ledger_walk {
	struct db *db;
	struct arena *arena;		/* holds the text of the error */
	struct arena own;
	struct ledger_proof *p;
	struct ledger_walk_account *accounts;	/* by number */
	struct ledger_walk_owner *owners;
	size_t naccounts, nowners;
	struct stmt *entries, *wallet_entries;
	bool has_entry, has_wallet_entry; /* the statement is at a row */
	int64_t topups;
};

/* Keeps the text of the first error. Returns false. */
bool	ledger_walk_error(struct ledger_walk *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/* Returns the name of an account for an error, in the arena. */
const char *ledger_walk_name(struct ledger_walk *, int64_t account);
/* Returns an account, or NULL if it is not loaded. */
struct ledger_walk_account *ledger_walk_find(const struct ledger_walk *,
	    int64_t account);
/*
 * Check the accounts, after the walk, against other tables: each held balance
 * against the reservation of a live session; each credited payment against its
 * one top-up; and that deleted accounts have no balance, and earnings only if
 * they are payable.
 */
enum rc	ledger_walk_held(struct ledger_walk *);
enum rc	ledger_walk_payments(struct ledger_walk *);
enum rc	ledger_walk_closed(struct ledger_walk *);

#endif
