/*
 * listener: the people one can call.
 *
 * A listener is a user with a row in `listener`. Shown to others is who is
 * listed: an active account that an administrator has verified. Listed rows
 * are kept a second time in `listing`, small, with what searches filter and
 * sort by.
 */
#ifndef DOM_LISTENER_H
#define DOM_LISTENER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "db/db.h"

/* A listener as every list shows one. Absent times and minutes: INT64_MIN. */
struct listener_card {
	int64_t user_id;
	const char *username, *sex, *bio;
	struct strv interests;
	const char *image;		/* file name under media/, or NULL */
	const char *preferred_language;
	const char *country;
	int64_t rating;			/* tenths of a star */
	bool is_online, is_busy, is_available;
	int64_t last_seen;
	int64_t wait_time;		/* minutes, while on a call */
};

/*
 * Fill a card from a row whose columns from col0 on are, in this order:
 *
 *	u.id, u.username, u.sex, u.bio, u.interests, u.image,
 *	u.preferred_language, u.country,
 *	l.rating_sum, l.rating_count, l.mean_call_ms,
 *	p.status, p.online_until, p.reachable_until, p.busy_since, p.last_seen
 *
 * (user u, listener l, presence p). Returns the column behind them.
 */
int	listener_card_row(struct stmt *, int col0, struct arena *, int64_t now,
	    struct listener_card *);

/* The mean of n ratings in tenths, rounded; 0 where there is none. */
int64_t	listener_rating(int64_t sum, int64_t n);
/*
 * Minutes until a call that began at busy_since may end: the mean call (10
 * minutes where it is INT64_MIN) less what has passed, rounded up, at least 1.
 * INT64_MIN where busy_since is.
 */
int64_t	listener_wait(int64_t busy_since, int64_t mean_call_ms, int64_t now);

#endif
