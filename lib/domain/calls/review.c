#include "domain/calls/review.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/str.h"
#include "domain/calls/session.h"
#include "domain/common/id_page.h"
#include "domain/listeners/listener.h"

enum rc
review_add(struct db *db, struct arena *arena, int64_t session,
    int64_t customer, int64_t rating, const char *comment, int64_t now,
    struct review *r, struct err *err)
{
	struct session s;
	struct stmt *q;
	enum rc rc;

	rc = session_get(db, arena, session, customer, &s, err);
	if (rc != RC_OK)
		return rc;
	if (s.customer != customer)
		return err_set(err, RC_NOT_FOUND, NULL, "Session not found");
	if (s.state == SESSION_LIVE)
		return err_set(err, RC_CONFLICT, "session_live",
		    "The session has not ended yet");
	if (s.rating != 0)
		return err_set(err, RC_CONFLICT, "already_reviewed",
		    "You have already reviewed this session");
	if (s.bill.cost > 0 && s.refunded == s.bill.cost)
		return err_set(err, RC_CONFLICT, "session_refunded",
		    "This session was refunded");
	if (s.bill.minutes == 0 || s.bill.billable_ms < MINUTE)
		return err_set(err, RC_CONFLICT, "session_too_short",
		    "Only sessions with at least 60 seconds after the free "
		    "time can be reviewed");
	*r = (struct review){ .session = session, .listener = s.listener,
	    .username = s.customer_name, .rating = rating,
	    .comment = comment, .created_at = now };
	q = stmt_get(db, Q_REVIEW_ADD);
	stmt_int(q, ":session", session);
	stmt_int(q, ":listener", s.listener);
	stmt_int(q, ":customer", customer);
	stmt_int(q, ":rating", rating);
	stmt_text(q, ":comment", comment);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

static enum rc
set_hidden(struct db *db, int64_t session, bool hidden)
{
	struct stmt *q = stmt_get(db, Q_REVIEW_SET_HIDDEN);

	stmt_int(q, ":session", session);
	stmt_int(q, ":hidden", hidden);
	return stmt_run(q);
}

enum rc
review_hide(struct db *db, int64_t session)
{
	return set_hidden(db, session, true);
}

/* Reads the columns of review_get and review_items. */
static void
read_review(struct stmt *q, struct arena *arena, struct review *r)
{
	r->session = stmt_col_int(q, 0);
	r->listener = stmt_col_int(q, 1);
	r->customer = stmt_col_int(q, 2);
	r->username = stmt_col_text(q, 3, arena);
	r->rating = stmt_col_int(q, 4);
	r->comment = stmt_col_text(q, 5, arena);
	r->hidden = stmt_col_int(q, 6) != 0;
	r->counts = stmt_col_int(q, 7) != 0;
	r->created_at = stmt_col_int(q, 8);
	r->listener_name = stmt_col_text(q, 9, arena);
}

enum rc
review_get(struct db *db, struct arena *arena, int64_t session,
    struct review *r, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_REVIEW_GET);
	bool found;
	enum rc rc;

	stmt_int(q, ":session", session);
	found = stmt_row(q);
	if (found)
		read_review(q, arena, r);
	rc = stmt_done(q);
	return rc != RC_OK || found ? rc :
	    err_set(err, RC_NOT_FOUND, NULL, "Review not found");
}

/* Returns the state of a review as JSON in arena memory. */
static enum rc
audit_review(struct db *db, struct arena *arena, int64_t session,
    const char *reason, const char **json)
{
	struct stmt *q = stmt_get(db, Q_REVIEW_STATE);

	stmt_int(q, ":session", session);
	stmt_text(q, ":reason", reason);
	*json = stmt_row(q) ? stmt_col_text(q, 0, arena) : NULL;
	return stmt_done(q);
}

enum rc
review_moderate(struct db *db, struct arena *arena, int64_t session,
    bool hidden, const char *reason, const struct audit_by *by,
    struct review *r, struct err *err)
{
	const char *before, *after;
	enum rc rc = review_get(db, arena, session, r, err);

	if (rc != RC_OK || r->hidden == hidden)
		return rc;
	rc = audit_review(db, arena, session, NULL, &before);
	if (rc == RC_OK)
		rc = set_hidden(db, session, hidden);
	if (rc == RC_OK)
		rc = audit_review(db, arena, session, reason, &after);
	if (rc == RC_OK)
		rc = audit_add(db, by, hidden ? "review.hide" :
		    "review.unhide", arena_fmt(arena, "review:%" PRId64,
		    session), before, after);
	return rc == RC_OK ? review_get(db, arena, session, r, err) : rc;
}

/* Returns the initial of a name with a period. Usernames are ASCII. */
static const char *
initial(struct arena *arena, const char *name)
{
	char c;

	if (name == NULL)
		return NULL;
	c = name[0] >= 'a' && name[0] <= 'z' ? (char)(name[0] - 'a' + 'A') :
	    name[0];
	return arena_fmt(arena, "%c.", c);
}

static enum rc
read_reviews(struct db *db, struct arena *arena, const struct conf *conf,
    int64_t listener, int64_t before, int64_t limit, int64_t offset,
    struct review_page *page)
{
	struct stmt *q = stmt_get(db, Q_REVIEW_LIST);
	size_t max = (size_t)limit;

	page->reviews = arena_zalloc(arena, max, sizeof(*page->reviews));
	stmt_int(q, ":listener", listener);
	stmt_int(q, ":before", before);
	stmt_int(q, ":limit", limit + 1);
	stmt_int(q, ":offset", offset);
	while (!page->more && stmt_row(q)) {
		struct review *r = &page->reviews[page->n];

		page->more = page->n == max;
		if (page->more)
			break;
		r->session = stmt_col_int(q, 0);
		r->listener = listener;
		r->username = stmt_col_text(q, 1, arena);
		if (conf->review_names == 0)
			r->username = initial(arena, r->username);
		r->rating = stmt_col_int(q, 2);
		r->comment = stmt_col_text(q, 3, arena);
		r->created_at = stmt_col_int(q, 4);
		page->n++;
	}
	return stmt_done(q);
}

enum rc
review_list(struct db *db, struct arena *arena, const struct conf *conf,
    int64_t listener, int64_t before, int64_t limit, int64_t offset,
    struct review_page *page, struct err *err)
{
	struct listener_item item;
	enum rc rc;

	memset(page, 0, sizeof(*page));
	rc = listener_get(db, arena, listener, 0, 0, &item, err);
	if (rc != RC_OK)
		return rc;
	page->total = item.reviews;
	return read_reviews(db, arena, conf, listener, before, limit, offset,
	    page);
}

static enum rc
count_all(struct db *db, const struct review_query *query, int64_t *n)
{
	struct stmt *q = stmt_get(db, query->listener != 0 ?
	    Q_REVIEW_COUNT_LISTENER : Q_REVIEW_COUNT);

	stmt_int(q, ":hidden", query->hidden);
	if (query->listener != 0) {
		stmt_int(q, ":listener", query->listener);
		stmt_int(q, ":max", REVIEW_COUNT_MAX);
	}
	*n = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

enum rc
review_list_all(struct db *db, struct arena *arena,
    const struct review_query *query, struct review_page *page)
{
	enum stmt_id list = query->listener != 0 ? Q_REVIEW_IDS_LISTENER :
	    query->hidden < 0 ? Q_REVIEW_IDS : query->hidden ?
	    Q_REVIEW_IDS_HIDDEN : Q_REVIEW_IDS_VISIBLE;
	struct stmt *q = stmt_get(db, list);
	struct id_page ids;
	enum rc rc;

	memset(page, 0, sizeof(*page));
	if (query->listener != 0) {
		stmt_int(q, ":listener", query->listener);
		stmt_int(q, ":hidden", query->hidden);
	}
	rc = id_page_before(q, arena, query->before, query->limit,
	    query->offset, &ids);
	page->more = ids.more;
	page->reviews = arena_zalloc(arena, ids.n, sizeof(*page->reviews));
	if (rc == RC_OK && ids.n > 0) {
		q = stmt_get(db, Q_REVIEW_ITEMS);
		stmt_text(q, ":ids", id_page_json(arena, ids.v, ids.n));
		while (page->n < ids.n && stmt_row(q))
			read_review(q, arena, &page->reviews[page->n++]);
		rc = stmt_done(q);
	}
	return rc == RC_OK ? count_all(db, query, &page->total) : rc;
}
