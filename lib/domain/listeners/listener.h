/*
 * listener: the people one can call.
 *
 * A listener is a user with a row in `listener`. Shown to others is who is
 * listed: an active account that an administrator has verified. Listed rows
 * are kept a second time in `listing`, small, with what searches filter and
 * sort by.
 */
#ifndef DOMAIN_LISTENERS_LISTENER_H
#define DOMAIN_LISTENERS_LISTENER_H

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

/* listener.verification */
enum verification {
	LISTENER_PENDING, LISTENER_VERIFIED, LISTENER_REJECTED
};
extern const char *const verification_names[];	/* NULL at the end */

/* A listener as searches and their own page show one. */
struct listener_item {
	struct listener_card card;
	struct strv languages;
	int64_t rate, sessions, reviews, favorites;
	bool is_favorited;		/* by the one who looks */
	bool listed;
	enum verification verification;
	const char *reason;		/* of a rejection, or NULL */
	int64_t registered_at;
	int status;			/* of the account, enum user_status */
};

/*
 * The listeners of a list of ids, in its order; who is none is left out.
 * Not all of them need be listed. viewer may be 0.
 */
enum rc	listener_items(struct db *, struct arena *, const int64_t *ids,
	    size_t n, int64_t viewer, int64_t now, struct listener_item **,
	    size_t *found);
/* A listed one, or one's own: RC_NOT_FOUND "Listener not found" otherwise. */
enum rc	listener_get(struct db *, struct arena *, int64_t id, int64_t viewer,
	    int64_t now, struct listener_item *, struct err *);
enum rc	listener_own(struct db *, struct arena *, int64_t user, int64_t now,
	    struct listener_item *, struct err *);
/* A hash that changes when what is shown of the item does. */
uint64_t listener_hash(const struct listener_item *, uint64_t seed);

/* What a listener says of themselves. A NULL list or text, a rate of
 * INT64_MIN: not said; an empty text, or list of interests, clears it. */
struct listener_input {
	const char *bio;
	struct strv languages;		/* codes or names, at least one */
	struct strv interests;
	int64_t rate;
};

/*
 * Become a listener, pending verification; again only after a rejection, else
 * RC_CONFLICT already_registered. A language that nobody knows is RC_INVALID
 * with the field. Then change what was said.
 */
enum rc	listener_register(struct db *, struct arena *, int64_t user,
	    const struct listener_input *, int64_t now, struct err *);
enum rc	listener_change(struct db *, struct arena *, int64_t user,
	    const struct listener_input *, int64_t now, struct err *);

/* The mean of n ratings in tenths, rounded; 0 where there is none. */
int64_t	listener_rating(int64_t sum, int64_t n);
/*
 * Minutes until a call that began at busy_since may end: the mean call (10
 * minutes where it is INT64_MIN) less what has passed, rounded up, at least 1.
 * INT64_MIN where busy_since is.
 */
int64_t	listener_wait(int64_t busy_since, int64_t mean_call_ms, int64_t now);

#endif
