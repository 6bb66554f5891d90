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
		    "You have reviewed this session already");
	if (s.bill.cost > 0 && s.refunded == s.bill.cost)
		return err_set(err, RC_CONFLICT, "session_refunded",
		    "This session was refunded");
	*r = (struct review){ .session = session, .listener = s.listener,
	    .username = s.customer_name, .rating = rating,
	    .comment = comment, .created_at = now };
	q = db_q(db, Q_REVIEW_ADD);
	q_int(q, ":session", session);
	q_int(q, ":listener", s.listener);
	q_int(q, ":customer", customer);
	q_int(q, ":rating", rating);
	q_text(q, ":comment", comment);
	q_int(q, ":now", now);
	return q_run(q);
}

enum rc
review_hide(struct db *db, int64_t session)
{
	struct stmt *q = db_q(db, Q_REVIEW_HIDE);

	q_int(q, ":session", session);
	return q_run(q);
}

static enum rc
read_page(struct db *db, struct arena *arena, int64_t listener, int64_t before,
    int64_t limit, int64_t offset, struct review_page *page)
{
	struct stmt *q = db_q(db, Q_REVIEW_LIST);
	size_t most = (size_t)limit;

	page->reviews = arena_zalloc(arena, most, sizeof(*page->reviews));
	q_int(q, ":listener", listener);
	q_int(q, ":before", before);
	q_int(q, ":limit", limit + 1);
	q_int(q, ":offset", offset);
	while (!page->more && q_row(q)) {
		struct review *r = &page->reviews[page->n];

		page->more = page->n == most;
		if (page->more)
			break;
		r->session = q_col_int(q, 0);
		r->listener = listener;
		r->username = q_col_text(q, 1, arena);
		r->rating = q_col_int(q, 2);
		r->comment = q_col_text(q, 3, arena);
		r->created_at = q_col_int(q, 4);
		page->n++;
	}
	return q_done(q);
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
	return read_page(db, arena, listener, before, limit, offset, page);
}
