/* session_internal: what the files of sessions share. */
#ifndef DOMAIN_CALLS_SESSION_INTERNAL_H
#define DOMAIN_CALLS_SESSION_INTERNAL_H

#include "base/clock.h"
#include "domain/calls/session.h"
#include "domain/calls/session_rules.h"
#include "domain/money/wallet.h"

/* The resources that an extension of a lease needs. */
struct session_take {
	int64_t minutes, wallet, bonus;
};

/* Returns a length in seconds; INT64_MIN, written as null, if it never ends. */
static inline int64_t
session_seconds(int64_t ms)
{
	return ms >= BILLING_FOREVER ? INT64_MIN : ms / SECOND;
}

/* Returns the part of an amount that a limit (INT64_MIN: none) allows. */
static inline int64_t
session_spendable(int64_t limit, int64_t money)
{
	return limit != INT64_MIN && limit < money ? limit : money;
}

/* Reads a customer's money, and the free minutes that apply at a rate. */
enum rc	session_funds(struct db *, int64_t customer, int64_t rate,
	    struct wallet *);
/* Returns the billed time that the money of a session pays for, in ms. */
int64_t	session_lasts(const struct session *, const struct wallet *);
/* Extends the lease in the struct to `until` and computes what that takes. */
void	session_take_until(struct session *, const struct wallet *,
	    int64_t until, struct session_take *);
/* Reserves the money and the minutes of an extension. */
enum rc	session_reserve(struct db *, const struct session *,
	    const struct session_take *, int64_t now, struct err *);

/* How a session ends. */
struct session_close {
	enum session_cause cause;
	int64_t at;
	bool free_of_charge;
	bool waived;			/* counts toward billing.lost_free */
};
/*
 * Ends a live session. Minutes up to `at` that are not reserved yet are reserved
 * first. If the money was used up before, the session ended then.
 */
enum rc	session_close(struct db *, struct session *,
	    const struct session_party [SESSION_PARTIES],
	    const struct session_close *, int64_t now, struct err *);
/*
 * Reads the parties of a live session and stores new proofs. Then applies the
 * rules, which may end the session, and finds an outage.
 */
enum rc	session_review(struct db *, struct session *,
	    struct session_party [SESSION_PARTIES], int64_t now, struct err *);
/* Finds an outage that the job has not found yet. Updates the session. */
enum rc	session_find_gap(struct db *, struct session *, int64_t now,
	    struct err *);
/* Moves the start of billing to a later time. Earlier times change nothing. */
enum rc	session_move_start(struct db *, struct session *, int64_t start);
/* Returns whether another session may be lost or fail today, free of charge. */
enum rc	session_waivable(struct db *, int64_t customer, int64_t now,
	    bool *yes);

/* Reads the columns of a party, starting at col. */
void	session_party_row(struct stmt *, int col, struct session_party *);
/* Adds a party (SESSION_PARTY_CUSTOMER, ...) with a proof at `now`. */
enum rc	session_party_add(struct db *, int64_t session, int side, int64_t user,
	    int64_t device, int64_t now);
/*
 * Adds what the shared memory knows to a party. Returns whether it changed and
 * must be stored.
 */
bool	session_party_merge(struct session_party *, int64_t user, int64_t now);
enum rc	session_party_store(struct db *, int64_t session, int side,
	    const struct session_party *);
/* Reads the parties. If the session is live, merges and stores new proofs. */
enum rc	session_party_load(struct db *, const struct session *, int64_t now,
	    struct session_party [SESSION_PARTIES]);
/* Removes the parties of an ended session from the shared memory. */
void	session_party_forget(const struct session *,
	    const struct session_party [SESSION_PARTIES]);

#endif
