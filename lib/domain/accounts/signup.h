/*
 * signup: registers accounts.
 *
 * The response and the statements executed are the same whether or not the
 * e-mail address or phone number belongs to an account already: the account is
 * added, a code is requested, the username is taken. If the address belongs to
 * an account, no code is sent; its owner is notified instead.
 *
 * A client can register with an address of another person, so the owner of the
 * address may verify a registration of an attacker. See signup_activate(). A
 * registration whose username is taken is counted with its address, too,
 * because another client may have taken both.
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
	/* signup_check() normalizes these */
	const char *username, *email, *phone, *country, *preferred_language;
	const char *referral_code;	/* of the inviter */
	const char *sex;		/* a value of the schema, or NULL */
	/* set by the caller before signup() */
	const char *password;		/* its hash */
	const char *from;		/* IP address of the client */
	bool repeated;			/* the password is that of the pending
					 * registration with the username */
	/* set by signup() */
	int64_t id;
	enum outbox_channel channel;
	const char *address;		/* that the code is sent to */
	bool keep;			/* keep the writes of a failure */
	struct otp_sent sent;
};

/* Checks and normalizes the fields without the database; RC_INVALID. */
enum rc	signup_check(struct arena *, const struct conf *, struct signup *,
	    struct err *);
/*
 * Finds the hash of the password of the pending registration with the username.
 * *hash: NULL if there is none.
 */
enum rc	signup_pending(struct db *, struct arena *, const char *username,
	    const char **hash);
/*
 * Registers a pending account and requests a code. Returns RC_INVALID if the
 * referral code is unknown, RC_CONFLICT username_taken, and RC_LIMITED if no
 * more codes can be sent to the address. If s->keep is set after a failure, the
 * caller must keep the writes.
 */
enum rc	signup(struct db *, struct arena *, const struct conf *,
	    struct signup *, int64_t now, struct err *);

/*
 * Activates a pending account after its code was used. The account keeps its
 * password and profile if the code was entered with its username, or with its
 * address and no other registration had that address in the last 7 days.
 * Otherwise the password, the profile, the referrer, the roles and the other
 * address are removed, because an attacker may have chosen them. The same
 * applies if the code was entered with the username and an expired registration
 * had the same username and address, or if the code of a phone was entered with
 * the e-mail address, or if the code was open. referrer: if these are removed,
 * the account that the user names instead; 0: none. Returns RC_CONFLICT if
 * another account has verified the address meanwhile.
 */
enum rc	signup_activate(struct db *, struct arena *, const struct conf *,
	    const struct account *, const struct otp_used *, int64_t referrer,
	    int64_t now, struct err *);

#endif
