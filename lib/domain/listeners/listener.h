/*
 * listener: users that customers can call.
 *
 * A listener is a user with a row in `listener`. Other users see only listed
 * listeners: active accounts that an administrator has verified. For each,
 * table `listing` has a small copy of the columns that searches filter and sort
 * by.
 */
#ifndef DOMAIN_LISTENERS_LISTENER_H
#define DOMAIN_LISTENERS_LISTENER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "db/db.h"
#include "domain/listeners/listener_rate.h"

/*
 * A listener as every list shows it. INT64_MIN is null for times and minutes.
 */
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
	int64_t wait_time;		/* minutes until the call may end */
	int64_t next_available_at;	/* shown if is_online is false */
};

/*
 * Fills a card from a row whose columns, starting at col0, are:
 *
 *	u.id, u.username, u.sex, u.bio, u.interests, u.image,
 *	u.preferred_language, u.country,
 *	l.rating_sum, l.rating_count, l.mean_call_ms,
 *	p.status, p.online_until, p.reachable_until, p.busy_since, p.last_seen,
 *	and hours_next() of the listener (db/hours_function.h)
 *
 * (user u, listener l, presence p). Returns the next column.
 */
int	listener_card_row(struct stmt *, int col0, struct arena *, int64_t now,
	    struct listener_card *);

/*
 * Makes the listener of a card look offline, if the listener and the viewer
 * blocked each other.
 */
void	listener_card_hide(struct listener_card *);

/* listener.verification */
enum verification {
	LISTENER_PENDING, LISTENER_VERIFIED, LISTENER_REJECTED
};
extern const char *const verification_names[];	/* NULL at the end */

/* A listener in search results and on the listener's own page. */
struct listener_item {
	struct listener_card card;
	struct strv languages;
	struct listener_rates rates;	/* stored; see listener_rate_shown() */
	int64_t rate, sessions, reviews, favorites;
	bool is_favorited;		/* by the viewer */
	bool listed;
	enum verification verification;
	const char *reason;		/* reason of a rejection, or NULL */
	int64_t registered_at;
	int status;			/* enum user_status of the account */
};

/*
 * Loads the listeners of a list of ids, in its order, listed or not. Ids of
 * other users are skipped. `viewer` may be 0. If the viewer and a listener
 * blocked each other, the listener looks offline.
 */
enum rc	listener_items(struct db *, struct arena *, const int64_t *ids,
	    size_t n, int64_t viewer, int64_t now, struct listener_item **,
	    size_t *found);
/*
 * Loads the listed listeners of a list of ids, in its order and each once. Other
 * ids are skipped.
 */
enum rc	listener_named(struct db *, struct arena *, const int64_t *ids,
	    size_t n, int64_t viewer, int64_t now, struct listener_item **,
	    size_t *found);
/*
 * Load a listed listener, or the user's own entry. If it does not exist, both
 * return RC_NOT_FOUND "Listener not found".
 */
enum rc	listener_get(struct db *, struct arena *, int64_t id, int64_t viewer,
	    int64_t now, struct listener_item *, struct err *);
enum rc	listener_own(struct db *, struct arena *, int64_t user, int64_t now,
	    struct listener_item *, struct err *);
/* Returns a hash of everything that is shown of an item. */
uint64_t listener_hash(const struct listener_item *, uint64_t seed);

/*
 * The input of a listener's own entry. A NULL list or text is not set. An
 * empty text or list of interests deletes the value.
 */
struct listener_input {
	const char *bio;
	struct strv languages;		/* codes or names, at least one */
	struct strv interests;
	struct listener_rate_input rate;
};

/*
 * listener_register() makes a user a listener that is pending verification. It
 * returns RC_CONFLICT already_registered, unless the user was rejected.
 * listener_change() updates the values that are set; errors of the rates are as
 * for listener_rate_set(). Both return RC_INVALID with the field if a
 * language is unknown. The caller checks the bounds of the rates first.
 */
enum rc	listener_register(struct db *, struct arena *, int64_t user,
	    const struct listener_input *, int64_t now, struct err *);
enum rc	listener_change(struct db *, struct arena *, const struct conf *,
	    int64_t user, const struct listener_input *,
	    const struct audit_by *, struct err *);

/*
 * Returns when the hours of the listener of a card begin next (ms), or INT64_MIN
 * if the listener is online, does not accept calls, or has no hours.
 */
int64_t	listener_card_next(const struct listener_card *);

/* Returns the mean of n ratings in tenths, rounded; 0 if n is 0. */
int64_t	listener_rating(int64_t sum, int64_t n);
/*
 * Returns the minutes until a call that began at busy_since may end, at least
 * 1. It is the mean length of a call less the elapsed time, rounded up. If
 * mean_call_ms is INT64_MIN, it is 10 minutes. If busy_since is INT64_MIN, the
 * result is INT64_MIN.
 */
int64_t	listener_wait(int64_t busy_since, int64_t mean_call_ms, int64_t now);

#endif
