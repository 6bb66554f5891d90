#include "domain/support/ticket.h"

#include "base/str.h"
#include "domain/catalog/catalog.h"
#include "domain/common/fts_query.h"

#define COUNT_MOST	10000		/* of a search, or one person's */

static void
tickets_row(struct stmt *q, struct arena *a, struct ticket *t)
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
		tickets_row(q, a, t);
		t->body = stmt_col_text(q, 15, a);
	}
	rc = stmt_done(q);
	if (rc == RC_OK && (!found || (user != 0 && t->user != user)))
		return err_set(err, RC_NOT_FOUND, NULL, "Ticket not found");
	return rc;
}

static enum stmt_id
tickets_scope(const struct ticket_query *want)
{
	if (want->q != NULL)
		return Q_TICKET_LIST_MATCHING;
	if (want->user != 0)
		return Q_TICKET_LIST_USER;
	if (want->assignee != INT64_MIN && want->category != 0)
		return want->status != 0 ? Q_TICKET_LIST_QUEUE_CATEGORY :
		    Q_TICKET_LIST_ASSIGNEE_CATEGORY;
	if (want->assignee != INT64_MIN)
		return want->status != 0 ? Q_TICKET_LIST_QUEUE :
		    Q_TICKET_LIST_ASSIGNEE;
	if (want->category != 0)
		return want->status != 0 ? Q_TICKET_LIST_STATUS_CATEGORY :
		    Q_TICKET_LIST_CATEGORY;
	return want->status != 0 ? Q_TICKET_LIST_STATUS : Q_TICKET_LIST;
}

static enum stmt_id
way_to_count(const struct ticket_query *want)
{
	bool some = want->user != 0 || want->status != 0 ||
	    want->category != 0 || want->assignee != INT64_MIN;

	if (want->q != NULL)
		return some ? Q_TICKET_COUNT_MATCHING_SOME :
		    Q_TICKET_COUNT_MATCHING;
	return want->user != 0 ? Q_TICKET_COUNT_USER : Q_TICKET_COUNT;
}

/* Zero does not filter. */
static void
bind_some(struct stmt *q, const char *name, int64_t n)
{
	catalog_bind_opt(q, name, n == 0 ? INT64_MIN : n);
}

/*
 * A statement of a list or a count, with the filters that it has bound: those
 * that are given, or (of a person, a search and the counters) each of them.
 */
static struct stmt *
prepare_tickets(struct db *db, enum stmt_id id, const struct ticket_query *want,
    const char *match)
{
	bool matching = id == Q_TICKET_LIST_MATCHING ||
	    id == Q_TICKET_COUNT_MATCHING_SOME;
	bool user = id == Q_TICKET_LIST_USER || id == Q_TICKET_COUNT_USER;
	bool each = matching || user || id == Q_TICKET_COUNT;
	struct stmt *q = stmt_get(db, id);

	if (id == Q_TICKET_COUNT_MATCHING ||
	    id == Q_TICKET_COUNT_MATCHING_SOME || id == Q_TICKET_COUNT_USER)
		stmt_int(q, ":most", COUNT_MOST);
	if (matching || id == Q_TICKET_COUNT_MATCHING)
		stmt_text(q, ":match", match);
	if (matching || user)
		bind_some(q, ":user", want->user);
	if (each || want->status != 0)
		bind_some(q, ":status", want->status);
	if (each || want->category != 0)
		bind_some(q, ":category", want->category);
	if (each || want->assignee != INT64_MIN)
		catalog_bind_opt(q, ":assignee", want->assignee);
	return q;
}

/* Is this the ticket that was asked for? */
static bool
fits(const struct ticket_query *want, const struct ticket *t)
{
	return (want->user == 0 || t->user == want->user) &&
	    (want->status == 0 || (int)t->status == want->status) &&
	    (want->category == 0 || t->category == want->category) &&
	    (want->assignee == INT64_MIN || want->assignee ==
	    (t->assignee == INT64_MIN ? 0 : t->assignee));
}

/* "12" or "#12" is the ticket of that number, alone. */
static enum rc
by_number(struct db *db, struct arena *a, const struct ticket_query *want,
    int64_t id, struct ticket_page *page)
{
	struct err none;
	enum rc rc;

	err_init(&none, a);
	rc = ticket_get(db, a, id, 0, &page->v[0], &none);
	if (rc == RC_NOT_FOUND || (rc == RC_OK && !fits(want, &page->v[0])))
		return RC_OK;
	page->total = rc == RC_OK;
	page->n = rc == RC_OK && want->offset == 0 && id < want->before;
	return rc;
}

enum rc
ticket_list(struct db *db, struct arena *a, const struct ticket_query *want,
    struct ticket_page *page)
{
	const char *match = NULL;
	size_t most = (size_t)want->limit;
	struct stmt *q;
	int64_t id;
	enum rc rc;

	*page = (struct ticket_page){ .v = arena_zalloc(a, most,
	    sizeof(*page->v)) };
	if (want->q != NULL) {
		if (str_int(want->q + (want->q[0] == '#'), &id))
			return by_number(db, a, want, id, page);
		match = fts_query_words(a, want->q);
		if (match == NULL)
			return RC_OK;
	}
	q = prepare_tickets(db, tickets_scope(want), want, match);
	stmt_int(q, ":id", want->before);
	stmt_int(q, ":limit", want->limit + 1);
	stmt_int(q, ":offset", want->offset);
	stmt_budget(q, a, PAGE_BYTES);
	while (!page->more && stmt_row(q)) {
		page->more = page->n == most;
		if (!page->more)
			tickets_row(q, a, &page->v[page->n++]);
	}
	page->more |= stmt_cut(q);
	rc = stmt_done(q);
	if (rc == RC_OK && !page->more && want->offset == 0 &&
	    want->before == INT64_MAX) {
		page->total = (int64_t)page->n;		/* these are all */
		return RC_OK;
	}
	return rc != RC_OK ? rc : catalog_count(prepare_tickets(db,
	    way_to_count(want), want, match), &page->total);
}

enum rc
ticket_waiting(struct db *db, int64_t *n)
{
	const struct ticket_query open = { .status = TICKET_OPEN,
		.assignee = INT64_MIN };

	return catalog_count(prepare_tickets(db, Q_TICKET_COUNT, &open, NULL),
	    n);
}

enum rc
ticket_replies(struct db *db, struct arena *a, int64_t id,
    struct reply_page *page)
{
	struct stmt *q = stmt_get(db, Q_TICKET_REPLIES);
	size_t most = (size_t)page->limit;
	struct ticket_reply *r;

	page->v = arena_zalloc(a, most, sizeof(*page->v));
	page->n = 0;
	page->more = false;
	stmt_int(q, ":ticket", id);
	stmt_int(q, ":after", page->after);
	stmt_int(q, ":notes", page->notes);
	stmt_int(q, ":limit", page->limit + 1);
	stmt_int(q, ":offset", page->offset);
	stmt_budget(q, a, PAGE_BYTES);
	while (stmt_row(q)) {
		page->more = page->n == most;
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
	page->more |= stmt_cut(q);
	return stmt_done(q);
}
