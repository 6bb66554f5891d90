#include "domain/calls/call_finish.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "domain/calls/session.h"
#include "domain/common/event.h"
#include "domain/common/outbox.h"
#include "domain/listeners/presence.h"

struct finished_call {
	int64_t id, caller, callee;
	int64_t accepted_at;		/* INT64_MIN: not accepted */
	int64_t ended_at, session;
	int64_t answered_on;		/* login session; 0: none */
};

/* Returns a login session for JSON_INT(), which writes INT64_MIN as null. */
static int64_t
device_or_null(int64_t device)
{
	return device == 0 ? INT64_MIN : device;
}

enum rc
call_finish_push(struct db *db, int64_t call, int64_t callee,
    const char *reason, int64_t answered_on, int64_t until, int64_t now)
{
	char collapse[40];
	struct buf data;
	enum rc rc;

	if (until <= now)
		return RC_OK;
	snprintf(collapse, sizeof(collapse), "call-%" PRId64, call);
	buf_init(&data, 1024);
	json_build_append(&data, JSON_OBJECT(
	    JSON_STR("type", "call.over"), JSON_INT("call_id", call),
	    JSON_INT("deadline", until / SECOND),
	    JSON_STR("collapse", collapse), JSON_STR("reason", reason),
	    JSON_INT("answered_on", device_or_null(answered_on))));
	rc = outbox_add(db, OUTBOX_PUSH, callee, NULL, "call_over", NULL,
	    NULL, NULL, data.data, now, until - now);
	buf_free(&data);
	return rc;
}

enum rc
call_finish_channel(struct db *db, int64_t call, char *channel)
{
	struct stmt *q = stmt_get(db, Q_CALL_CHANNEL);

	channel[0] = '\0';
	stmt_int(q, ":id", call);
	if (stmt_row(q))
		snprintf(channel, CHANNEL_MAX + 1, "%s", stmt_col_peek(q, 0));
	return stmt_done(q);
}

/* Sends a party the event of the end, with its cause. */
static enum rc
notify_finished_call(struct db *db, const struct finished_call *o, int64_t user,
    enum call_state to, int cause, int64_t now)
{
	static const enum event_type types[] = {
		[CALL_ENDED] = EVENT_CALL_ENDED,
		[CALL_REJECTED] = EVENT_CALL_REJECTED,
		[CALL_CANCELLED] = EVENT_CALL_CANCELLED,
		[CALL_MISSED] = EVENT_CALL_MISSED,
	};
	const char *word = cause > 0 ? session_cause_names[cause - 1] : NULL;

	if (to != CALL_ENDED)
		return event_add_object(db, user, types[to], now, JSON_OBJECT(
		    JSON_INT("call_id", o->id),
		    JSON_STR("reason", call_state_names[to]),
		    JSON_INT("answered_on", INT64_MIN)));
	/* Only the callee learns which of the callee's devices answered. */
	return event_add_object(db, user, EVENT_CALL_ENDED, now, JSON_OBJECT(
	    JSON_INT("call_id", o->id), JSON_INT("session_id", o->session),
	    JSON_INT("duration_seconds", (o->ended_at - o->accepted_at) /
	    SECOND), JSON_STR("cause", word),
	    JSON_STR("reason", cause == SESSION_CAUSE_FAILED ? "failed" :
	    call_state_names[to]), JSON_INT("answered_on",
	    device_or_null(user == o->callee ? o->answered_on : 0))));
}

enum rc
call_finish(struct db *db, int64_t call, enum call_state to, int64_t by,
    int cause, int64_t at, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_CALL_HANGUP);
	struct finished_call o = { .id = call };
	bool found;
	enum rc rc;

	stmt_int(q, ":id", call);
	stmt_int(q, ":state", to);
	stmt_int(q, ":at", at);
	if (by != 0)
		stmt_int(q, ":by", by);
	else
		stmt_null(q, ":by");
	if (cause != 0)
		stmt_int(q, ":cause", cause);
	else
		stmt_null(q, ":cause");
	found = stmt_row(q);
	if (found) {
		o.caller = stmt_col_int(q, 0);
		o.callee = stmt_col_int(q, 1);
		o.accepted_at = stmt_col_opt(q, 2);
		o.ended_at = stmt_col_opt(q, 3);
		o.session = stmt_col_int(q, 4);
		o.answered_on = stmt_col_int(q, 5);
	}
	rc = stmt_done(q);
	if (rc != RC_OK || !found)
		return rc;
	rc = presence_busy(db, o.caller, o.callee, INT64_MIN, now);
	if (rc == RC_OK)
		rc = notify_finished_call(db, &o, o.caller, to, cause, now);
	if (rc == RC_OK)
		rc = notify_finished_call(db, &o, o.callee, to, cause, now);
	/* Otherwise a phone that wakes up now would ring for an ended call. */
	if (rc == RC_OK && o.accepted_at == INT64_MIN)
		rc = call_finish_push(db, call, o.callee, call_state_names[to],
		    0, now + MINUTE, now);
	return rc;
}
