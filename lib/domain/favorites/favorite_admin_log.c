#include "domain/favorites/favorite_admin_log.h"

#include "base/str.h"

#define COUNT_MOST	10000

/* The user behind a UUID; RC_NOT_FOUND: nobody. */
static enum rc
find_user(struct db *db, struct activity_query *query)
{
	struct stmt *q = db_q(db, Q_ACTIVITY_USER_ID);
	enum rc rc;

	q_uuid(q, ":uuid", &query->user_uuid);
	if (q_row(q))
		query->user = q_col_int(q, 0);
	rc = q_done(q);
	return rc == RC_OK && query->user == 0 ? RC_NOT_FOUND : rc;
}

/* The entity behind a UUID; RC_NOT_FOUND: none, or of another kind. */
static enum rc
find_entity(struct db *db, struct activity_query *query)
{
	struct stmt *q = db_q(db, Q_ACTIVITY_ENTITY_ID);
	int kind = 0;
	enum rc rc;

	q_uuid(q, ":uuid", &query->entity_uuid);
	if (q_row(q)) {
		kind = (int)q_col_int(q, 0);
		query->entity = q_col_int(q, 1);
	}
	rc = q_done(q);
	if (rc != RC_OK)
		return rc;
	if (kind == 0 || (query->kind != 0 && query->kind != kind))
		return RC_NOT_FOUND;
	query->kind = kind;
	return RC_OK;
}

static void
bind_some(struct stmt *q, const char *name, int64_t value, bool given)
{
	if (given)
		q_int(q, name, value);
	else
		q_null(q, name);
}

/* Along the user, the entity, or all of it. */
static struct stmt *
prepare(struct db *db, const struct activity_query *query, enum stmt_id all,
    enum stmt_id user, enum stmt_id entity)
{
	struct stmt *q;

	if (query->user != 0) {
		q = db_q(db, user);
		q_int(q, ":user", query->user);
		bind_some(q, ":entity", query->entity, query->entity != 0);
	} else if (query->entity != 0) {
		q = db_q(db, entity);
		q_int(q, ":entity", query->entity);
	} else {
		q = db_q(db, all);
	}
	bind_some(q, ":kind", query->kind, query->kind != 0);
	bind_some(q, ":action", query->saved, query->saved >= 0);
	q_int(q, ":from", query->from);
	return q;
}

static enum rc
rows(struct db *db, struct arena *arena, const struct activity_query *query,
    struct fav_events *events)
{
	size_t most = (size_t)query->limit;
	bool behind = query->given && query->before_at < query->to;
	struct stmt *q = prepare(db, query, Q_ACTIVITY_ALL, Q_ACTIVITY_USER,
	    Q_ACTIVITY_ENTITY);

	if (query->user != 0) {
		q_int(q, ":to", query->to);
		q_int(q, ":seq", query->given ? query->before_seq : INT64_MAX);
	} else {
		q_int(q, ":at", behind ? query->before_at : query->to);
		q_int(q, ":seq", behind ? query->before_seq : INT64_MIN);
	}
	q_int(q, ":limit", query->limit + 1);
	q_int(q, ":offset", query->offset);
	events->items = arena_zalloc(arena, most, sizeof(*events->items));
	while (!events->more && q_row(q)) {
		struct fav_event *event = &events->items[events->n];

		events->more = events->n == most;
		if (events->more)
			break;
		event->seq = q_col_int(q, 0);
		event->user_id = q_col_int(q, 1);
		event->user = q_col_uuid(q, 2);
		event->kind = (enum fav_kind)q_col_int(q, 3);
		event->entity_id = q_col_int(q, 4);
		event->entity = q_col_uuid(q, 5);
		event->saved = q_col_int(q, 6) != 0;
		event->at = q_col_int(q, 7);
		event->request_id = q_col_text(q, 8, arena);
		events->n++;
	}
	return q_done(q);
}

enum rc
activity_list(struct db *db, struct arena *arena,
    const struct activity_query *asked, struct fav_events *events,
    int64_t *total)
{
	struct activity_query query = *asked;
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
	rc = rows(db, arena, &query, events);
	if (rc != RC_OK)
		return rc;
	q = prepare(db, &query, Q_ACTIVITY_COUNT, Q_ACTIVITY_COUNT_USER,
	    Q_ACTIVITY_COUNT_ENTITY);
	q_int(q, ":to", query.to);
	q_int(q, ":most", COUNT_MOST);
	*total = q_row(q) ? q_col_int(q, 0) : 0;
	return q_done(q);
}
