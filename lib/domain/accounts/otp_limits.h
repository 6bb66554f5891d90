/*
 * otp_limits: limits on one-time codes for the whole installation. They protect
 * the operator against SMS pumping fraud, and are divided so that an attacker
 * cannot lock out other users by reaching them.
 *
 * Networks are limited first: how many codes they request, and how many of the
 * registrations they made by SMS were never verified. Then messages are
 * limited: by country prefix and hour, by the share of a prefix's registrations
 * that are verified, by day, and by the number of countries that one address
 * has codes sent to. These limits are separate for e-mail and SMS, and separate
 * for registrations, further codes of registrations, open codes, existing
 * accounts, and existing accounts in networks that they have signed in from. Anonymous
 * clients therefore cannot use up the limits of existing accounts. At least
 * NETWORKS_MIN networks are needed to stop the registrations of a prefix.
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

/* The messages that are counted together. */
enum otp_limits_pool {
	OTP_POOL_REGISTER,	/* the first message of a registration */
	OTP_POOL_RESEND,	/* further messages of registrations */
	OTP_POOL_OPEN,		/* open codes (otp.h) */
	OTP_POOL_ACCOUNT,	/* messages of existing accounts */
	OTP_POOL_KNOWN		/* in networks they signed in from */
};

/* A network in an hour, as keyed hashes. */
struct otp_limits_net {
	struct hash net;	/* IPv4 /24 or IPv6 /64 */
	struct hash site;	/* IPv4 /24 or IPv6 /48 */
};

/* A message that may be sent. */
struct otp_limits_message {
	enum otp_limits_pool pool;
	enum outbox_channel channel;
	const char *address;
	const char *phone;	/* a number that the client sent, or NULL */
	const char *from;	/* IP address of the client; NULL: no client */
	bool real;		/* false: only execute the statements */
};

/*
 * Adds an error for a member if no code is sent to its phone number (E.164):
 * the service sends no SMS, or none to its country. Otherwise returns true.
 */
bool		 otp_limits_check_phone(const struct conf *,
		    const char *member, const char *phone, struct err *);
/*
 * Counts a request for a code by the client's network. phone: the client did
 * not send an e-mail address, so an SMS may follow. registration: it registers
 * with a phone number. Returns RC_LIMITED and *wait (ms) if the network has
 * reached its limit. The result does not depend on accounts.
 */
enum rc		 otp_limits_request(struct db *, const struct conf *,
		    bool phone, bool registration, const char *from,
		    int64_t now, int64_t *wait);
/*
 * Counts a message. Returns false if it must not be sent, or if the database
 * failed (then *rc is not RC_OK). The same statements are executed whether or
 * not the message is real.
 */
bool		 otp_limits_take(struct db *, const struct conf *,
		    const struct otp_limits_message *, int64_t now,
		    enum rc *rc);
/* Returns the keyed hashes of the client's network, for otp_limits_proved(). */
struct otp_limits_net otp_limits_network(const struct conf *,
		    const char *from, int64_t now);
/*
 * Counts a phone number that was verified by a message of the pool. network: the
 * one that requested the code (NULL: not known).
 */
enum rc		 otp_limits_proved(struct db *, const struct conf *,
		    enum otp_limits_pool, const char *phone,
		    const struct otp_limits_net *, int64_t now);
/* Sets the error for a request above a limit; wait in ms. Returns RC_LIMITED. */
enum rc		 otp_limits_refuse(struct err *, int64_t wait);
/* Returns the digits in conf->otp_fixed_codes for an address, or NULL. */
const char	*otp_limits_fixed(struct arena *, const struct conf *,
		    const char *address, int64_t now);

#endif
