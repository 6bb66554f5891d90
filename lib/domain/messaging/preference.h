/*
 * preference: the notifications and channels that a user has enabled, and the
 * quiet hours.
 *
 * Push messages, SMS and email are delayed until the end of the quiet hours.
 * Those that expire before are not sent. Calls are not delayed: a user sets the
 * presence to offline to receive no calls (presence.h). One-time codes and
 * other messages that the user requested ignore preferences.
 */
#ifndef DOMAIN_MESSAGING_PREFERENCE_H
#define DOMAIN_MESSAGING_PREFERENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/time_zone.h"
#include "db/db.h"

/* The subject of a notification. */
enum notice_kind {
	NOTICE_CALLS = 1, NOTICE_AVAILABLE, NOTICE_MESSAGES, NOTICE_NEWS,
	NOTICE_ACCOUNT			/* sign-in, contact details, money */
};
#define NOTICE_KINDS	5
extern const char *const notice_kind_names[];	/* index: kind - 1; NULL ends */

/*
 * Channels, as bits. An in-app notification is immediate while the app is
 * connected.
 */
#define CHANNEL_IN_APP	01u
#define CHANNEL_PUSH	02u
#define CHANNEL_SMS	04u
#define CHANNEL_EMAIL	010u
#define CHANNELS	4
extern const char *const channel_names[]; /* index: bit number; NULL ends */

struct preference {
	unsigned off;	/* preference_bit()s that are disabled */
	/* minutes of the day; INT64_MIN: none */
	int64_t quiet_start, quiet_end;
	int64_t utc_offset;		/* minutes east of UTC, if there is
					 * no time zone */
	char time_zone[TIME_ZONE_MAX + 1];	/* "": none */
};

/* Copies the name of a time zone; NULL: none. */
void		preference_time_zone(struct preference *, const char *);
/* Returns the offset of the user's time zone at a time, in ms east of UTC. */
int64_t		preference_offset(const struct preference *, int64_t at);

/* Returns the bit of a kind and a channel in `off`. */
static inline unsigned
preference_bit(enum notice_kind kind, unsigned channel)
{
	return channel << CHANNELS * (kind - 1);
}

/* Returns `off` from the columns off and account_off. */
unsigned	preference_off(int64_t off, int64_t account_off);
/* Returns those of `channels` that are enabled for a kind. */
unsigned	preference_allows(const struct preference *, enum notice_kind,
		    unsigned channels);
/*
 * Returns `now`, or the end of the quiet hours that contain it. If the clock is
 * changed in between, the end has the new offset.
 */
int64_t		preference_awake(const struct preference *, int64_t now);

/*
 * Load and store the preferences of a user. By default all are enabled. A time
 * zone is stored by accounts/settings.h; preference_put() can only remove it.
 */
enum rc		preference_get(struct db *, int64_t user, struct preference *);
enum rc		preference_put(struct db *, int64_t user,
		    const struct preference *);
/*
 * Disables channels of a kind. Returns RC_NOT_FOUND if there is no such user.
 */
enum rc		preference_disable(struct db *, int64_t user, enum notice_kind,
		    unsigned channels);

#endif
