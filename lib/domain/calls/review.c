#include "domain/calls/review.h"

#include "base/str.h"
#include "domain/calls/session.h"
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

enum rc
review_hide(struct db *db, int64_t session)
{
	struct stmt *q = stmt_get(db, Q_REVIEW_HIDE);

	stmt_int(q, ":session", session);
	return stmt_run(q);
}

static enum rc
read_reviews(struct db *db, struct arena *arena, int64_t listener,
    int64_t before, int64_t limit, int64_t offset, struct review_page *page)
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
		r->rating = stmt_col_int(q, 2);
		r->comment = stmt_col_text(q, 3, arena);
		r->created_at = stmt_col_int(q, 4);
		page->n++;
	}
	return stmt_done(q);
}

enum rc
review_list(struct db *db, struct arena *arena, int64_t listener,
    int64_t before, int64_t limit, int64_t offset, struct review_page *page,
    struct err *err)
{
	struct listener_item item;
	enum rc rc;

	memset(page, 0, sizeof(*page));
	rc = listener_get(db, arena, listener, 0, 0, &item, err);
	if (rc != RC_OK)
		return rc;
	page->total = item.reviews;
	return read_reviews(db, arena, listener, before, limit, offset, page);
}
