#include "domain/listeners/realtime_store.h"

#include "base/clock.h"
#include "base/str.h"
#include "domain/common/actor.h"
#include "domain/listeners/presence.h"

enum rc
realtime_ticket_add(struct db *db, const struct hash *hash,
    const struct credential *c, int64_t now)
{
	struct stmt *q = db_q(db, Q_REALTIME_TICKET_PRUNE);
	enum rc rc;

	q_int(q, ":now", now);
	rc = q_run(q);
	if (rc != RC_OK)
		return rc;
	q = db_q(db, Q_REALTIME_TICKET_ADD);
	q_blob(q, ":hash", hash->b, sizeof(hash->b));
	q_int(q, ":user", c->user);
	q_int(q, ":session", c->session);
	q_int(q, ":service_token", c->service_token);
	q_int(q, ":expires", now + TICKET_TTL);
	return q_run(q);
}

enum rc
realtime_ticket_take(struct db *db, const struct hash *hash, int64_t now,
    struct credential *c, struct err *err)
{
	struct stmt *q = db_q(db, Q_REALTIME_TICKET_TAKE);
	struct actor_row row;
	int64_t expires = 0;
	enum rc rc;

	q_blob(q, ":hash", hash->b, sizeof(hash->b));
	if (q_row(q)) {
		*c = (struct credential){ .user = q_col_int(q, 0),
		    .session = q_col_int(q, 1),
		    .service_token = q_col_int(q, 2) };
		expires = q_col_int(q, 3);
	}
	rc = q_done(q);
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
realtime_head(struct db *db, int64_t *id)
{
	struct stmt *q = db_q(db, Q_REALTIME_HEAD);

	*id = q_row(q) ? q_col_int(q, 0) : 0;
	return q_done(q);
}

enum rc
realtime_feed(struct db *db, struct arena *arena, int64_t after, int64_t limit,
    struct feed_event **list, size_t *n)
{
	struct stmt *q = db_q(db, Q_REALTIME_FEED);

	*list = arena_zalloc(arena, (size_t)limit, sizeof(**list));
	*n = 0;
	q_int(q, ":after", after);
	q_int(q, ":limit", limit);
	while (*n < (size_t)limit && q_row(q)) {
		struct feed_event *e = &(*list)[(*n)++];

		e->id = q_col_int(q, 0);
		e->user = q_col_int(q, 1);
		e->event = (struct event){ .seq = q_col_int(q, 2),
		    .type = (enum event_type)q_col_int(q, 3),
		    .at = q_col_int(q, 4), .data = q_col_text(q, 5, arena),
		    .channel = q_col_text(q, 6, arena),
		    .rtc_until = q_col_int(q, 7) };
	}
	return q_done(q);
}

/* f with the first column of each row. */
static enum rc
each(struct stmt *q, void (*f)(void *, int64_t), void *arg)
{
	while (q_row(q))
		f(arg, q_col_int(q, 0));
	return q_done(q);
}

enum rc
realtime_fans(struct db *db, int64_t listener,
    void (*f)(void *, int64_t user), void *arg)
{
	struct stmt *q = db_q(db, Q_REALTIME_FANS);

	q_int(q, ":listener", listener);
	return each(q, f, arg);
}

enum rc
realtime_revocation_head(struct db *db, int64_t *id)
{
	struct stmt *q = db_q(db, Q_REALTIME_REVOCATION_HEAD);

	*id = q_row(q) ? q_col_int(q, 0) : 0;
	return q_done(q);
}

enum rc
realtime_revocations(struct db *db, int64_t *id,
    void (*f)(void *, const struct credential *), void *arg)
{
	struct stmt *q = db_q(db, Q_REALTIME_REVOCATIONS);

	q_int(q, ":after", *id);
	while (q_row(q)) {
		*id = q_col_int(q, 0);
		f(arg, &(struct credential){ .user = q_col_int(q, 1),
		    .session = q_col_int(q, 2),
		    .service_token = q_col_int(q, 3) });
	}
	return q_done(q);
}

enum rc
realtime_held(struct db *db, void (*f)(void *, int64_t user), void *arg)
{
	return each(db_q(db, Q_REALTIME_HELD), f, arg);
}

enum rc
realtime_hold(struct db *db, int64_t user, int64_t now)
{
	struct stmt *q = db_q(db, Q_REALTIME_HOLD);
	enum rc rc;

	q_int(q, ":user", user);
	q_int(q, ":now", now);
	rc = q_run(q);
	return rc == RC_OK ? presence_hold(db, user, now) : rc;
}

enum rc
realtime_release(struct db *db, int64_t user, int64_t now)
{
	struct stmt *q = db_q(db, Q_REALTIME_RELEASE);
	enum rc rc;

	q_int(q, ":user", user);
	q_int(q, ":now", now);
	rc = q_run(q);
	return rc == RC_OK ? presence_release(db, user, now) : rc;
}
