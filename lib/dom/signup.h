/*
 * signup: registration.
 *
 * It answers the same, and does the same work, whether or not the e-mail
 * address or phone number belongs to somebody already: the account is made, a
 * code is made, the username is taken. But where somebody owns the address the
 * code is sent to no one, and the owner is told instead.
 */
#ifndef DOM_SIGNUP_H
#define DOM_SIGNUP_H

#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"
#include "dom/otp.h"

struct signup {
	/* as given; signup_check() puts each in its one spelling */
	const char *username, *email, *phone, *country, *preferred_language;
	const char *referral_code;	/* the inviter's */
	const char *sex;		/* a word of the schema, or NULL */
	/* filled before signup() */
	const char *password;		/* its hash */
	const char *from;		/* IP address of who asks */
	/* filled by signup() */
	int64_t id;
	enum outbox_lane lane;
	const char *address;		/* where the code went */
	struct otp_sent sent;
};

/* All that can be wrong without looking at the database, as fields of err. */
enum rc	signup_check(struct arena *, const struct conf *, struct signup *,
	    struct err *);
/* RC_CONFLICT username_taken; RC_LIMITED: no more codes for this address. */
enum rc	signup(struct db *, struct arena *, const struct conf *,
	    struct signup *, int64_t now, struct err *);

#endif
