/*
 * otp: one-time codes of six digits, sent to a phone or an e-mail address.
 *
 * A code belongs to one account, one purpose and one address. It is valid with
 * the identifier it was requested with, with the address it was sent to and,
 * for a registration, with its username. Several accounts may have a code sent
 * to one address; the newest OTP_NEWEST of them are valid with the address.
 *
 * What a client can observe depends only on the identifiers that it and others
 * in its network send: the interval between two requests, the number of requests
 * a day, the attempts left, the lock after OTP_GUESSES_HOUR wrong codes. A wrong
 * code gets the response that the identifier would get if no account had it. The
 * limits of accounts act silently: no message is sent, or no code is valid. All
 * paths execute the same statements whether or not there is an account.
 *
 * Codes are stored as keyed hashes. The silent limits of an account are counted
 * separately for each network that it has signed in from in the last 30 days,
 * and for all other networks together, so strangers cannot use up the owner's:
 *
 *	code		conf->otp_max_attempts failed attempts from other
 *			networks, then the code is invalid there
 *	account		OTP_GUESSES_HOUR failed attempts an hour, then all of
 *			its codes are invalid; new codes gain no attempts
 *	account		conf->otp_max_per_day messages a day
 *	address		ADDRESS_FACTOR times as many for the registrations with
 *			the address together
 *
 * Wrong codes are also limited by network, for all identifiers.
 */
#ifndef DOMAIN_ACCOUNTS_OTP_H
#define DOMAIN_ACCOUNTS_OTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/hash.h"
#include "db/db.h"
#include "domain/accounts/otp_limits.h"
#include "domain/common/identifier.h"
#include "domain/common/outbox.h"

#define OTP_GUESSES_HOUR	10

enum otp_purpose { OTP_REGISTER, OTP_LOGIN, OTP_RESET };

/* "register", "login", "reset", NULL. */
extern const char *const otp_purposes[];

/* Where a code goes. */
struct otp_target {
	int64_t user;		/* whom it lets in; 0: nobody */
	enum outbox_channel lane;
	enum identifier kind;	/* of what was typed */
	const char *typed;	/* normalized */
	const char *address;	/* what was typed, where nobody fits */
	const char *from;	/* IP address of the client, set by the caller;
				 * NULL: no client */
};

enum otp_result {
	OTP_SENT,		/* or would have been, were there an account */
	OTP_TOO_SOON,	/* the last one is younger than otp_resend_interval */
	OTP_TOO_MANY,		/* otp_max_per_day is reached */
	OTP_LIMITED		/* a limit of the installation or network */
};

struct otp_sent {
	enum otp_result fate;
	int64_t expires_at;	/* of the code that is valid now */
	int64_t resend_after;
	int64_t wait;		/* ms, unless fate is OTP_SENT */
};

/* What a code that was used tells. */
struct otp_used {
	int64_t user;
	enum outbox_channel lane;	/* of the address it was sent to */
	enum identifier kind;	/* what it was used with */
	const char *identifier;	/* normalized */
};

/*
 * Finds whom an identifier stands for with this purpose: a pending
 * registration, or an account that has verified an address. RC_OK with user 0:
 * nobody.
 */
enum rc	otp_target(struct db *, struct arena *, enum otp_purpose,
	    const char *identifier, struct otp_target *);
/*
 * Checks and counts the limits that the client can observe; the result does
 * not depend on accounts. `registration`: the code is that of a new
 * registration with the typed address.
 */
enum rc	otp_ask(struct db *, const struct conf *, enum otp_purpose,
	    const struct otp_target *, bool registration, int64_t now,
	    struct otp_sent *);
/*
 * Makes a code and sends it if `send`, the target is an account, and no silent
 * limit prevents it; otherwise does the same work without effect. Stores the
 * code's key in *key for otp_offer(). SHIELD_REGISTER counts as a message if
 * `send`, whether or not the address has an owner; *held says that the
 * installation's limits prevent it.
 */
enum rc	otp_issue(struct db *, struct arena *, const struct conf *,
	    enum otp_purpose, const struct otp_target *, enum otp_limits_pool,
	    bool send, int64_t now, struct hash *key, bool *held);
/*
 * Records that a code was requested with an identifier (normalized) from a
 * network: the next one is too soon there for conf->otp_resend_interval.
 */
enum rc	otp_offer(struct db *, const struct conf *, enum otp_purpose,
	    const char *identifier, const char *from, const struct hash *key,
	    int64_t now);
/* Does the work of a message that is not sent. */
enum rc	otp_send_nothing(struct db *, const struct conf *, int64_t now);
/*
 * Requests a code: RC_LIMITED if it is too soon or there are too many; whether
 * a message was sent is not told.
 */
enum rc	otp_request(struct db *, struct arena *, const struct conf *,
	    enum otp_purpose, const char *identifier, const char *from,
	    int64_t now, struct otp_sent *, struct err *);
/*
 * Uses a code. RC_OK: it is spent. Otherwise RC_BAD otp_invalid (attempts_left
 * in err) or otp_expired, RC_LIMITED otp_locked: the failed attempt must be
 * committed nevertheless.
 */
enum rc	otp_use(struct db *, struct arena *, const struct conf *,
	    enum otp_purpose, const char *identifier, const char *code,
	    const char *from, int64_t now, struct otp_used *, struct err *);

#endif
