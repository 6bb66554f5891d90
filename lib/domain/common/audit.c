#include "domain/common/audit.h"

#include "base/str.h"

enum rc
audit_add(struct db *db, const struct audit_by *by, const char *action,
    const char *target, const char *before, const char *after)
{
	struct audit_row row = { .at = by->now,
	    .actor = by->actor > 0 ? by->actor : INT64_MIN, .action = action,
	    .target = target, .before = before, .after = after,
	    .request_id = by->request_id };
	struct hash hash;
	struct stmt *q;
	enum rc rc;

	rc = audit_head(db, &row.id, &hash);
	if (rc != RC_OK)
		return rc;
	row.id++;
	hash = audit_hash(&hash, &row);
	q = stmt_get(db, Q_AUDIT_ADD);
	stmt_int(q, ":id", row.id);
	stmt_int(q, ":at", row.at);
	if (row.actor > 0)
		stmt_int(q, ":actor", row.actor);
	stmt_text(q, ":action", action);
	stmt_text(q, ":target", target);
	stmt_text(q, ":before", before);
	stmt_text(q, ":after", after);
	stmt_text(q, ":request_id", row.request_id);
	stmt_blob(q, ":hash", hash.b, sizeof(hash.b));
	return stmt_run(q);
}

static enum rc
audit_state(struct db *db, enum stmt_id stmt, struct arena *arena, int64_t id,
    const char **json)
{
	struct stmt *q = stmt_get(db, stmt);

	*json = NULL;
	stmt_int(q, ":id", id);
	if (stmt_row(q))
		*json = stmt_col_text(q, 0, arena);
	return stmt_done(q);
}

enum rc
audit_user(struct db *db, struct arena *arena, int64_t id, const char **json)
{
	return audit_state(db, Q_AUDIT_USER, arena, id, json);
}

enum rc
audit_listener(struct db *db, struct arena *arena, int64_t id,
    const char **json)
{
	return audit_state(db, Q_AUDIT_LISTENER, arena, id, json);
}

enum audit_filter {
	BY_TIME, BY_REQUEST, BY_TARGET, BY_BOTH, BY_ACTOR, BY_ACTION
};

/* Selects the filter that matches the fewest rows. */
static enum audit_filter
audit_pick_filter(const struct audit_query *query)
{
	if (query->request_id != NULL)
		return BY_REQUEST;
	if (query->target != NULL)
		return BY_TARGET;
	if (query->actor > 0)
		return query->action != NULL ? BY_BOTH : BY_ACTOR;
	return query->action != NULL ? BY_ACTION : BY_TIME;
}

/*
 * Returns the statement for the filters of a query, with its parameters bound.
 * `stmts` has a statement for each filter.
 */
static struct stmt *
audit_bind_query(struct db *db, const struct audit_query *query,
    const enum stmt_id *stmts)
{
	enum audit_filter by = audit_pick_filter(query);
	struct stmt *q = stmt_get(db, stmts[by]);
	bool all = by == BY_REQUEST || by == BY_TARGET;

	if (by == BY_REQUEST)
		stmt_text(q, ":request", query->request_id);
	if (all)
		stmt_text(q, ":target", query->target);
	if (query->actor > 0)
		stmt_int(q, ":actor", query->actor);
	if (all || query->action != NULL)
		stmt_text(q, ":action", query->action);
	stmt_int(q, ":from", query->from);
	return q;
}

static enum rc
audit_rows(struct db *db, struct arena *arena, const struct audit_query *query,
    struct audit_page *page)
{
	static const enum stmt_id stmts[] = {
		[BY_TIME] = Q_AUDIT_LIST, [BY_REQUEST] = Q_AUDIT_LIST_REQUEST,
		[BY_TARGET] = Q_AUDIT_LIST_TARGET,
		[BY_BOTH] = Q_AUDIT_LIST_BOTH,
		[BY_ACTOR] = Q_AUDIT_LIST_ACTOR,
		[BY_ACTION] = Q_AUDIT_LIST_ACTION,
	};
	bool paged = query->given && query->before_at < query->to;
	struct stmt *q = audit_bind_query(db, query, stmts);
	size_t max = (size_t)query->limit;

	stmt_int(q, ":at", paged ? query->before_at : query->to);
	stmt_int(q, ":id", paged ? query->before_id : INT64_MIN);
	stmt_int(q, ":limit", query->limit + 1);
	stmt_int(q, ":offset", query->offset);
	page->rows = arena_zalloc(arena, max, sizeof(*page->rows));
	stmt_budget(q, arena, query->bytes);
	while (stmt_row(q)) {
		struct audit_row *row = &page->rows[page->n];

		if (page->n == max) {
			page->more = true;
			break;
		}
		row->id = stmt_col_int(q, 0);
		row->at = stmt_col_int(q, 1);
		row->actor = stmt_col_opt(q, 2);
		row->action = stmt_col_text(q, 3, arena);
		row->target = stmt_col_text(q, 4, arena);
		row->before = stmt_col_text(q, 5, arena);
		row->after = stmt_col_text(q, 6, arena);
		row->request_id = stmt_col_text(q, 7, arena);
		page->n++;
	}
	page->cut = stmt_cut(q);
	page->more |= page->cut;
	return stmt_done(q);
}

/*
 * Counts the matching rows. Without filters it is the highest id, as ids have
 * no gaps. With filters it counts at most AUDIT_COUNT_MAX.
 */
static enum rc
audit_total(struct db *db, const struct audit_query *query, int64_t *n)
{
	static const enum stmt_id stmts[] = {
		[BY_TIME] = Q_AUDIT_COUNT, [BY_REQUEST] = Q_AUDIT_COUNT_REQUEST,
		[BY_TARGET] = Q_AUDIT_COUNT_TARGET,
		[BY_BOTH] = Q_AUDIT_COUNT_BOTH,
		[BY_ACTOR] = Q_AUDIT_COUNT_ACTOR,
		[BY_ACTION] = Q_AUDIT_COUNT_ACTION,
	};
	struct stmt *q;

	if (audit_pick_filter(query) == BY_TIME && query->from == INT64_MIN &&
	    query->to == INT64_MAX)
		return audit_count(db, n);
	q = audit_bind_query(db, query, stmts);
	stmt_int(q, ":to", query->to);
	stmt_int(q, ":max", AUDIT_COUNT_MAX);
	*n = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

enum rc
audit_list(struct db *db, struct arena *arena, const struct audit_query *query,
    struct audit_page *page)
{
	enum rc rc;

	memset(page, 0, sizeof(*page));
	rc = audit_rows(db, arena, query, page);
	return rc == RC_OK ? audit_total(db, query, &page->total) : rc;
}
