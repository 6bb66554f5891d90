/* session_admin: ends sessions for administrators. */
#include <inttypes.h>

#include "domain/calls/session_internal.h"

/* Reads a session for the audit log, as JSON. */
static enum rc
audit_state(struct db *db, struct arena *arena, int64_t id, const char *reason,
    const char **json)
{
	struct stmt *q = stmt_get(db, Q_SESSION_END_AUDIT);

	stmt_int(q, ":id", id);
	stmt_text(q, ":reason", reason);
	*json = stmt_row(q) ? stmt_col_text(q, 0, arena) : NULL;
	return stmt_done(q);
}

enum rc
session_stop(struct db *db, struct arena *arena, int64_t id,
    const char *reason, const struct audit_by *by, struct session *s,
    struct err *err)
{
	const char *before, *after;
	bool first;
	enum rc rc = session_core(db, id, 0, s, err);

	if (rc == RC_OK && s->state == SESSION_ENDED)
		return err_set(err, RC_CONFLICT, "session_ended",
		    "The session has ended");
	if (rc == RC_OK)
		rc = audit_state(db, arena, id, NULL, &before);
	if (rc == RC_OK)
		rc = session_end(db, id, 0, SESSION_CAUSE_OPERATOR, by->now,
		    by->now, s, &first, err);
	if (rc == RC_OK)
		rc = audit_state(db, arena, id, reason, &after);
	if (rc == RC_OK)
		rc = session_get(db, arena, id, 0, s, err);
	return rc == RC_OK ? audit_add(db, by, "session.end",
	    arena_fmt(arena, "session:%" PRId64, id), before, after) : rc;
}
