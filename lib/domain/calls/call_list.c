#include "base/str.h"
#include "domain/calls/call.h"
#include "domain/common/text_list.h"

/* Columns as call.sql gives them in every statement that reads one. */
static void
call_row(struct stmt *q, struct arena *arena, struct call *c)
{
	*c = (struct call){ .id = q_col_int(q, 0), .caller = q_col_int(q, 1),
	    .callee = q_col_int(q, 2), .caller_name = q_col_text(q, 3, arena),
	    .callee_name = q_col_text(q, 4, arena),
	    .channel = q_col_text(q, 5, arena),
	    .state = (enum call_state)q_col_int(q, 6),
	    .created_at = q_col_int(q, 7), .ring_until = q_col_int(q, 8),
	    .accepted_at = q_col_opt(q, 9), .ended_at = q_col_opt(q, 10),
	    .ended_by = q_col_opt(q, 11),
	    .cause = (enum session_cause)q_col_int(q, 12),
	    .session = q_col_opt(q, 13), .cost = q_col_opt(q, 14) };
}

enum rc
call_get(struct db *db, struct arena *arena, int64_t id, int64_t user,
    struct call *c, struct err *err)
{
	struct stmt *q = db_q(db, Q_CALL_GET);
	bool found;
	enum rc rc;

	q_int(q, ":id", id);
	found = q_row(q);
	if (found)
		call_row(q, arena, c);
	rc = q_done(q);
	if (rc != RC_OK)
		return rc;
	if (!found || (user != 0 && user != c->caller && user != c->callee))
		return err_set(err, RC_NOT_FOUND, NULL, "Call not found");
	return RC_OK;
}

enum rc
call_of_channel(struct db *db, struct arena *arena, const char *channel,
    int64_t user, int64_t now, struct call *c, struct err *err)
{
	struct stmt *q = db_q(db, Q_CALL_OF_CHANNEL);
	struct session s;
	int64_t id, max_ms;
	enum rc rc;

	q_text(q, ":channel", channel);
	id = q_row(q) ? q_col_int(q, 0) : 0;
	rc = q_done(q);
	if (rc == RC_OK && id != 0)
		rc = call_get(db, arena, id, user, c, err);
	if (rc == RC_NOT_FOUND || (rc == RC_OK && (id == 0 ||
	    (c->state == CALL_RINGING && c->ring_until <= now))))
		return err_set(err, RC_FORBIDDEN, NULL,
		    "Not a party of a live call");
	c->money_until = c->ring_until;
	if (rc != RC_OK || c->session == INT64_MIN)
		return rc;
	rc = session_core(db, c->session, 0, &s, err);
	if (rc == RC_OK)
		rc = session_max(db, &s, &max_ms);
	if (rc == RC_OK)
		c->money_until = s.started_at + max_ms;
	return rc;
}

/* Everybody's in a state; -1: all of them. */
static enum rc
tally(struct db *db, int state, bool live, int64_t *n)
{
	struct stmt *q = db_q(db, Q_CALL_TALLY);

	q_int(q, ":first", state < 0 ? CALL_RINGING : state);
	q_int(q, ":last", state >= 0 ? state : live ? CALL_ACCEPTED :
	    CALL_MISSED);
	*n = q_row(q) ? q_col_int(q, 0) : 0;
	return q_done(q);
}

static enum rc
count(struct db *db, const struct call_query *query, int64_t *n)
{
	struct stmt *q;

	if (query->user == 0)
		return tally(db, query->state, query->live, n);
	q = db_q(db, query->live ? Q_CALL_COUNT_LIVE : query->state < 0 ?
	    Q_CALL_COUNT : Q_CALL_COUNT_STATE);
	q_int(q, ":user", query->user);
	if (query->live || query->state >= 0)
		q_int(q, ":state", query->state);
	*n = q_row(q) ? q_col_int(q, 0) : 0;
	return q_done(q);
}

static struct stmt *
ask(struct db *db, const struct call_query *query)
{
	bool state = query->state >= 0 || query->user != 0;
	struct stmt *q;

	if (query->user != 0)
		q = db_q(db, query->live ? Q_CALL_IDS_USER_LIVE : Q_CALL_IDS);
	else
		q = db_q(db, query->state >= 0 ? Q_CALL_IDS_STATE :
		    query->live ? Q_CALL_IDS_LIVE : Q_CALL_IDS_ALL);
	if (query->user != 0)
		q_int(q, ":user", query->user);
	if (state)
		q_int(q, ":state", query->state);
	return q;
}

enum rc
call_list(struct db *db, struct arena *arena, const struct call_query *query,
    struct call_page *page)
{
	struct stmt *q = ask(db, query);
	struct id_page ids;
	enum rc rc;

	*page = (struct call_page){ 0 };
	rc = lines_page(q, arena, query->before, query->limit, query->offset,
	    &ids);
	page->more = ids.more;
	if (rc == RC_OK)
		rc = count(db, query, &page->total);
	if (rc != RC_OK)
		return rc;
	page->calls = arena_zalloc(arena, ids.n, sizeof(*page->calls));
	q = db_q(db, Q_CALL_ITEMS);
	q_text(q, ":ids", lines_ids(arena, ids.v, ids.n));
	while (page->n < ids.n && q_row(q))
		call_row(q, arena, &page->calls[page->n++]);
	return q_done(q);
}
