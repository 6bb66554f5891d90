/*
 * signup: registration.
 *
 * The response and the statements executed are the same whether or not the
 * e-mail address or phone number belongs to an account already: the account is
 * added, a code is requested, the username is taken. If the address belongs to
 * an account, no code is sent; its owner is notified instead.
 *
 * Anybody can register with an address of others, so the person who verifies a
 * registration may not be the one who made it. See signup_activate(). A
 * registration whose username is taken is remembered like others with its
 * address: somebody else may have taken both.
 */
#ifndef DOMAIN_ACCOUNTS_SIGNUP_H
#define DOMAIN_ACCOUNTS_SIGNUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/accounts/account.h"
#include "domain/accounts/otp.h"

struct signup {
	/* as given; signup_check() puts each in its one spelling */
	const char *username, *email, *phone, *country, *preferred_language;
	const char *referral_code;	/* the inviter's */
	const char *sex;		/* a word of the schema, or NULL */
	/* filled before signup() */
	const char *password;		/* its hash */
	const char *from;		/* IP address of who asks */
	bool repeated;			/* the password is that of the pending
					 * registration with the username */
	/* filled by signup() */
	int64_t id;
	enum outbox_channel lane;
	const char *address;		/* where the code went */
	bool keep;			/* the failure's writes */
	struct otp_sent sent;
};

/* All that can be wrong without looking at the database, as fields of err. */
enum rc	signup_check(struct arena *, const struct conf *, struct signup *,
	    struct err *);
/*
 * Finds the hash of the password of the pending registration with the username;
 * NULL: there is none.
 */
enum rc	signup_pending(struct db *, struct arena *, const char *username,
	    const char **hash);
/*
 * RC_CONFLICT username_taken: what was written must be kept, unless s->keep is
 * false. RC_LIMITED: no more codes for this address.
 */
enum rc	signup(struct db *, struct arena *, const struct conf *,
	    struct signup *, int64_t now, struct err *);

/*
 * Activates a pending account after its code was used. The account keeps its
 * password and profile if the code was entered with its username, or with its
 * address and no other registration had that address in the last 7 days.
 * Otherwise the password, the profile, the referrer, the roles and the other
 * address are removed: somebody else may have chosen them. The same applies to
 * the username if an expired registration had the same username and address.
 * RC_CONFLICT: the address was verified by another account meanwhile.
 */
enum rc	signup_activate(struct db *, struct arena *, const struct conf *,
	    const struct account *, const struct otp_used *, int64_t now,
	    struct err *);

#endif
