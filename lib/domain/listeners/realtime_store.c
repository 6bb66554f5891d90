#include "domain/listeners/realtime_store.h"

#include "base/clock.h"
#include "base/str.h"
#include "domain/common/actor.h"
#include "domain/listeners/presence.h"

enum rc
realtime_store_ticket_add(struct db *db, const struct hash *hash,
    const struct credential *c, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_REALTIME_STORE_TICKET_PRUNE);
	enum rc rc;

	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_REALTIME_STORE_TICKET_ADD);
	stmt_blob(q, ":hash", hash->b, sizeof(hash->b));
	stmt_int(q, ":user", c->user);
	stmt_int(q, ":session", c->session);
	stmt_int(q, ":service_token", c->service_token);
	stmt_int(q, ":expires", now + REALTIME_TICKET_TTL);
	return stmt_run(q);
}

enum rc
realtime_store_ticket_take(struct db *db, const struct hash *hash, int64_t now,
    struct credential *c, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_REALTIME_STORE_TICKET_TAKE);
	struct actor_row row;
	int64_t expires = 0;
	enum rc rc;

	stmt_blob(q, ":hash", hash->b, sizeof(hash->b));
	if (stmt_row(q)) {
		*c = (struct credential){ .user = stmt_col_int(q, 0),
		    .session = stmt_col_int(q, 1),
		    .service_token = stmt_col_int(q, 2) };
		expires = stmt_col_int(q, 3);
	}
	rc = stmt_done(q);
	if (rc != RC_OK)
		return rc;
	if (expires <= now)
		return err_set(err, RC_AUTH, NULL, NULL);
	rc = actor_load(db, c, now, &row);
	if (rc == RC_NOT_FOUND || (rc == RC_OK && !actor_ok(&row)))
		return err_set(err, RC_AUTH, NULL, NULL);
	return rc;
}

enum rc
realtime_store_head(struct db *db, int64_t *id)
{
	struct stmt *q = stmt_get(db, Q_REALTIME_STORE_HEAD);

	*id = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

enum rc
realtime_store_feed(struct db *db, struct arena *arena, int64_t after,
    int64_t limit, struct realtime_event **list, size_t *n)
{
	struct stmt *q = stmt_get(db, Q_REALTIME_STORE_FEED);

	*list = arena_zalloc(arena, (size_t)limit, sizeof(**list));
	*n = 0;
	stmt_int(q, ":after", after);
	stmt_int(q, ":limit", limit);
	while (*n < (size_t)limit && stmt_row(q)) {
		struct realtime_event *e = &(*list)[(*n)++];

		e->id = stmt_col_int(q, 0);
		e->user = stmt_col_int(q, 1);
		e->event = (struct event){ .seq = stmt_col_int(q, 2),
		    .type = (enum event_type)stmt_col_int(q, 3),
		    .at = stmt_col_int(q, 4), .data = stmt_col_text(q, 5,
		    arena),
		    .channel = stmt_col_text(q, 6, arena),
		    .device = stmt_col_int(q, 7) };
	}
	return stmt_done(q);
}

/* Calls f with the first column of each row. */
static enum rc
for_each_id(struct stmt *q, void (*f)(void *, int64_t), void *arg)
{
	while (stmt_row(q))
		f(arg, stmt_col_int(q, 0));
	return stmt_done(q);
}

enum rc
realtime_store_watchers(struct db *db, int64_t listener,
    void (*f)(void *, int64_t user), void *arg)
{
	struct stmt *q = stmt_get(db, Q_REALTIME_STORE_WATCHERS);

	stmt_int(q, ":listener", listener);
	return for_each_id(q, f, arg);
}

enum rc
realtime_store_revocation_head(struct db *db, int64_t *id)
{
	struct stmt *q = stmt_get(db, Q_REALTIME_STORE_REVOCATION_HEAD);

	*id = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

enum rc
realtime_store_revocations(struct db *db, int64_t *id,
    void (*f)(void *, const struct credential *), void *arg)
{
	struct stmt *q = stmt_get(db, Q_REALTIME_STORE_REVOCATIONS);

	stmt_int(q, ":after", *id);
	while (stmt_row(q)) {
		*id = stmt_col_int(q, 0);
		f(arg, &(struct credential){ .user = stmt_col_int(q, 1),
		    .session = stmt_col_int(q, 2),
		    .service_token = stmt_col_int(q, 3) });
	}
	return stmt_done(q);
}

enum rc
realtime_store_held(struct db *db, void (*f)(void *, int64_t user), void *arg)
{
	return for_each_id(stmt_get(db, Q_REALTIME_STORE_HELD), f, arg);
}

enum rc
realtime_store_hold(struct db *db, int64_t user, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_REALTIME_STORE_HOLD);
	enum rc rc;

	stmt_int(q, ":user", user);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	return rc == RC_OK ? presence_hold(db, user, now) : rc;
}

enum rc
realtime_store_release(struct db *db, int64_t user, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_REALTIME_STORE_RELEASE);
	enum rc rc;

	stmt_int(q, ":user", user);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	return rc == RC_OK ? presence_release(db, user, now) : rc;
}
