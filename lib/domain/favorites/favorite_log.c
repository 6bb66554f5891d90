#include "base/buf.h"
#include "base/str.h"
#include "domain/common/favoritable.h"
#include "domain/favorites/favorite_log.h"
#include "json/json_write.h"

/* Reads seq, kind, entity_id, entity_uuid, action, at, request_id. */
static enum rc
read_events(struct stmt *q, struct arena *a, int64_t user, int64_t limit,
    struct favorite_events *out)
{
	struct favorite_event *e;

	*out = (struct favorite_events){ 0 };
	out->items = arena_zalloc(a, (size_t)limit, sizeof(*out->items));
	while (stmt_row(q)) {
		if ((int64_t)out->n == limit) {
			out->more = true;
			break;
		}
		e = &out->items[out->n++];
		e->user_id = user;
		e->seq = stmt_col_int(q, 0);
		e->kind = (enum favorite_kind)stmt_col_int(q, 1);
		e->entity_id = stmt_col_int(q, 2);
		e->entity = stmt_col_uuid(q, 3);
		e->saved = stmt_col_int(q, 4) != 0;
		e->at = stmt_col_int(q, 5);
		e->request_id = stmt_col_text(q, 6, a);
	}
	return stmt_done(q);
}

enum rc
favorite_log_activity(struct db *db, struct arena *a, int64_t user,
    int64_t before, int64_t limit, struct favorite_events *out)
{
	struct stmt *q = stmt_get(db, Q_FAVORITE_LOG_ACTIVITY);

	stmt_int(q, ":user", user);
	stmt_int(q, ":before", before);
	stmt_int(q, ":limit", limit + 1);
	return read_events(q, a, user, limit, out);
}

enum rc
favorite_log_changes(struct db *db, struct arena *a, int64_t user,
    int64_t since, int64_t limit, bool *full, int64_t *head,
    struct favorite_events *out)
{
	struct stmt *q = stmt_get(db, Q_FAVORITE_LOG_ENDS);
	int64_t oldest = 0;
	enum rc rc;

	*head = 0;
	stmt_int(q, ":user", user);
	if (stmt_row(q)) {
		oldest = stmt_col_int(q, 0);
		*head = stmt_col_int(q, 1);
	}
	rc = stmt_done(q);
	*full = since == 0 || since < oldest || since > *head;
	if (rc != RC_OK || *full)
		return rc;
	q = stmt_get(db, Q_FAVORITE_LOG_CHANGES);
	stmt_int(q, ":user", user);
	stmt_int(q, ":since", since);
	stmt_int(q, ":limit", limit + 1);
	return read_events(q, a, user, limit, out);
}

enum rc
favorite_log_state(struct db *db, struct arena *a, int64_t user,
    int64_t after_kind, int64_t after_entity, int64_t limit,
    struct favorite_events *out)
{
	struct stmt *q = stmt_get(db, Q_FAVORITE_LOG_STATE);

	stmt_int(q, ":user", user);
	stmt_int(q, ":kind", after_kind);
	stmt_int(q, ":entity", after_entity);
	stmt_int(q, ":limit", limit + 1);
	return read_events(q, a, user, limit, out);
}

enum rc
favorite_log_contains(struct db *db, struct arena *a, int64_t user, size_t n,
    const enum favorite_kind *kinds, const int64_t *ids,
    const struct uuid *uuids, bool *out)
{
	struct json_write j;
	struct stmt *q;
	struct buf b;
	size_t i;

	memset(out, 0, n * sizeof(*out));
	buf_init(&b, 64 * 1024);
	json_write_init(&j, &b);
	json_write_arr(&j, NULL);
	for (i = 0; i < n; i++) {
		json_write_arr(&j, NULL);
		json_write_int(&j, NULL, (int64_t)kinds[i]);
		json_write_int(&j, NULL, ids[i]);
		json_write_arr_end(&j);
	}
	json_write_arr_end(&j);
	q = stmt_get(db, Q_FAVORITE_LOG_CONTAINS);
	stmt_text(q, ":items", arena_strn(a, b.data, b.len));
	stmt_blob(q, ":uuids", uuids, n * sizeof(*uuids));
	stmt_int(q, ":user", user);
	buf_free(&b);
	while (stmt_row(q)) {
		i = (size_t)stmt_col_int(q, 0);
		if (i < n)
			out[i] = true;
	}
	return stmt_done(q);
}
