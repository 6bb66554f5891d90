/*
 * signup_open: finds or creates the account of an address that was verified by
 * an open code (otp.h).
 *
 * If the address has an owner meanwhile, that is the account. Otherwise the
 * newest registration with the address is activated without what an attacker
 * may have chosen (signup_activate()). Otherwise an account is created.
 */
#ifndef DOMAIN_ACCOUNTS_SIGNUP_OPEN_H
#define DOMAIN_ACCOUNTS_SIGNUP_OPEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/accounts/otp.h"

/*
 * Sets *user to the account, and *created if this call created it. referrer: the
 * inviter of a new account; 0: none. Call it in the transaction of otp_use().
 */
enum rc	signup_open(struct db *, struct arena *, const struct conf *,
	    const struct otp_used *, int64_t referrer, int64_t now,
	    int64_t *user, bool *created, struct err *);
/*
 * Creates an active account with a generated username and one verified address,
 * or none (identity.h). n: email or phone is set, and referred_by; the function
 * sets the rest.
 */
struct account_new;
enum rc	signup_open_add(struct db *, struct arena *, const struct conf *,
	    struct account_new *, int64_t now, struct err *);

#endif
