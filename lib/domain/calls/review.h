/*
 * review: what a customer says of a session, once. A listener's rating is the
 * mean of those that are not hidden (a session refunded in full hides its own).
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
	const char *username;		/* NULL: of somebody deleted */
	int64_t rating;			/* 1 to 5 */
	const char *comment;		/* NULL: none */
	int64_t created_at;
};

/*
 * Add one. RC_NOT_FOUND "Session not found": not the customer's. RC_CONFLICT
 * session_live; already_reviewed; session_refunded.
 */
enum rc	review_add(struct db *, struct arena *, int64_t session,
	    int64_t customer, int64_t rating, const char *comment, int64_t now,
	    struct review *, struct err *);

/* A full refund: the review is shown and counted no more. */
enum rc	review_hide(struct db *, int64_t session);

struct review_page {
	struct review *reviews;
	size_t n;
	int64_t total;
	bool more;
};
/*
 * A listener's, newest first, of sessions below `before`. RC_NOT_FOUND
 * "Listener not found": not listed.
 */
enum rc	review_list(struct db *, struct arena *, int64_t listener,
	    int64_t before, int64_t limit, int64_t offset,
	    struct review_page *, struct err *);

#endif
