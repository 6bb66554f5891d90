#include "domain/support/ticket.h"

#include "base/str.h"
#include "domain/catalog/catalog.h"
#include "domain/common/fts_query.h"

#define COUNT_MAX	10000		/* for searches and for a user */

static void
read_ticket(struct stmt *q, struct arena *a, struct ticket *t)
{
	t->id = stmt_col_int(q, 0);
	t->user = stmt_col_int(q, 1);
	t->username = stmt_col_text(q, 2, a);
	t->subject = stmt_col_text(q, 3, a);
	t->category = (int)stmt_col_int(q, 4);
	t->session = stmt_col_opt(q, 5);
	t->status = (enum ticket_status)stmt_col_int(q, 6);
	t->assignee = stmt_col_opt(q, 7);
	t->assignee_name = stmt_col_text(q, 8, a);
	t->replies = stmt_col_int(q, 9);
	t->notes = stmt_col_int(q, 10);
	t->version = stmt_col_int(q, 11);
	t->created_at = stmt_col_int(q, 12);
	t->updated_at = stmt_col_int(q, 13);
	t->solved_at = stmt_col_opt(q, 14);
	t->body = NULL;
}

enum rc
ticket_get(struct db *db, struct arena *a, int64_t id, int64_t user,
    struct ticket *t, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_TICKET_GET);
	bool found;
	enum rc rc;

	stmt_int(q, ":id", id);
	found = stmt_row(q);
	if (found) {
		read_ticket(q, a, t);
		t->body = stmt_col_text(q, 15, a);
	}
	rc = stmt_done(q);
	if (rc == RC_OK && (!found || (user != 0 && t->user != user)))
		return err_set(err, RC_NOT_FOUND, NULL, "Ticket not found");
	return rc;
}

static enum stmt_id
list_stmt(const struct ticket_query *query)
{
	if (query->q != NULL)
		return Q_TICKET_LIST_MATCHING;
	if (query->user != 0)
		return Q_TICKET_LIST_USER;
	if (query->assignee != INT64_MIN && query->category != 0)
		return query->status != 0 ? Q_TICKET_LIST_QUEUE_CATEGORY :
		    Q_TICKET_LIST_ASSIGNEE_CATEGORY;
	if (query->assignee != INT64_MIN)
		return query->status != 0 ? Q_TICKET_LIST_QUEUE :
		    Q_TICKET_LIST_ASSIGNEE;
	if (query->category != 0)
		return query->status != 0 ? Q_TICKET_LIST_STATUS_CATEGORY :
		    Q_TICKET_LIST_CATEGORY;
	return query->status != 0 ? Q_TICKET_LIST_STATUS : Q_TICKET_LIST;
}

static enum stmt_id
count_stmt(const struct ticket_query *query)
{
	bool some = query->user != 0 || query->status != 0 ||
	    query->category != 0 || query->assignee != INT64_MIN;

	if (query->q != NULL)
		return some ? Q_TICKET_COUNT_MATCHING_SOME :
		    Q_TICKET_COUNT_MATCHING;
	return query->user != 0 ? Q_TICKET_COUNT_USER : Q_TICKET_COUNT;
}

/* Binds a filter; 0 does not filter. */
static void
bind_nonzero(struct stmt *q, const char *name, int64_t n)
{
	stmt_opt(q, name, n == 0 ? INT64_MIN : n);
}

/*
 * Returns a statement of a list or a count, with its filters bound. Statements
 * of a user, a search or the counters have all filters, others only those that
 * are set.
 */
static struct stmt *
bind_filters(struct db *db, enum stmt_id id, const struct ticket_query *query,
    const char *match)
{
	bool matching = id == Q_TICKET_LIST_MATCHING ||
	    id == Q_TICKET_COUNT_MATCHING_SOME;
	bool user = id == Q_TICKET_LIST_USER || id == Q_TICKET_COUNT_USER;
	bool each = matching || user || id == Q_TICKET_COUNT;
	struct stmt *q = stmt_get(db, id);

	if (id == Q_TICKET_COUNT_MATCHING ||
	    id == Q_TICKET_COUNT_MATCHING_SOME || id == Q_TICKET_COUNT_USER)
		stmt_int(q, ":max", COUNT_MAX);
	if (matching || id == Q_TICKET_COUNT_MATCHING)
		stmt_text(q, ":match", match);
	if (matching || user)
		bind_nonzero(q, ":user", query->user);
	if (each || query->status != 0)
		bind_nonzero(q, ":status", query->status);
	if (each || query->category != 0)
		bind_nonzero(q, ":category", query->category);
	if (each || query->assignee != INT64_MIN)
		stmt_opt(q, ":assignee", query->assignee);
	return q;
}

/* Returns whether a ticket matches the filters. */
static bool
matches(const struct ticket_query *query, const struct ticket *t)
{
	return (query->user == 0 || t->user == query->user) &&
	    (query->status == 0 || (int)t->status == query->status) &&
	    (query->category == 0 || t->category == query->category) &&
	    (query->assignee == INT64_MIN || query->assignee ==
	    (t->assignee == INT64_MIN ? 0 : t->assignee));
}

/* Returns the ticket with the id of the search text, "12" or "#12". */
static enum rc
list_by_id(struct db *db, struct arena *a, const struct ticket_query *query,
    int64_t id, struct ticket_page *page)
{
	struct err none;
	enum rc rc;

	err_init(&none, a);
	rc = ticket_get(db, a, id, 0, &page->v[0], &none);
	if (rc == RC_NOT_FOUND || (rc == RC_OK && !matches(query, &page->v[0])))
		return RC_OK;
	page->total = rc == RC_OK;
	page->n = rc == RC_OK && query->offset == 0 && id < query->before;
	return rc;
}

enum rc
ticket_list(struct db *db, struct arena *a, const struct ticket_query *query,
    struct ticket_page *page)
{
	const char *match = NULL;
	size_t max = (size_t)query->limit;
	struct stmt *q;
	int64_t id;
	enum rc rc;

	*page = (struct ticket_page){ .v = arena_zalloc(a, max,
	    sizeof(*page->v)) };
	if (query->q != NULL) {
		if (str_int(query->q + (query->q[0] == '#'), &id))
			return list_by_id(db, a, query, id, page);
		match = fts_query_words(a, query->q);
		if (match == NULL)
			return RC_OK;
	}
	q = bind_filters(db, list_stmt(query), query, match);
	stmt_int(q, ":id", query->before);
	stmt_int(q, ":limit", query->limit + 1);
	stmt_int(q, ":offset", query->offset);
	while (!page->more && stmt_row(q)) {
		page->more = page->n == max;
		if (!page->more)
			read_ticket(q, a, &page->v[page->n++]);
	}
	rc = stmt_done(q);
	if (rc == RC_OK && !page->more && query->offset == 0 &&
	    query->before == INT64_MAX) {
		page->total = (int64_t)page->n;	/* the page is complete */
		return RC_OK;
	}
	return rc != RC_OK ? rc : catalog_count(bind_filters(db,
	    count_stmt(query), query, match), &page->total);
}

enum rc
ticket_waiting(struct db *db, int64_t *n)
{
	const struct ticket_query open = { .status = TICKET_OPEN,
		.assignee = INT64_MIN };

	return catalog_count(bind_filters(db, Q_TICKET_COUNT, &open, NULL),
	    n);
}

enum rc
ticket_replies(struct db *db, struct arena *a, int64_t id,
    struct reply_page *page)
{
	struct stmt *q = stmt_get(db, Q_TICKET_REPLIES);
	size_t max = (size_t)page->limit;
	struct ticket_reply *r;

	page->v = arena_zalloc(a, max, sizeof(*page->v));
	page->n = 0;
	page->more = false;
	stmt_int(q, ":ticket", id);
	stmt_int(q, ":after", page->after);
	stmt_int(q, ":notes", page->notes);
	stmt_int(q, ":limit", page->limit + 1);
	stmt_int(q, ":offset", page->offset);
	while (stmt_row(q)) {
		page->more = page->n == max;
		if (page->more)
			break;
		r = &page->v[page->n++];
		r->id = stmt_col_int(q, 0);
		r->author = stmt_col_int(q, 1);
		r->author_name = stmt_col_text(q, 2, a);
		r->kind = (enum reply_kind)stmt_col_int(q, 3);
		r->body = stmt_col_text(q, 4, a);
		r->created_at = stmt_col_int(q, 5);
	}
	return stmt_done(q);
}
