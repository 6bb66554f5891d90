/* What the media network tells of a call, as evidence and as its end. */
#include "base/clock.h"
#include "base/str.h"
#include "dom/call.h"

/* Who left may be back: a network that changed, an app that was started anew. */
#define GRACE	(15 * SECOND)
#define BATCH	50
#define SEEN_MOST 200

static enum rc
live_channel(struct db *db, const char *channel, int64_t *id)
{
	struct stmt *q = db_q(db, Q_CALL_OF_CHANNEL);

	q_text(q, ":channel", channel);
	*id = q_row(q) ? q_col_int(q, 0) : 0;
	return q_done(q);
}

/* The server ends it, for both had left. */
static enum rc
end_at(struct db *db, struct arena *arena, int64_t id, int64_t at, int64_t now,
    struct err *err)
{
	struct session s;
	struct call c;
	bool first;
	enum rc rc = call_get(db, arena, id, 0, &c, err);

	if (rc != RC_OK || c.state != CALL_ACCEPTED)
		return rc;
	return session_end(db, c.session, 0, CAUSE_LEFT, at, now, &s,
	    &first, err);
}

static enum rc
seat(struct db *db, int64_t call, const struct media_notice *m)
{
	struct stmt *q = db_q(db, Q_CALL_SEAT);

	q_int(q, ":call", call);
	q_int(q, ":user", m->user);
	q_int(q, ":seq", m->client_seq);
	if (m->what == MEDIA_LEFT)
		q_int(q, ":left", m->at);
	else
		q_null(q, ":left");
	return q_run(q);
}

enum rc
call_media(struct db *db, struct arena *arena, const struct media_notice *m,
    int64_t now, struct err *err)
{
	struct stmt *q;
	int64_t id;
	enum rc rc = live_channel(db, m->channel, &id);

	if (rc != RC_OK || id == 0)
		return rc;
	if (m->what == MEDIA_DESTROYED)
		return end_at(db, arena, id, m->at, now, err);
	rc = call_get(db, arena, id, m->user, &(struct call){ 0 }, err);
	if (rc != RC_OK)
		return rc == RC_NOT_FOUND ? RC_OK : rc;
	q = db_q(db, Q_CALL_MEDIA_ADD);
	q_text(q, ":notice", m->id);
	q_int(q, ":call", id);
	q_int(q, ":user", m->user);
	q_int(q, ":what", m->what);
	q_int(q, ":seq", m->client_seq);
	q_int(q, ":at", m->at);
	q_int(q, ":reason", m->reason);
	rc = q_run(q);
	return rc == RC_OK && db_changes(db) > 0 ? seat(db, id, m) : rc;
}

enum rc
call_media_seen(struct db *db, struct arena *arena, int64_t call,
    struct media_seen **list, size_t *n)
{
	struct stmt *q = db_q(db, Q_CALL_MEDIA_LIST);

	*list = arena_zalloc(arena, SEEN_MOST, sizeof(**list));
	*n = 0;
	q_int(q, ":call", call);
	q_int(q, ":limit", SEEN_MOST);
	while (*n < SEEN_MOST && q_row(q)) {
		struct media_seen *m = &(*list)[(*n)++];

		m->user = q_col_int(q, 0);
		m->what = (enum media_what)q_col_int(q, 1);
		m->at = q_col_int(q, 2);
		m->reason = q_col_int(q, 3);
	}
	return q_done(q);
}

static enum rc
left(struct job_run *run, int64_t most, int64_t *ids, int64_t *at, int64_t *n)
{
	struct stmt *q = db_q(run->db, Q_CALL_LEFT_DUE);

	*n = 0;
	q_int(q, ":until", run->now - GRACE);
	q_int(q, ":limit", most);
	while (*n < most && q_row(q)) {
		ids[*n] = q_col_int(q, 0);
		at[(*n)++] = q_col_int(q, 1);
	}
	return q_done(q);
}

enum rc
call_left_look(struct job_run *run)
{
	int64_t id, at, n;
	enum rc rc = left(run, 1, &id, &at, &n);

	run->work = rc == RC_OK && n > 0;
	return rc;
}

enum rc
call_left_act(struct job_run *run)
{
	int64_t ids[BATCH], at[BATCH], n;
	struct err err;
	enum rc rc;

	err_init(&err, run->arena);
	rc = left(run, BATCH, ids, at, &n);
	for (int64_t i = 0; rc == RC_OK && i < n; i++, run->done++)
		rc = end_at(run->db, run->arena, ids[i], at[i], run->now,
		    &err);
	run->more = n == BATCH;
	return rc;
}
