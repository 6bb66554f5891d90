/*
 * otp: one-time codes of six digits, sent to a phone or an e-mail address.
 *
 * A code hangs on the address and the purpose, not on the account: asking for
 * one and guessing it looks the same for an address that nobody has. Such a
 * code is made, kept and counted as any other; it is sent to no one and no
 * guess fits it.
 *
 * Kept is a keyed hash. conf->otp_tries wrong guesses kill a code, and
 * OTP_GUESSES_HOUR wrong guesses an hour over all codes stop guessing, so new
 * codes buy no more tries. What is counted aloud is counted by what was typed;
 * the address behind a username has counters of its own, which act in silence:
 * then nothing is sent, or no guess fits.
 */
#ifndef DOM_OTP_H
#define DOM_OTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"
#include "dom/outbox.h"
#include "dom/shield.h"

#define OTP_GUESSES_HOUR	10

enum otp_purpose { OTP_REGISTER, OTP_LOGIN, OTP_RESET };

/* "register", "login", "reset", NULL. */
extern const char *const otp_purposes[];

/* Where a code goes. */
struct otp_target {
	int64_t user;		/* whom it lets in; 0: nobody */
	enum outbox_lane lane;	/* where user is not 0 */
	const char *typed;	/* in its one spelling */
	const char *address;	/* what was typed, where nobody fits */
	const char *username;	/* NULL where nobody fits */
	const char *from;	/* IP address of who asks, set by the caller;
				 * NULL: no one from outside */
};

enum otp_fate {
	OTP_SENT,		/* or would have been, were there somebody */
	OTP_TOO_SOON,		/* the last one is younger than otp_resend */
	OTP_TOO_MANY,		/* otp_daily is reached */
	OTP_SHIELDED		/* made, but the operator's limits hold it back */
};

struct otp_sent {
	enum otp_fate fate;
	int64_t expires_at;	/* of the code that is valid now */
	int64_t resend_after;
	int64_t wait;		/* ms, where it was too soon or too many */
};

/*
 * Whom an identifier stands for with this purpose: a pending registration, or
 * an account that has proved an address. RC_OK with user 0: nobody.
 */
enum rc	otp_target(struct db *, struct arena *, enum otp_purpose,
	    const char *identifier, struct otp_target *);
/* Make a code, void the one before, and send it. Failures are the database's. */
enum rc	otp_issue(struct db *, struct arena *, const struct conf *,
	    enum otp_purpose, const struct otp_target *, int64_t now,
	    struct otp_sent *);
/*
 * The two in one, for those who ask for a code: RC_LIMITED when it is too soon
 * or too many; that a code was held back is not said.
 */
enum rc	otp_request(struct db *, struct arena *, const struct conf *,
	    enum otp_purpose, const char *identifier, const char *from,
	    int64_t now, struct otp_sent *, struct err *);
/*
 * Use a code. RC_OK: it is spent, and *user is whom it lets in. Else RC_BAD
 * otp_invalid (attempts_left in err) or otp_expired, RC_LIMITED otp_locked:
 * the count of guesses must be kept though it is a failure.
 */
enum rc	otp_use(struct db *, struct arena *, const struct conf *,
	    enum otp_purpose, const char *identifier, const char *code,
	    int64_t now, int64_t *user, struct err *);

#endif
