#include "domain/favorites/favorite_admin_log.h"

#include "base/str.h"
#include "domain/common/favoritable.h"

#define COUNT_MAX	10000

/* Finds the user with a UUID, or returns RC_NOT_FOUND. */
static enum rc
find_user(struct db *db, struct favorite_admin_log_query *query)
{
	struct stmt *q = stmt_get(db, Q_FAVORITE_ADMIN_LOG_USER_ID);
	enum rc rc;

	stmt_uuid(q, ":uuid", &query->user_uuid);
	if (stmt_row(q))
		query->user = stmt_col_int(q, 0);
	rc = stmt_done(q);
	return rc == RC_OK && query->user == 0 ? RC_NOT_FOUND : rc;
}

/*
 * Finds the object with a UUID. Returns RC_NOT_FOUND if it does not exist or is
 * not of the kind of the query.
 */
static enum rc
find_entity(struct db *db, struct favorite_admin_log_query *query)
{
	struct stmt *q = stmt_get(db, Q_FAVORITE_ADMIN_LOG_ENTITY_ID);
	int kind = 0;
	enum rc rc;

	stmt_uuid(q, ":uuid", &query->entity_uuid);
	if (stmt_row(q)) {
		kind = (int)stmt_col_int(q, 0);
		query->entity = stmt_col_int(q, 1);
	}
	rc = stmt_done(q);
	if (rc != RC_OK)
		return rc;
	if (kind == 0 || (query->kind != 0 && query->kind != kind))
		return RC_NOT_FOUND;
	query->kind = kind;
	return RC_OK;
}

/*
 * Returns the statement for one user, one object or all rows, with its filters
 * bound.
 */
static struct stmt *
bind_query(struct db *db,
    const struct favorite_admin_log_query *query, enum stmt_id all,
    enum stmt_id user, enum stmt_id entity)
{
	struct stmt *q;

	if (query->user != 0) {
		q = stmt_get(db, user);
		stmt_int(q, ":user", query->user);
		stmt_id(q, ":entity", query->entity);
	} else if (query->entity != 0) {
		q = stmt_get(db, entity);
		stmt_int(q, ":entity", query->entity);
	} else {
		q = stmt_get(db, all);
	}
	stmt_id(q, ":kind", query->kind);
	stmt_opt(q, ":action", query->saved < 0 ? INT64_MIN : query->saved);
	stmt_int(q, ":from", query->from);
	return q;
}

static enum rc
read_rows(struct db *db, struct arena *arena,
    const struct favorite_admin_log_query *query,
    struct favorite_events *events)
{
	size_t max = (size_t)query->limit;
	bool paged = query->given && query->before_at < query->to;
	struct stmt *q = bind_query(db, query,
	    Q_FAVORITE_ADMIN_LOG_ALL, Q_FAVORITE_ADMIN_LOG_USER,
	    Q_FAVORITE_ADMIN_LOG_ENTITY);

	if (query->user != 0) {
		stmt_int(q, ":to", query->to);
		stmt_int(q, ":seq", query->given ? query->before_seq :
		    INT64_MAX);
	} else {
		stmt_int(q, ":at", paged ? query->before_at : query->to);
		stmt_int(q, ":seq", paged ? query->before_seq : INT64_MIN);
	}
	stmt_int(q, ":limit", query->limit + 1);
	stmt_int(q, ":offset", query->offset);
	events->items = arena_zalloc(arena, max, sizeof(*events->items));
	while (!events->more && stmt_row(q)) {
		struct favorite_event *event = &events->items[events->n];

		events->more = events->n == max;
		if (events->more)
			break;
		event->seq = stmt_col_int(q, 0);
		event->user_id = stmt_col_int(q, 1);
		event->user = stmt_col_uuid(q, 2);
		event->kind = (enum favorite_kind)stmt_col_int(q, 3);
		event->entity_id = stmt_col_int(q, 4);
		event->entity = stmt_col_uuid(q, 5);
		event->saved = stmt_col_int(q, 6) != 0;
		event->at = stmt_col_int(q, 7);
		event->request_id = stmt_col_text(q, 8, arena);
		events->n++;
	}
	return stmt_done(q);
}

enum rc
favorite_admin_log_list(struct db *db, struct arena *arena,
    const struct favorite_admin_log_query *filters,
    struct favorite_events *events, int64_t *total)
{
	struct favorite_admin_log_query query = *filters;
	struct stmt *q;
	enum rc rc = RC_OK;

	memset(events, 0, sizeof(*events));
	*total = 0;
	if (query.user == 0 && !uuid_nil(&query.user_uuid))
		rc = find_user(db, &query);
	if (rc == RC_OK && query.entity == 0 && !uuid_nil(&query.entity_uuid))
		rc = find_entity(db, &query);
	if (rc != RC_OK)
		return rc == RC_NOT_FOUND ? RC_OK : rc;
	rc = read_rows(db, arena, &query, events);
	if (rc != RC_OK)
		return rc;
	q = bind_query(db, &query, Q_FAVORITE_ADMIN_LOG_COUNT,
	    Q_FAVORITE_ADMIN_LOG_COUNT_USER, Q_FAVORITE_ADMIN_LOG_COUNT_ENTITY);
	stmt_int(q, ":to", query.to);
	stmt_int(q, ":max", COUNT_MAX);
	*total = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}
