/*
 * review: a customer's review of a session, at most one.
 *
 * A review requires a session with at least a billed minute. Only the latest
 * visible review of a customer for a listener counts: it is listed, and the
 * listener's rating is the mean of these reviews. Triggers keep both. A full
 * refund hides the review of a session; administrators hide and unhide reviews.
 * The id of a review is the id of its session.
 */
#ifndef DOMAIN_CALLS_REVIEW_H
#define DOMAIN_CALLS_REVIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/common/audit.h"

struct review {
	int64_t session, listener;
	int64_t customer;		/* not set by review_list() */
	const char *username;		/* NULL: deleted */
	const char *listener_name;	/* not set by review_list() */
	int64_t rating;			/* 1 to 5 */
	const char *comment;		/* NULL: no comment */
	bool hidden, counts;		/* not set by review_list() */
	int64_t created_at;
};

/*
 * Adds a review. Returns RC_NOT_FOUND "Session not found" if the session is not
 * one of the customer, and RC_CONFLICT session_live, already_reviewed,
 * session_refunded (in full), or session_too_short.
 */
enum rc	review_add(struct db *, struct arena *, int64_t session,
	    int64_t customer, int64_t rating, const char *comment, int64_t now,
	    struct review *, struct err *);

/* Hides the review of a session, if any. A hidden review is not counted. */
enum rc	review_hide(struct db *, int64_t session);
/*
 * Hides or unhides a review for an administrator; audited with the reason,
 * which may be NULL. A repeat changes nothing. Returns RC_NOT_FOUND "Review not
 * found".
 */
enum rc	review_moderate(struct db *, struct arena *, int64_t session,
	    bool hidden, const char *reason, const struct audit_by *,
	    struct review *, struct err *);
/* Reads a review, hidden or not. Returns RC_NOT_FOUND "Review not found". */
enum rc	review_get(struct db *, struct arena *, int64_t session,
	    struct review *, struct err *);

struct review_page {
	struct review *reviews;
	size_t n;
	int64_t total;
	bool more;
};
/*
 * Lists the reviews that count for a listener, newest first, of sessions with
 * ids below `before`. The names are initials like "J.", unless reviews.names is
 * set. Returns RC_NOT_FOUND "Listener not found" if the listener is not in the
 * directory.
 */
enum rc	review_list(struct db *, struct arena *, const struct conf *,
	    int64_t listener, int64_t before, int64_t limit, int64_t offset,
	    struct review_page *, struct err *);

struct review_query {
	int64_t listener;		/* 0: all */
	int hidden;			/* -1: all */
	int64_t limit, offset;
	int64_t before;			/* ids below it; INT64_MAX: all */
};
/* The maximum of review_page.total if a listener is given. */
#define REVIEW_COUNT_MAX 10000
/* Lists reviews for administrators, newest session first. */
enum rc	review_list_all(struct db *, struct arena *,
	    const struct review_query *, struct review_page *);

#endif
