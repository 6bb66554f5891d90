/*
 * call_media: events of the media network, as evidence and as ends of calls.
 */
#include "base/clock.h"
#include "base/str.h"
#include "domain/calls/call.h"

/* A party that left may return after a change of network or a restart. */
#define LEFT_GRACE	(15 * SECOND)
/* Presence is less reliable: it also ends if this server is unreachable. */
#define GONE_GRACE	MINUTE
/* Evidence is stored until this time after the end of the call. */
#define LATE		DAY
#define BATCH		50
#define SEEN_MAX	200

static enum rc
find_call(struct db *db, const char *channel, int64_t *id)
{
	struct stmt *q = stmt_get(db, Q_CALL_BY_CHANNEL);

	stmt_text(q, ":channel", channel);
	*id = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

/* Ends an accepted call that both parties have left. */
static enum rc
end_abandoned(struct db *db, struct arena *arena, int64_t id, int64_t at,
    int64_t now, struct err *err)
{
	struct session s;
	struct call c;
	bool first;
	enum rc rc = call_get(db, arena, id, 0, &c, err);

	if (rc != RC_OK || c.state != CALL_ACCEPTED)
		return rc;
	return session_end(db, c.session, 0, SESSION_CAUSE_LEFT, at, now, &s,
	    &first, err);
}

/*
 * Ends the call of a destroyed channel, unless the event is older than the
 * call or a user joined later. The times of events are whole seconds.
 */
static enum rc
channel_destroyed(struct db *db, struct arena *arena, const struct call *c,
    const struct media_notice *m, int64_t now, struct err *err)
{
	struct stmt *q;
	bool back;
	enum rc rc;

	if (c->state != CALL_ACCEPTED ||
	    m->at / SECOND < c->accepted_at / SECOND)
		return RC_OK;
	q = stmt_get(db, Q_CALL_MEDIA_BACK);
	stmt_int(q, ":call", c->id);
	stmt_int(q, ":at", m->at);
	back = stmt_row(q);
	rc = stmt_done(q);
	return rc != RC_OK || back ? rc :
	    end_abandoned(db, arena, c->id, m->at, now, err);
}

static enum rc
store_presence(struct db *db, int64_t call, const struct media_notice *m)
{
	struct stmt *q = stmt_get(db, Q_CALL_MEDIA_PRESENCE);

	stmt_int(q, ":call", call);
	stmt_int(q, ":user", m->user);
	stmt_int(q, ":seq", m->client_seq);
	if (m->what == MEDIA_LEFT)
		stmt_int(q, ":left", m->at);
	else
		stmt_null(q, ":left");
	return stmt_run(q);
}

enum rc
call_media(struct db *db, struct arena *arena, const struct media_notice *m,
    int64_t now, struct err *err)
{
	struct stmt *q;
	struct call c;
	int64_t id;
	enum rc rc = find_call(db, m->channel, &id);

	if (rc != RC_OK || id == 0)
		return rc;
	rc = call_get(db, arena, id, m->user, &c, err);
	if (rc != RC_OK)
		return rc == RC_NOT_FOUND ? RC_OK : rc;
	if (m->what == MEDIA_DESTROYED)
		return channel_destroyed(db, arena, &c, m, now, err);
	/* A party leaves the channel after the call ended: accept it late. */
	if (c.ended_at != INT64_MIN && now > c.ended_at + LATE)
		return RC_OK;
	q = stmt_get(db, Q_CALL_MEDIA_ADD);
	stmt_text(q, ":notice", m->id);
	stmt_int(q, ":call", id);
	stmt_int(q, ":user", m->user);
	stmt_int(q, ":what", m->what);
	stmt_int(q, ":seq", m->client_seq);
	stmt_int(q, ":at", m->at);
	stmt_int(q, ":reason", m->reason);
	rc = stmt_run(q);
	return rc == RC_OK && db_changes(db) > 0 && c.state <= CALL_ACCEPTED ?
	    store_presence(db, id, m) : rc;
}

enum rc
call_media_seen(struct db *db, struct arena *arena, int64_t call,
    struct media_seen **list, size_t *n)
{
	struct stmt *q = stmt_get(db, Q_CALL_MEDIA_LIST);

	*list = arena_zalloc(arena, SEEN_MAX, sizeof(**list));
	*n = 0;
	stmt_int(q, ":call", call);
	stmt_int(q, ":limit", SEEN_MAX);
	while (*n < SEEN_MAX && stmt_row(q)) {
		struct media_seen *m = &(*list)[(*n)++];

		m->user = stmt_col_int(q, 0);
		m->what = (enum media_what)stmt_col_int(q, 1);
		m->at = stmt_col_int(q, 2);
		m->reason = stmt_col_int(q, 3);
	}
	return stmt_done(q);
}

/* ---- jobs: calls that both parties have left */

struct abandoned {
	int64_t ids[BATCH], at[BATCH], n;
};

static enum rc
find_abandoned(struct job_run *run, enum stmt_id which, int64_t grace,
    int64_t max, struct abandoned *o)
{
	struct stmt *q = stmt_get(run->db, which);

	o->n = 0;
	stmt_int(q, ":until", run->now - grace);
	stmt_int(q, ":limit", max);
	while (o->n < max && stmt_row(q)) {
		o->ids[o->n] = stmt_col_int(q, 0);
		o->at[o->n++] = stmt_col_int(q, 1);
	}
	return stmt_done(q);
}

static enum rc
abandoned_pending(struct job_run *run, enum stmt_id which, int64_t grace)
{
	struct abandoned o;
	enum rc rc = find_abandoned(run, which, grace, 1, &o);

	run->work = rc == RC_OK && o.n > 0;
	return rc;
}

static enum rc
abandoned_run(struct job_run *run, enum stmt_id which, int64_t grace)
{
	struct abandoned o;
	struct err err;
	enum rc rc;

	err_init(&err, run->arena);
	rc = find_abandoned(run, which, grace, BATCH, &o);
	for (int64_t i = 0; rc == RC_OK && i < o.n; i++, run->done++)
		rc = end_abandoned(run->db, run->arena, o.ids[i], o.at[i],
		    run->now, &err);
	run->more = o.n == BATCH;
	return rc;
}

enum rc
call_left_pending(struct job_run *run)
{
	return abandoned_pending(run, Q_CALL_LEFT_DUE, LEFT_GRACE);
}

enum rc
call_left_run(struct job_run *run)
{
	return abandoned_run(run, Q_CALL_LEFT_DUE, LEFT_GRACE);
}

enum rc
call_gone_pending(struct job_run *run)
{
	return abandoned_pending(run, Q_CALL_GONE_DUE, GONE_GRACE);
}

enum rc
call_gone_run(struct job_run *run)
{
	return abandoned_run(run, Q_CALL_GONE_DUE, GONE_GRACE);
}
