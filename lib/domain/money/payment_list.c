/* payment_list: pages of payments and of stored events. */
#include "base/str.h"
#include "domain/money/payment_row.h"

static enum stmt_id
list_statement(const struct payment_query *query)
{
	if (query->user != 0)
		return Q_PAYMENT_LIST_USER;
	if (query->flagged)
		return Q_PAYMENT_LIST_FLAGGED;
	return query->status >= 0 ? Q_PAYMENT_LIST_STATUS : Q_PAYMENT_LIST;
}

static enum rc
read_payments(struct db *db, struct arena *a, const struct payment_query *query,
    struct payment_page *page)
{
	enum stmt_id id = list_statement(query);
	struct stmt *q = stmt_get(db, id);
	size_t max = (size_t)query->limit;

	if (id == Q_PAYMENT_LIST_USER) {
		stmt_int(q, ":user", query->user);
		stmt_int(q, ":flagged", query->flagged);
	}
	if (id != Q_PAYMENT_LIST)
		stmt_int(q, ":status", query->status);
	stmt_int(q, ":before", query->before);
	stmt_int(q, ":limit", query->limit + 1);
	stmt_int(q, ":offset", query->offset);
	page->payments = arena_zalloc(a, max, sizeof(*page->payments));
	while (stmt_row(q)) {
		if (page->n == max) {
			page->more = true;
			break;
		}
		payment_row(q, a, &page->payments[page->n++]);
	}
	return stmt_done(q);
}

/* Counts the rows of a query. A user's rows of a status are few: read them. */
static enum rc
count_payments(struct db *db, const struct payment_query *query, int64_t *n)
{
	bool some = query->status >= 0 || query->flagged;
	struct stmt *q;

	if (query->user != 0 && !some) {
		q = stmt_get(db, Q_PAYMENT_COUNT_USER);
		stmt_int(q, ":user", query->user);
	} else if (query->user != 0) {
		q = stmt_get(db, Q_PAYMENT_COUNT_USER_SOME);
		stmt_int(q, ":user", query->user);
		stmt_int(q, ":flagged", query->flagged);
		stmt_int(q, ":status", query->status);
	} else if (query->flagged && query->status < 0) {
		q = stmt_get(db, Q_COUNTER_GET);
		stmt_text(q, ":name", "payment:flagged");
	} else {
		q = stmt_get(db, query->flagged ? Q_PAYMENT_COUNT_FLAGGED :
		    Q_PAYMENT_COUNT);
		stmt_int(q, ":status", query->status);
	}
	*n = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

enum rc
payment_list(struct db *db, struct arena *a, const struct payment_query *query,
    struct payment_page *page)
{
	enum rc rc;

	*page = (struct payment_page){ .n = 0 };
	rc = read_payments(db, a, query, page);
	return rc == RC_OK ? count_payments(db, query, &page->total) : rc;
}

/* Reads a row; all statements of events have the same columns. */
static void
notice_row(struct stmt *q, struct arena *a, struct payment_notice *s)
{
	*s = (struct payment_notice){ .id = stmt_col_int(q, 0),
	    .provider = (enum provider)stmt_col_int(q, 1),
	    .payment = stmt_col_opt(q, 2), .event_id = stmt_col_text(q, 3, a),
	    .type = stmt_col_text(q, 4, a),
	    .outcome = (enum payment_outcome)stmt_col_int(q, 5),
	    .detail = stmt_col_text(q, 6, a), .received_at = stmt_col_int(q,
	    7) };
}

enum rc
payment_events(struct db *db, struct arena *a, int64_t id,
    struct payment_notice **list, size_t *n)
{
	struct payment_notice_query query = { .payment = id, .limit = 100,
	    .before = INT64_MAX };
	struct payment_notice_page page;
	enum rc rc = payment_notice_list(db, a, &query, &page);

	*list = page.notices;
	*n = page.n;
	return rc;
}

/* Counts the rows of a query. A payment's events are few: read them. */
static enum rc
count_notices(struct db *db, const struct payment_notice_query *query,
    int64_t *n)
{
	struct stmt *q = stmt_get(db, query->payment != 0 ?
	    Q_PAYMENT_NOTICE_COUNT_PAYMENT : Q_PAYMENT_NOTICE_COUNT);

	if (query->payment != 0)
		stmt_int(q, ":payment", query->payment);
	stmt_int(q, ":provider", query->provider);
	*n = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

enum rc
payment_notice_list(struct db *db, struct arena *a,
    const struct payment_notice_query *query, struct payment_notice_page *page)
{
	struct stmt *q = stmt_get(db, query->payment != 0 ?
	    Q_PAYMENT_NOTICE_PAYMENT : query->provider != 0 ?
	    Q_PAYMENT_NOTICE_PROVIDER : Q_PAYMENT_NOTICE);
	size_t max = (size_t)query->limit;
	enum rc rc;

	*page = (struct payment_notice_page){ .n = 0 };
	if (query->payment != 0)
		stmt_int(q, ":payment", query->payment);
	if (query->payment != 0 || query->provider != 0)
		stmt_int(q, ":provider", query->provider);
	stmt_int(q, ":before", query->before);
	stmt_int(q, ":limit", query->limit + 1);
	stmt_int(q, ":offset", query->offset);
	page->notices = arena_zalloc(a, max, sizeof(*page->notices));
	while (!page->more && stmt_row(q)) {
		page->more = page->n == max;
		if (!page->more)
			notice_row(q, a, &page->notices[page->n++]);
	}
	rc = stmt_done(q);
	return rc == RC_OK ? count_notices(db, query, &page->total) : rc;
}
