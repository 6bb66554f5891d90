/* session_internal: what the files of sessions share. */
#ifndef DOMAIN_CALLS_SESSION_INTERNAL_H
#define DOMAIN_CALLS_SESSION_INTERNAL_H

#include "base/clock.h"
#include "domain/calls/session.h"
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

#endif
