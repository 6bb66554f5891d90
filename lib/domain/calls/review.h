/*
 * review: a customer's review of a session, at most one. A listener's rating is
 * the mean of the visible reviews. A full refund hides the review of a session.
 */
#ifndef DOMAIN_CALLS_REVIEW_H
#define DOMAIN_CALLS_REVIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"

struct review {
	int64_t session, listener;
	const char *username;		/* NULL: deleted */
	int64_t rating;			/* 1 to 5 */
	const char *comment;		/* NULL: no comment */
	int64_t created_at;
};

/*
 * Adds a review. Returns RC_NOT_FOUND "Session not found" if the session is not
 * one of the customer, and RC_CONFLICT session_live, already_reviewed, or
 * session_refunded (in full).
 */
enum rc	review_add(struct db *, struct arena *, int64_t session,
	    int64_t customer, int64_t rating, const char *comment, int64_t now,
	    struct review *, struct err *);

/* Hides the review of a session, if any. A hidden review is not counted. */
enum rc	review_hide(struct db *, int64_t session);

struct review_page {
	struct review *reviews;
	size_t n;
	int64_t total;
	bool more;
};
/*
 * Lists the reviews of a listener, newest first, of sessions with ids below
 * `before`. Returns RC_NOT_FOUND "Listener not found" if the listener
 * is not in the directory.
 */
enum rc	review_list(struct db *, struct arena *, int64_t listener,
	    int64_t before, int64_t limit, int64_t offset,
	    struct review_page *, struct err *);

#endif
