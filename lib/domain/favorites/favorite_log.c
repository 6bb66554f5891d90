#include "base/buf.h"
#include "base/str.h"
#include "domain/favorites/favorite_log.h"

/* seq, kind, entity_id, entity_uuid, action, at, request_id */
static enum rc
read_events(struct stmt *q, struct arena *a, int64_t user, int64_t limit,
    struct fav_events *out)
{
	struct fav_event *e;

	*out = (struct fav_events){ 0 };
	out->items = arena_zalloc(a, (size_t)limit, sizeof(*out->items));
	while (q_row(q)) {
		if ((int64_t)out->n == limit) {
			out->more = true;
			break;
		}
		e = &out->items[out->n++];
		e->user_id = user;
		e->seq = q_col_int(q, 0);
		e->kind = (enum fav_kind)q_col_int(q, 1);
		e->entity_id = q_col_int(q, 2);
		e->entity = q_col_uuid(q, 3);
		e->saved = q_col_int(q, 4) != 0;
		e->at = q_col_int(q, 5);
		e->request_id = q_col_text(q, 6, a);
	}
	return q_done(q);
}

enum rc
favorite_activity(struct db *db, struct arena *a, int64_t user,
    int64_t before, int64_t limit, struct fav_events *out)
{
	struct stmt *q = db_q(db, Q_FAVORITE_ACTIVITY);

	q_int(q, ":user", user);
	q_int(q, ":before", before);
	q_int(q, ":limit", limit + 1);
	return read_events(q, a, user, limit, out);
}

enum rc
favorite_changes(struct db *db, struct arena *a, int64_t user, int64_t since,
    int64_t limit, bool *full, int64_t *head, struct fav_events *out)
{
	struct stmt *q = db_q(db, Q_FAVORITE_LOG_ENDS);
	int64_t floor = 0;
	enum rc rc;

	*head = 0;
	q_int(q, ":user", user);
	if (q_row(q)) {
		floor = q_col_int(q, 0);
		*head = q_col_int(q, 1);
	}
	rc = q_done(q);
	*full = since == 0 || since < floor || since > *head;
	if (rc != RC_OK || *full)
		return rc;
	q = db_q(db, Q_FAVORITE_CHANGES);
	q_int(q, ":user", user);
	q_int(q, ":since", since);
	q_int(q, ":limit", limit + 1);
	return read_events(q, a, user, limit, out);
}

enum rc
favorite_state(struct db *db, struct arena *a, int64_t user,
    int64_t after_kind, int64_t after_entity, int64_t limit,
    struct fav_events *out)
{
	struct stmt *q = db_q(db, Q_FAVORITE_STATE);

	q_int(q, ":user", user);
	q_int(q, ":kind", after_kind);
	q_int(q, ":entity", after_entity);
	q_int(q, ":limit", limit + 1);
	return read_events(q, a, user, limit, out);
}

enum rc
favorite_contains(struct db *db, struct arena *a, int64_t user, size_t n,
    const enum fav_kind *kinds, const int64_t *ids, const struct uuid *uuids,
    bool *out)
{
	struct stmt *q;
	struct buf b;
	size_t i;

	memset(out, 0, n * sizeof(*out));
	buf_init(&b, 64 * 1024);
	buf_ch(&b, '[');
	for (i = 0; i < n; i++)
		buf_fmt(&b, "%s[%d,%lld]", i > 0 ? "," : "", (int)kinds[i],
		    (long long)ids[i]);
	buf_ch(&b, ']');
	q = db_q(db, Q_FAVORITE_CONTAINS);
	q_text(q, ":items", arena_strn(a, b.data, b.len));
	q_blob(q, ":uuids", uuids, n * sizeof(*uuids));
	q_int(q, ":user", user);
	buf_free(&b);
	while (q_row(q)) {
		i = (size_t)q_col_int(q, 0);
		if (i < n)
			out[i] = true;
	}
	return q_done(q);
}

enum rc
favorite_popular(struct db *db, struct arena *a, enum fav_kind kind,
    enum fav_window window, int64_t limit, struct fav_popular **items,
    size_t *n)
{
	static const enum stmt_id by_kind[FAV_MAX] = {
		[FAV_LISTENER] = Q_POPULAR_LISTENERS,
		[FAV_FLYER] = Q_POPULAR_FLYERS,
		[FAV_DESTINATION] = Q_POPULAR_DESTINATIONS,
		[FAV_STYLE] = Q_POPULAR_STYLES,
		[FAV_CREATIVE] = Q_POPULAR_CREATIVES,
		[FAV_DOCUMENT] = Q_POPULAR_DOCUMENTS,
	};
	struct stmt *q = db_q(db, by_kind[kind]);
	struct fav_popular *p;

	q_int(q, ":window", window);
	q_int(q, ":limit", limit);
	*items = arena_zalloc(a, (size_t)limit, sizeof(**items));
	for (*n = 0; q_row(q) && (int64_t)*n < limit; (*n)++) {
		p = &(*items)[*n];
		p->rank = (int64_t)*n + 1;
		p->entity_id = q_col_int(q, 0);
		p->entity = q_col_uuid(q, 1);
		p->saves = q_col_int(q, 2);
		p->favorites_count = q_col_int(q, 3);
		p->title = q_col_text(q, 4, a);
	}
	return q_done(q);
}
