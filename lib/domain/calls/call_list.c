/* call_list: reads calls. */
#include "base/str.h"
#include "domain/calls/call.h"
#include "domain/common/id_page.h"
#include "domain/common/text_list.h"

const char *const call_state_names[] = {
	"ringing", "accepted", "ended", "rejected", "cancelled", "missed", NULL
};

/* Reads a row; all statements of calls have the same columns. */
static void
call_row(struct stmt *q, struct arena *arena, struct call *c)
{
	*c = (struct call){ .id = stmt_col_int(q, 0),
	    .caller = stmt_col_int(q, 1), .callee = stmt_col_int(q, 2),
	    .caller_name = stmt_col_text(q, 3, arena),
	    .callee_name = stmt_col_text(q, 4, arena),
	    .channel = stmt_col_text(q, 5, arena),
	    .state = (enum call_state)stmt_col_int(q, 6),
	    .created_at = stmt_col_int(q, 7), .ring_until = stmt_col_int(q, 8),
	    .accepted_at = stmt_col_opt(q, 9), .ended_at = stmt_col_opt(q, 10),
	    .ended_by = stmt_col_opt(q, 11),
	    .cause = (enum session_cause)stmt_col_int(q, 12),
	    .session = stmt_col_opt(q, 13), .cost = stmt_col_opt(q, 14),
	    .caller_device = stmt_col_int(q, 15),
	    .callee_device = stmt_col_int(q, 16),
	    .tokens_until = stmt_col_int(q, 17),
	    .kind = (enum listener_kind)stmt_col_int(q, 18),
	    .caller_image = stmt_col_text(q, 19, arena),
	    .callee_image = stmt_col_text(q, 20, arena) };
}

enum rc
call_get(struct db *db, struct arena *arena, int64_t id, int64_t user,
    struct call *c, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_CALL_GET);
	bool found;
	enum rc rc;

	stmt_int(q, ":id", id);
	found = stmt_row(q);
	if (found)
		call_row(q, arena, c);
	rc = stmt_done(q);
	if (rc != RC_OK)
		return rc;
	if (!found || (user != 0 && user != c->caller && user != c->callee))
		return err_set(err, RC_NOT_FOUND, NULL, "Call not found");
	return RC_OK;
}

/* Counts the calls of all users, by the counters of states. state -1: all. */
static enum rc
count_all_calls(struct db *db, int state, bool live, int64_t *n)
{
	struct stmt *q = stmt_get(db, Q_CALL_COUNTER);

	stmt_int(q, ":first", state < 0 ? CALL_RINGING : state);
	stmt_int(q, ":last", state >= 0 ? state : live ? CALL_ACCEPTED :
	    CALL_MISSED);
	*n = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

static enum rc
count_calls(struct db *db, const struct call_query *query, int64_t *n)
{
	struct stmt *q;

	if (query->user == 0)
		return count_all_calls(db, query->state, query->live, n);
	q = stmt_get(db, query->live ? Q_CALL_COUNT_LIVE : query->state < 0 ?
	    Q_CALL_COUNT : Q_CALL_COUNT_STATE);
	stmt_int(q, ":user", query->user);
	if (query->live || query->state >= 0)
		stmt_int(q, ":state", query->state);
	*n = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

static struct stmt *
query_calls(struct db *db, const struct call_query *query)
{
	bool state = query->state >= 0 || query->user != 0;
	struct stmt *q;

	if (query->user != 0)
		q = stmt_get(db, query->live ? Q_CALL_IDS_USER_LIVE :
		    Q_CALL_IDS);
	else
		q = stmt_get(db, query->state >= 0 ? Q_CALL_IDS_STATE :
		    query->live ? Q_CALL_IDS_LIVE : Q_CALL_IDS_ALL);
	if (query->user != 0)
		stmt_int(q, ":user", query->user);
	if (state)
		stmt_int(q, ":state", query->state);
	return q;
}

enum rc
call_list(struct db *db, struct arena *arena, const struct call_query *query,
    struct call_page *page)
{
	struct stmt *q = query_calls(db, query);
	struct id_page ids;
	enum rc rc;

	*page = (struct call_page){ 0 };
	rc = id_page_before(q, arena, query->before, query->limit,
	    query->offset, &ids);
	page->more = ids.more;
	if (rc == RC_OK)
		rc = count_calls(db, query, &page->total);
	if (rc != RC_OK)
		return rc;
	page->calls = arena_zalloc(arena, ids.n, sizeof(*page->calls));
	q = stmt_get(db, Q_CALL_ITEMS);
	stmt_text(q, ":ids", id_page_json(arena, ids.v, ids.n));
	while (page->n < ids.n && stmt_row(q))
		call_row(q, arena, &page->calls[page->n++]);
	return stmt_done(q);
}
