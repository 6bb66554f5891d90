/*
 * preference: what a user wants to be told, by which way, and when not.
 *
 * Quiet hours hold push messages, SMS and e-mail back until their end; what
 * would be of no use by then is not sent. They hold no call back: who does not
 * want calls is not reachable (presence.h). One-time codes and the like, which
 * somebody has asked for, know no preferences.
 */
#ifndef DOMAIN_MESSAGING_PREFERENCE_H
#define DOMAIN_MESSAGING_PREFERENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "db/db.h"

/* What it is about. */
enum notice_kind {
	NOTICE_CALLS = 1, NOTICE_AVAILABLE, NOTICE_MESSAGES, NOTICE_NEWS
};
#define NOTICE_KINDS	4
extern const char *const notice_kind_names[];	/* [0] is kind 1; NULL ends */

/* By which way: bits. In the app is at once, where there is a connection. */
#define CHANNEL_IN_APP	01u
#define CHANNEL_PUSH	02u
#define CHANNEL_SMS	04u
#define CHANNEL_EMAIL	010u
#define CHANNELS	4
extern const char *const channel_names[];	/* [0] is bit 01; NULL ends */

struct preference {
	unsigned off;			/* preference_bit()s that are not wanted */
	int64_t quiet_start, quiet_end;	/* minutes of the day; INT64_MIN: none */
	int64_t utc_offset;		/* minutes east */
};

/* The bit of a kind and one channel in `off`. */
static inline unsigned
preference_bit(enum notice_kind kind, unsigned channel)
{
	return channel << CHANNELS * (kind - 1);
}

/* Those of the channels by which a kind is wanted. */
unsigned	preference_allows(const struct preference *, enum notice_kind,
		    unsigned channels);
/* When it is not quiet: now, or the end of the quiet hours. */
int64_t		preference_awake(const struct preference *, int64_t now);

/* Of one user; all is wanted where nothing was said. */
enum rc		preference_get(struct db *, int64_t user, struct preference *);
enum rc		preference_put(struct db *, int64_t user,
		    const struct preference *);

#endif
