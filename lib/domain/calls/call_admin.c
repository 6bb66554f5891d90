/* call_admin: ends calls for administrators. */
#include <inttypes.h>

#include "domain/calls/call.h"

/* Reads a call for the audit log, as JSON. */
static enum rc
call_admin_state(struct db *db, struct arena *arena, int64_t id,
    const char *reason, const char **json)
{
	struct stmt *q = stmt_get(db, Q_CALL_AUDIT);

	stmt_int(q, ":id", id);
	stmt_text(q, ":reason", reason);
	*json = stmt_row(q) ? stmt_col_text(q, 0, arena) : NULL;
	return stmt_done(q);
}

/* Cancels a ringing call, or ends an accepted one with its session. */
static enum rc
end_live_call(struct db *db, const struct call *c, int64_t now,
    struct err *err)
{
	struct session s;
	bool first;

	if (c->state == CALL_RINGING)
		return call_finish(db, c->id, CALL_CANCELLED, 0,
		    SESSION_CAUSE_OPERATOR, now < c->ring_until ? now :
		    c->ring_until, now);
	return session_end(db, c->session, 0, SESSION_CAUSE_OPERATOR, now, now,
	    &s, &first, err);
}

enum rc
call_stop(struct db *db, struct arena *arena, int64_t id, const char *reason,
    const struct audit_by *by, struct call *c, struct err *err)
{
	const char *before, *after;
	enum rc rc;

	rc = call_get(db, arena, id, 0, c, err);
	if (rc != RC_OK)
		return rc;
	if (c->state > CALL_ACCEPTED) {
		err->state = call_state_names[c->state];
		return err_set(err, RC_CONFLICT, "call_state",
		    "The call is %s", err->state);
	}
	rc = call_admin_state(db, arena, id, NULL, &before);
	if (rc == RC_OK)
		rc = end_live_call(db, c, by->now, err);
	if (rc == RC_OK)
		rc = call_admin_state(db, arena, id, reason, &after);
	if (rc == RC_OK)
		rc = call_get(db, arena, id, 0, c, err);
	return rc == RC_OK ? audit_add(db, by, "call.end",
	    arena_fmt(arena, "call:%" PRId64, id), before, after) : rc;
}

enum rc
call_end_listener(struct db *db, int64_t listener, int64_t now,
    struct err *err)
{
	struct stmt *q = stmt_get(db, Q_CALL_BLOCK_LISTENER);
	bool live;
	enum rc rc;

	stmt_int(q, ":listener", listener);
	live = stmt_row(q) && stmt_col_int(q, 0) != 0;
	rc = stmt_done(q);
	return rc != RC_OK || !live ? rc :
	    call_end_of(db, listener, SESSION_CAUSE_OPERATOR, now, err);
}
