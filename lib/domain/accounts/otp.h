/*
 * otp: one-time codes of six digits, sent to a phone or an e-mail address.
 *
 * A code belongs to one account, one purpose and one address. A code of purpose
 * OTP_CONTINUE for an address without an owner is open: it belongs to the address
 * only, and using it can create an account (signup_open.h). A code is valid with
 * the identifier it was requested with, with the address it was sent to and,
 * for a registration, with its username. Several accounts may have a code sent
 * to one address; the newest OTP_NEWEST of them are valid with the address.
 *
 * The observable limits depend only on the identifiers that the client and
 * others in its network send: the interval between two requests, the number of
 * requests a day, the attempts left, the lock after OTP_GUESSES_HOUR wrong
 * codes. A wrong code gets the response that the identifier would get if no
 * account had it. The limits of accounts act silently: no message is sent, or
 * no code is valid. All paths execute the same statements whether or not an
 * account exists.
 *
 * Codes are stored as keyed hashes. The silent limits of an account are counted
 * separately for each network that it has signed in from in the last 30 days,
 * and for all other networks together. Strangers therefore cannot use up the
 * limits of the owner.
 *
 *	code		conf->otp_max_attempts failed attempts from other
 *			networks; then the code is invalid there
 *	account		OTP_GUESSES_HOUR failed attempts per hour; then all of
 *			its codes are invalid, so requesting new codes gains no
 *			attempts
 *	account		conf->otp_max_per_day messages a day
 *	address		ADDRESS_FACTOR times as many for all registrations with
 *			the address
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
#define OTP_OPEN		(-1)	/* the account of an open code */

enum otp_purpose { OTP_REGISTER, OTP_LOGIN, OTP_RESET, OTP_CONTINUE };
#define OTP_PURPOSES	4

/* "register", "login", "reset", "continue", NULL. */
extern const char *const otp_purposes[];

/* The destination of a code. */
struct otp_target {
	int64_t user;		/* account of the code; 0: no code is sent */
	enum outbox_channel channel;
	enum identifier kind;	/* kind of `typed` */
	const char *typed;	/* the identifier that was sent, normalized */
	const char *address;	/* `typed` if user is 0 */
	const char *from;	/* IP address of the client, set by the caller;
				 * NULL: no client */
};

enum otp_result {
	OTP_SENT,		/* also if the account does not exist */
	OTP_TOO_SOON,		/* within otp_resend_interval */
	OTP_TOO_MANY,		/* otp_max_per_day is reached */
	OTP_LIMITED		/* a limit of the installation or network */
};

struct otp_sent {
	enum otp_result result;
	int64_t expires_at;	/* of the code that is valid now */
	int64_t resend_after;
	int64_t wait;		/* ms; not set if result is OTP_SENT */
};

/* The account and the address of a code that was used. */
struct otp_used {
	int64_t user;		/* OTP_OPEN: `identifier` is the address */
	enum outbox_channel channel;	/* of the address it was sent to */
	enum identifier kind;	/* kind of `identifier` */
	const char *identifier;	/* sent with the code, normalized */
};

/*
 * Finds the account that gets codes of this purpose for an identifier: a
 * pending registration, or an account with a verified address. Returns RC_OK
 * with user 0 if neither exists; for OTP_CONTINUE and an address, with user
 * OTP_OPEN.
 */
enum rc	otp_target(struct db *, struct arena *, const struct conf *,
	    enum otp_purpose, const char *identifier, struct otp_target *);
/*
 * Checks and counts the limits that the client can observe; the result does not
 * depend on accounts. `registration`: the code belongs to a new registration
 * with the address.
 */
enum rc	otp_ask(struct db *, const struct conf *, enum otp_purpose,
	    const struct otp_target *, bool registration, int64_t now,
	    struct otp_sent *);
/*
 * Makes a code and sends it if `send` is set, the target has an account, and no
 * silent limit is reached; otherwise does the same work without effect. *key:
 * the key of the code, for otp_offer(). OTP_POOL_REGISTER counts as a message
 * if `send` is set, whether or not the address has an owner. *held: a limit of
 * the installation prevents the message.
 */
enum rc	otp_issue(struct db *, struct arena *, const struct conf *,
	    enum otp_purpose, const struct otp_target *, enum otp_limits_pool,
	    bool send, int64_t now, struct hash *key, bool *held);
/*
 * Makes a code valid with a normalized identifier that it was requested by. The
 * network must wait conf->otp_resend_interval before the next request with it.
 */
enum rc	otp_offer(struct db *, const struct conf *, enum otp_purpose,
	    const char *identifier, const char *from, const struct hash *key,
	    int64_t now);
/*
 * Requests a code. Returns RC_LIMITED if a visible limit is reached. The result
 * does not reveal whether a message was sent.
 */
enum rc	otp_request(struct db *, struct arena *, const struct conf *,
	    enum otp_purpose, const char *identifier, const char *from,
	    int64_t now, struct otp_sent *, struct err *);
/*
 * Finds the purpose of the latest code that was requested by an identifier. If
 * none of these is valid, finds that of the newest code that was sent to it.
 */
enum rc	otp_latest(struct db *, struct arena *, const struct conf *,
	    const char *identifier, int64_t now, enum otp_purpose *);
/*
 * Uses a code, once. Returns RC_BAD otp_invalid (attempts_left in err) or
 * otp_expired, or RC_LIMITED otp_locked. The caller must commit the failed
 * attempt despite the error. Calls BUG() if the code is not OTP_DIGITS long.
 */
enum rc	otp_use(struct db *, struct arena *, const struct conf *,
	    enum otp_purpose, const char *identifier, const char *code,
	    const char *from, int64_t now, struct otp_used *, struct err *);

#endif
