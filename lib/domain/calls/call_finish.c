#include "domain/calls/call_finish.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/str.h"
#include "domain/calls/media_ban.h"
#include "domain/calls/session.h"
#include "domain/common/event.h"
#include "domain/common/outbox.h"
#include "domain/listeners/presence.h"

const char *const call_state_names[] = {
	"ringing", "accepted", "ended", "rejected", "cancelled", "missed", NULL
};

#define DEVICE_TEXT	24

struct finished_call {
	int64_t id, caller, callee;
	int64_t accepted_at;		/* INT64_MIN: not accepted */
	int64_t ended_at, session;
	int64_t answered_on;		/* login session; 0: none */
};

/* Returns a login session as JSON; 0 is null. */
static const char *
device_json(int64_t device, char text[DEVICE_TEXT])
{
	if (device == 0)
		return "null";
	snprintf(text, DEVICE_TEXT, "%" PRId64, device);
	return text;
}

enum rc
call_finish_push(struct db *db, int64_t call, int64_t callee,
    const char *reason, int64_t answered_on, int64_t until, int64_t now)
{
	char data[200], device[DEVICE_TEXT];

	if (until <= now)
		return RC_OK;
	snprintf(data, sizeof(data), "{\"type\":\"call.over\",\"call_id\":%"
	    PRId64 ",\"deadline\":%" PRId64 ",\"collapse\":\"call-%" PRId64
	    "\",\"reason\":\"%s\",\"answered_on\":%s}", call, until / SECOND,
	    call, reason, device_json(answered_on, device));
	return outbox_add(db, OUTBOX_PUSH, callee, NULL, "call_over", NULL,
	    NULL, NULL, data, now, until - now);
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
	char device[DEVICE_TEXT];

	if (to != CALL_ENDED)
		return event_add(db, user, types[to], now,
		    "{\"call_id\":%" PRId64 ",\"reason\":\"%s\""
		    ",\"answered_on\":null}", o->id, call_state_names[to]);
	/* Only the callee learns which of the callee's devices answered. */
	return event_add(db, user, EVENT_CALL_ENDED, now,
	    "{\"call_id\":%" PRId64 ",\"session_id\":%" PRId64
	    ",\"duration_seconds\":%" PRId64 ",\"cause\":%s%s%s"
	    ",\"reason\":\"%s\",\"answered_on\":%s}", o->id,
	    o->session, (o->ended_at - o->accepted_at) / SECOND,
	    word == NULL ? "" : "\"", word == NULL ? "null" : word,
	    word == NULL ? "" : "\"", call_state_names[to],
	    device_json(user == o->callee ? o->answered_on : 0, device));
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
	return rc == RC_OK && o.session != 0 ?
	    media_ban_add(db, o.session, now) : rc;
}
