/* call_channel: the live call of a channel. */
#include "domain/calls/call.h"

/* Reads the live session of a channel as an accepted call with the id 0. */
static enum rc
direct_session(struct db *db, const char *channel, struct call *c, bool *found)
{
	struct stmt *q = stmt_get(db, Q_CALL_CREDENTIAL_SESSION);

	stmt_text(q, ":channel", channel);
	*found = stmt_row(q);
	if (*found)
		*c = (struct call){ .session = stmt_col_int(q, 0),
		    .caller = stmt_col_int(q, 1), .callee = stmt_col_int(q, 2),
		    .accepted_at = stmt_col_int(q, 3),
		    .tokens_until = stmt_col_int(q, 4),
		    .caller_device = stmt_col_int(q, 5),
		    .callee_device = stmt_col_int(q, 6),
		    .kind = (enum listener_kind)stmt_col_int(q, 7),
		    .channel = channel, .state = CALL_ACCEPTED };
	return stmt_done(q);
}

/* Sets money_until of a call. */
static enum rc
load_money_until(struct db *db, struct call *c, struct err *err)
{
	struct session s;
	int64_t max_ms;
	enum rc rc;

	c->money_until = c->ring_until;
	if (c->session == INT64_MIN)
		return RC_OK;
	rc = session_core(db, c->session, 0, &s, err);
	if (rc == RC_OK)
		rc = session_max(db, &s, &max_ms);
	if (rc == RC_OK)
		c->money_until = session_base(&s) + max_ms;
	return rc;
}

enum rc
call_of_channel(struct db *db, struct arena *arena, const char *channel,
    int64_t user, int64_t now, struct call *c, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_CALL_OF_CHANNEL);
	bool found;
	int64_t id;
	enum rc rc;

	stmt_text(q, ":channel", channel);
	found = stmt_row(q);
	id = found ? stmt_col_int(q, 0) : 0;
	rc = stmt_done(q);
	if (rc == RC_OK && found)
		rc = call_get(db, arena, id, 0, c, err);
	else if (rc == RC_OK)
		rc = direct_session(db, channel, c, &found);
	if (rc != RC_OK)
		return rc;
	if (!found || (user != 0 && user != c->caller && user != c->callee) ||
	    (c->state == CALL_RINGING && c->ring_until <= now))
		return err_set(err, RC_FORBIDDEN, NULL,
		    "Not a party of a live call");
	return load_money_until(db, c, err);
}
