#include "domain/calls/call_finish.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/str.h"
#include "domain/calls/session.h"
#include "domain/common/event.h"
#include "domain/common/outbox.h"
#include "domain/listeners/presence.h"

const char *const call_state_words[] = {
	"ringing", "accepted", "ended", "rejected", "cancelled", "missed", NULL
};

struct over {
	int64_t id, caller, callee;
	int64_t accepted_at, ended_at;	/* INT64_MIN: not */
	int64_t session;
};

enum rc
hangup_push(struct db *db, int64_t call, int64_t callee, const char *template,
    const char *name, int64_t until, int64_t now)
{
	bool rings = name != NULL;
	char body[100], data[200];

	if (until <= now)
		return RC_OK;
	snprintf(body, sizeof(body), "%s is calling", rings ? name : "");
	snprintf(data, sizeof(data), "{\"type\":\"%s\",\"call_id\":%" PRId64
	    ",\"deadline\":%" PRId64 ",\"collapse\":\"call-%" PRId64 "\"}",
	    rings ? "call.incoming" : "call.over", call, until / SECOND, call);
	return outbox_add(db, LANE_PUSH, callee, NULL, template, NULL,
	    rings ? "Incoming call" : NULL, rings ? body : NULL, data, now,
	    until - now);
}

enum rc
hangup_channel(struct db *db, int64_t call, char *channel)
{
	struct stmt *q = db_q(db, Q_CALL_CHANNEL);

	channel[0] = '\0';
	q_int(q, ":id", call);
	if (q_row(q))
		snprintf(channel, CHANNEL_MAX + 1, "%s", q_col_peek(q, 0));
	return q_done(q);
}

/* One side hears why it is over. */
static enum rc
tell(struct db *db, const struct over *o, int64_t user, enum call_state to,
    int cause, int64_t now)
{
	static const enum event_type types[] = {
		[CALL_ENDED] = EVENT_CALL_ENDED,
		[CALL_REJECTED] = EVENT_CALL_REJECTED,
		[CALL_CANCELLED] = EVENT_CALL_CANCELLED,
		[CALL_MISSED] = EVENT_CALL_MISSED,
	};
	const char *word = cause > 0 ? session_cause_words[cause - 1] : NULL;

	if (to != CALL_ENDED)
		return event_add(db, user, types[to], now,
		    "{\"call_id\":%" PRId64 "}", o->id);
	return event_add(db, user, EVENT_CALL_ENDED, now,
	    "{\"call_id\":%" PRId64 ",\"session_id\":%" PRId64
	    ",\"duration_seconds\":%" PRId64 ",\"cause\":%s%s%s}", o->id,
	    o->session, (o->ended_at - o->accepted_at) / SECOND,
	    word == NULL ? "" : "\"", word == NULL ? "null" : word,
	    word == NULL ? "" : "\"");
}

enum rc
hangup(struct db *db, int64_t call, enum call_state to, int64_t by, int cause,
    int64_t at, int64_t now)
{
	struct stmt *q = db_q(db, Q_CALL_HANGUP);
	struct over o = { .id = call };
	bool found;
	enum rc rc;

	q_int(q, ":id", call);
	q_int(q, ":state", to);
	q_int(q, ":at", at);
	if (by != 0)
		q_int(q, ":by", by);
	else
		q_null(q, ":by");
	if (cause != 0)
		q_int(q, ":cause", cause);
	else
		q_null(q, ":cause");
	found = q_row(q);
	if (found) {
		o.caller = q_col_int(q, 0);
		o.callee = q_col_int(q, 1);
		o.accepted_at = q_col_opt(q, 2);
		o.ended_at = q_col_opt(q, 3);
		o.session = q_col_int(q, 4);
	}
	rc = q_done(q);
	if (rc != RC_OK || !found)
		return rc;
	rc = presence_busy(db, o.caller, o.callee, INT64_MIN, now);
	if (rc == RC_OK)
		rc = tell(db, &o, o.caller, to, cause, now);
	if (rc == RC_OK)
		rc = tell(db, &o, o.callee, to, cause, now);
	/* A phone that was asleep would ring for a call that is over. */
	if (rc == RC_OK && o.accepted_at == INT64_MIN)
		rc = hangup_push(db, call, o.callee, "call_over", NULL,
		    now + MINUTE, now);
	return rc;
}
