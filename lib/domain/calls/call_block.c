#include "domain/calls/call_block.h"

#include "domain/calls/call.h"
#include "domain/listeners/user_block.h"

/* Reads the live call of two users. *id is 0 if there is none. */
static enum rc
find_call(struct db *db, int64_t user, int64_t other, int64_t *id,
    enum call_action *action)
{
	struct stmt *q = stmt_get(db, Q_CALL_BLOCK_CALL);

	*id = 0;
	stmt_int(q, ":user", user);
	stmt_int(q, ":other", other);
	if (stmt_row(q)) {
		*id = stmt_col_int(q, 0);
		*action = stmt_col_int(q, 1) != CALL_RINGING ?
		    CALL_ACTION_END : stmt_col_int(q, 2) == user ?
		    CALL_ACTION_CANCEL : CALL_ACTION_REJECT;
	}
	return stmt_done(q);
}

/* Ends the live session of two users that has no call. */
static enum rc
end_session(struct db *db, int64_t user, int64_t other, int64_t now,
    struct err *err)
{
	struct stmt *q = stmt_get(db, Q_CALL_BLOCK_SESSION);
	struct session s;
	int64_t id = 0;
	bool customer = false, first;
	enum rc rc;

	stmt_int(q, ":user", user);
	stmt_int(q, ":other", other);
	if (stmt_row(q)) {
		id = stmt_col_int(q, 0);
		customer = stmt_col_int(q, 1) == user;
	}
	rc = stmt_done(q);
	return rc != RC_OK || id == 0 ? rc : session_end(db, id, user,
	    customer ? SESSION_CAUSE_CUSTOMER : SESSION_CAUSE_LISTENER, now,
	    now, &s, &first, err);
}

enum rc
call_block(struct db *db, struct arena *arena, const struct conf *conf,
    int64_t user, int64_t blocked, int64_t now, int64_t *at, struct err *err)
{
	enum call_action action = CALL_ACTION_END;
	struct call c = { .state = CALL_RINGING };
	int64_t id = 0;
	bool again;
	enum rc rc;

	/* The block comes first, so that the end sends no notifications. */
	rc = user_block_add(db, conf, user, blocked, now, at, err);
	if (rc == RC_OK)
		rc = find_call(db, user, blocked, &id, &action);
	if (rc == RC_OK && id != 0)
		rc = call_action(db, arena, conf, id, user, 0, action, now, &c,
		    &again, err);
	/* The deadline of the call has passed: the action marked it. */
	if (rc == RC_CONFLICT && id != 0 && c.state == CALL_MISSED) {
		err_init(err, arena);
		rc = RC_OK;
	}
	return rc == RC_OK ? end_session(db, user, blocked, now, err) : rc;
}
