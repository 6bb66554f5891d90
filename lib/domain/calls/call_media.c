/*
 * call_media: events of the media network, as evidence and for the rules of
 * sessions.
 */
#include "base/clock.h"
#include "base/str.h"
#include "domain/calls/call.h"

/* Evidence is stored until this time after the end of the call. */
#define LATE		DAY
#define SEEN_MAX	200

static enum rc
find_call(struct db *db, const char *channel, int64_t *id)
{
	struct stmt *q = stmt_get(db, Q_CALL_BY_CHANNEL);

	stmt_text(q, ":channel", channel);
	*id = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

/* Takes the event into account for the session of a channel. */
static enum rc
notify_session(struct db *db, int64_t session, const struct media_notice *m,
    int64_t now, struct err *err)
{
	const struct session_media event = { .joined = m->what == MEDIA_JOINED,
		.seq = m->what == MEDIA_DESTROYED ? INT64_MIN : m->client_seq,
		.at = m->at, .reason = m->reason };
	enum rc rc;

	rc = session_media_event(db, session,
	    m->what == MEDIA_DESTROYED ? 0 : m->user, &event, now, err);
	/* A notice about another user is ignored. */
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* Stores an event as evidence. *first: it was not stored before. */
static enum rc
store_event(struct db *db, int64_t call, const struct media_notice *m,
    bool *first)
{
	struct stmt *q = stmt_get(db, Q_CALL_MEDIA_ADD);
	enum rc rc;

	stmt_text(q, ":notice", m->id);
	stmt_int(q, ":call", call);
	stmt_int(q, ":user", m->user);
	stmt_int(q, ":what", m->what);
	stmt_int(q, ":seq", m->client_seq);
	stmt_int(q, ":at", m->at);
	stmt_int(q, ":reason", m->reason);
	rc = stmt_run(q);
	*first = db_changes(db) > 0;
	return rc;
}

enum rc
call_media(struct db *db, struct arena *arena, const struct media_notice *m,
    int64_t now, struct err *err)
{
	bool first = true;
	struct call c;
	int64_t id, session = 0;
	enum rc rc = find_call(db, m->channel, &id);

	if (rc == RC_OK && id == 0)
		rc = session_of_channel(db, m->channel, &session);
	if (rc != RC_OK || (id == 0 && session == 0))
		return rc;
	if (id == 0)
		return notify_session(db, session, m, now, err);
	rc = call_get(db, arena, id, m->user, &c, err);
	if (rc != RC_OK)
		return rc == RC_NOT_FOUND ? RC_OK : rc;
	/* A party leaves the channel after the call ended: accept it late. */
	if (c.ended_at != INT64_MIN && now > c.ended_at + LATE)
		return RC_OK;
	if (m->what != MEDIA_DESTROYED)
		rc = store_event(db, id, m, &first);
	/* The times of events are whole seconds. */
	if (rc != RC_OK || !first || c.state != CALL_ACCEPTED ||
	    m->at / SECOND < c.accepted_at / SECOND)
		return rc;
	return notify_session(db, c.session, m, now, err);
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
