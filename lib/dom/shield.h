/*
 * shield: what keeps one-time codes from costing the operator a fortune: which
 * countries are served, how many messages a country prefix gets an hour and
 * everybody together a day; to how many countries one address on the Internet
 * has codes sent, and whether those sent to a prefix are ever used; and the
 * reviewers of app stores, who have a fixed code, until a date, and to whom
 * nothing is sent.
 */
#ifndef DOM_SHIELD_H
#define DOM_SHIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"
#include "dom/outbox.h"

#define OTP_DIGITS	6

/* Is the phone number in a country that codes are sent to? */
bool		 shield_reaches(const struct conf *, const char *phone);
/*
 * Count a message, asked for from that IP address (NULL: from nowhere). False:
 * it must not be sent; a failure of the database is false too, and in *rc.
 */
bool		 shield_take(struct db *, const struct conf *,
		    enum outbox_lane, const char *address, const char *from,
		    int64_t now, enum rc *rc);
/* A code that was sent to this phone was used. */
enum rc		 shield_proved(struct db *, const struct conf *,
		    const char *phone, int64_t now);
/* The digits of conf->otp_fixed for an address at `now`, or NULL. */
const char	*shield_fixed(struct arena *, const struct conf *,
		    const char *address, int64_t now);

#endif
