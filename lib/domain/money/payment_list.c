#include "base/str.h"
#include "domain/money/payment_row.h"

static enum stmt_id
way(const struct payment_query *query)
{
	if (query->user != 0)
		return Q_PAYMENT_LIST_USER;
	if (query->flagged)
		return Q_PAYMENT_LIST_FLAGGED;
	return query->status >= 0 ? Q_PAYMENT_LIST_STATUS : Q_PAYMENT_LIST;
}

static enum rc
rows(struct db *db, struct arena *a, const struct payment_query *query,
    struct payment_page *page)
{
	enum stmt_id id = way(query);
	struct stmt *q = db_q(db, id);
	size_t most = (size_t)query->limit;

	if (id == Q_PAYMENT_LIST_USER) {
		q_int(q, ":user", query->user);
		q_int(q, ":flagged", query->flagged);
	}
	if (id != Q_PAYMENT_LIST)
		q_int(q, ":status", query->status);
	q_int(q, ":before", query->before);
	q_int(q, ":limit", query->limit + 1);
	q_int(q, ":offset", query->offset);
	page->payments = arena_zalloc(a, most, sizeof(*page->payments));
	while (q_row(q)) {
		if (page->n == most) {
			page->more = true;
			break;
		}
		payment_row(q, a, &page->payments[page->n++]);
	}
	return q_done(q);
}

/* All of them are counters; those of a user in a state are a user's few. */
static enum rc
total(struct db *db, const struct payment_query *query, int64_t *n)
{
	bool some = query->status >= 0 || query->flagged;
	struct stmt *q;

	if (query->user != 0 && !some) {
		q = db_q(db, Q_PAYMENT_COUNT_USER);
		q_int(q, ":user", query->user);
	} else if (query->user != 0) {
		q = db_q(db, Q_PAYMENT_COUNT_USER_SOME);
		q_int(q, ":user", query->user);
		q_int(q, ":flagged", query->flagged);
		q_int(q, ":status", query->status);
	} else if (query->flagged && query->status < 0) {
		q = db_q(db, Q_TALLY_GET);
		q_text(q, ":name", "payment:flagged");
	} else {
		q = db_q(db, query->flagged ? Q_PAYMENT_COUNT_FLAGGED :
		    Q_PAYMENT_COUNT);
		q_int(q, ":status", query->status);
	}
	*n = q_row(q) ? q_col_int(q, 0) : 0;
	return q_done(q);
}

enum rc
payment_list(struct db *db, struct arena *a, const struct payment_query *query,
    struct payment_page *page)
{
	enum rc rc;

	*page = (struct payment_page){ .n = 0 };
	rc = rows(db, a, query, page);
	return rc == RC_OK ? total(db, query, &page->total) : rc;
}

/* Columns as payment.sql gives them in every statement that reads one. */
static void
said_row(struct stmt *q, struct arena *a, struct payment_said *s)
{
	*s = (struct payment_said){ .id = q_col_int(q, 0),
	    .provider = (enum provider)q_col_int(q, 1),
	    .payment = q_col_opt(q, 2), .event_id = q_col_text(q, 3, a),
	    .type = q_col_text(q, 4, a),
	    .outcome = (enum payment_outcome)q_col_int(q, 5),
	    .detail = q_col_text(q, 6, a), .received_at = q_col_int(q, 7) };
}

enum rc
payment_events(struct db *db, struct arena *a, int64_t id,
    struct payment_said **list, size_t *n)
{
	struct payment_said_query query = { .payment = id, .limit = 100,
	    .before = INT64_MAX };
	struct payment_said_page page;
	enum rc rc = payment_said_list(db, a, &query, &page);

	*list = page.said;
	*n = page.n;
	return rc;
}

/* All of a provider are counted; a payment's are few. */
static enum rc
said_count(struct db *db, const struct payment_said_query *query, int64_t *n)
{
	struct stmt *q = db_q(db, query->payment != 0 ?
	    Q_PAYMENT_SAID_COUNT_PAYMENT : Q_PAYMENT_SAID_COUNT);

	if (query->payment != 0)
		q_int(q, ":payment", query->payment);
	q_int(q, ":provider", query->provider);
	*n = q_row(q) ? q_col_int(q, 0) : 0;
	return q_done(q);
}

enum rc
payment_said_list(struct db *db, struct arena *a,
    const struct payment_said_query *query, struct payment_said_page *page)
{
	struct stmt *q = db_q(db, query->payment != 0 ?
	    Q_PAYMENT_SAID_PAYMENT : query->provider != 0 ?
	    Q_PAYMENT_SAID_PROVIDER : Q_PAYMENT_SAID);
	size_t most = (size_t)query->limit;
	enum rc rc;

	*page = (struct payment_said_page){ .n = 0 };
	if (query->payment != 0)
		q_int(q, ":payment", query->payment);
	if (query->payment != 0 || query->provider != 0)
		q_int(q, ":provider", query->provider);
	q_int(q, ":before", query->before);
	q_int(q, ":limit", query->limit + 1);
	q_int(q, ":offset", query->offset);
	page->said = arena_zalloc(a, most, sizeof(*page->said));
	q_budget(q, a, PAGE_BYTES);
	while (!page->more && q_row(q)) {
		page->more = page->n == most;
		if (!page->more)
			said_row(q, a, &page->said[page->n++]);
	}
	page->more |= q_cut(q);
	rc = q_done(q);
	return rc == RC_OK ? said_count(db, query, &page->total) : rc;
}
