/*
 * otp_limits: limits on one-time codes for the whole installation, which protect
 * the operator against SMS pumping fraud, and others against being locked out
 * by these limits.
 *
 * Networks are limited first: how many codes they request, and how many of the
 * registrations they made by SMS were never verified. Then messages are
 * limited: by country prefix and hour, by the share of a prefix's registrations
 * that are verified, by day, and by the number of countries that one address
 * has codes sent to. These limits are separate for e-mail and SMS, and separate
 * for registrations, further codes of registrations, existing accounts, and
 * existing accounts in networks that they have signed in from: anonymous clients
 * cannot use up what owners need. At least NETWORKS_MIN networks are needed to
 * stop the registrations of a prefix.
 *
 * Reviewers of app stores have a fixed code, until a date. No message is sent
 * for it.
 */
#ifndef DOMAIN_ACCOUNTS_OTP_LIMITS_H
#define DOMAIN_ACCOUNTS_OTP_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/hash.h"
#include "db/db.h"
#include "domain/common/outbox.h"

#define OTP_DIGITS	6

/* Whose messages are counted together. */
enum otp_limits_pool {
	SHIELD_REGISTER,	/* the first message of a registration */
	SHIELD_RESEND,		/* further ones */
	SHIELD_ACCOUNT,		/* existing accounts */
	SHIELD_KNOWN		/* those in networks they have signed in from */
};

/* A network in an hour, as keyed hashes. */
struct otp_limits_net {
	struct hash net;	/* IPv4 /24 or IPv6 /64 */
	struct hash site;	/* IPv4 /24 or IPv6 /48 */
};

/* A message that may be sent. */
struct otp_limits_message {
	enum otp_limits_pool pool;
	enum outbox_channel lane;
	const char *address;
	const char *phone;	/* a number that the client sent, or NULL */
	const char *from;	/* IP address of the client; NULL: none */
	bool real;		/* false: only the same work is to be done */
};

/* Returns whether codes are sent to the country of the phone number. */
bool		 otp_limits_reaches(const struct conf *, const char *phone);
/*
 * Counts a request for a code by the client's network. `phone` says whether
 * an SMS may follow: the client sent no e-mail address; `registration`, whether it registers with
 * it. RC_LIMITED with *wait (ms): the network has reached its limit. The result
 * does not depend on accounts.
 */
enum rc		 otp_limits_request(struct db *, const struct conf *,
		    bool phone, bool registration, const char *from,
		    int64_t now, int64_t *wait);
/*
 * Counts a message. Returns false if it must not be sent, or if the database
 * failed (then *rc is not RC_OK). The statements executed are the same for
 * messages that are real and those that are not.
 */
bool		 otp_limits_take(struct db *, const struct conf *,
		    const struct otp_limits_message *, int64_t now,
		    enum rc *rc);
/* Returns the keyed hashes of the client's network, for otp_limits_proved(). */
struct otp_limits_net otp_limits_network(const struct conf *,
		    const char *from, int64_t now);
/*
 * Counts a verified registration of the phone number, which the network (NULL:
 * not known) requested.
 */
enum rc		 otp_limits_proved(struct db *, const struct conf *,
		    const char *phone, const struct otp_limits_net *,
		    int64_t now);
/* Returns the digits of conf->otp_fixed_codes for an address at `now`, or NULL. */
const char	*otp_limits_fixed(struct arena *, const struct conf *,
		    const char *address, int64_t now);

#endif
