#include "dom/audit.h"

#include "base/str.h"

enum rc
audit_add(struct db *db, const struct audit_by *by, const char *action,
    const char *target, const char *before, const char *after)
{
	struct stmt *q = db_q(db, Q_AUDIT_ADD);

	q_int(q, ":at", by->now);
	if (by->actor > 0)
		q_int(q, ":actor", by->actor);
	else
		q_null(q, ":actor");
	q_text(q, ":action", action);
	q_text(q, ":target", target);
	q_text(q, ":before", before);
	q_text(q, ":after", after);
	q_text(q, ":request_id", by->request_id);
	return q_run(q);
}

static enum rc
state(struct db *db, enum stmt_id stmt, struct arena *arena, int64_t id,
    const char **json)
{
	struct stmt *q = db_q(db, stmt);

	*json = NULL;
	q_int(q, ":id", id);
	if (q_row(q))
		*json = q_col_text(q, 0, arena);
	return q_done(q);
}

enum rc
audit_user(struct db *db, struct arena *arena, int64_t id, const char **json)
{
	return state(db, Q_AUDIT_USER, arena, id, json);
}

enum rc
audit_listener(struct db *db, struct arena *arena, int64_t id,
    const char **json)
{
	return state(db, Q_AUDIT_LISTENER, arena, id, json);
}

/* Along the actor, the target, or all of it. */
static enum rc
rows(struct db *db, struct arena *arena, const struct audit_query *query,
    struct audit_page *page)
{
	size_t most = (size_t)query->limit;
	struct stmt *q;

	if (query->actor > 0) {
		q = db_q(db, Q_AUDIT_LIST_ACTOR);
		q_int(q, ":actor", query->actor);
	} else {
		q = db_q(db, query->target ? Q_AUDIT_LIST_TARGET :
		    Q_AUDIT_LIST);
	}
	q_text(q, ":target", query->target);
	q_text(q, ":action", query->action);
	q_int(q, ":from", query->from);
	q_int(q, ":to", query->to);
	q_int(q, ":id", query->before);
	q_int(q, ":limit", query->limit + 1);
	q_int(q, ":offset", query->offset);
	page->rows = arena_zalloc(arena, most, sizeof(*page->rows));
	while (q_row(q)) {
		struct audit_row *row = &page->rows[page->n];

		if (page->n == most) {
			page->more = true;
			break;
		}
		row->id = q_col_int(q, 0);
		row->at = q_col_int(q, 1);
		row->actor = q_col_opt(q, 2);
		row->action = q_col_text(q, 3, arena);
		row->target = q_col_text(q, 4, arena);
		row->before = q_col_text(q, 5, arena);
		row->after = q_col_text(q, 6, arena);
		row->request_id = q_col_text(q, 7, arena);
		page->n++;
	}
	return q_done(q);
}

enum rc
audit_list(struct db *db, struct arena *arena, const struct audit_query *query,
    struct audit_page *page)
{
	struct stmt *q;
	enum rc rc;

	memset(page, 0, sizeof(*page));
	rc = rows(db, arena, query, page);
	if (rc != RC_OK)
		return rc;
	q = db_q(db, Q_AUDIT_COUNT);
	if (query->actor > 0)
		q_int(q, ":actor", query->actor);
	else
		q_null(q, ":actor");
	q_text(q, ":action", query->action);
	q_text(q, ":target", query->target);
	q_int(q, ":from", query->from);
	q_int(q, ":to", query->to);
	page->total = q_row(q) ? q_col_int(q, 0) : 0;
	return q_done(q);
}
