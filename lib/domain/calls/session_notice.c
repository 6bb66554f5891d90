#include "domain/calls/session_notice.h"

#include "base/clock.h"
#include "domain/messaging/notification.h"
#include "json/json_build.h"

#define BOTH (CHANNEL_IN_APP | CHANNEL_PUSH)

enum rc
session_notice_name(struct db *db, struct arena *a, int64_t user,
    const char **name)
{
	struct stmt *q = stmt_get(db, Q_SESSION_NAME);

	stmt_int(q, ":user", user);
	*name = stmt_row(q) ? stmt_col_text(q, 0, a) : NULL;
	return stmt_done(q);
}

static enum rc
send_notice(struct db *db, struct arena *a, int64_t user,
    enum notice_kind kind, const char *template,
    const struct template_var *vars, const struct json_member *data,
    unsigned channels, int64_t ttl, int64_t now)
{
	const struct notice n = { .kind = kind, .template = template,
		.vars = vars, .data = json_build_object(a, data),
		.channels = channels, .ttl = ttl };
	bool known;

	return notification_send(db, a, user, &n, now, &known);
}

enum rc
session_notice_started(struct db *db, struct arena *a, const struct session *s,
    const char *customer)
{
	bool direct = s->call == INT64_MIN;
	const char *listener;
	enum rc rc = session_notice_name(db, a, s->listener, &listener);

	if (rc == RC_OK)
		rc = send_notice(db, a, s->listener, NOTICE_CALLS,
		    "session_started", TEXT_VARS({ "name", customer }),
		    JSON_OBJECT(JSON_STR("type", "session.started"),
		    JSON_INT("session_id", s->id),
		    JSON_INT("customer_id", s->customer)),
		    direct ? BOTH : CHANNEL_IN_APP, MINUTE, s->started_at);
	return rc == RC_OK ? send_notice(db, a, s->customer, NOTICE_CALLS,
	    "session_running", TEXT_VARS({ "name", listener }),
	    JSON_OBJECT(JSON_STR("type", "session.started"),
	    JSON_INT("session_id", s->id),
	    JSON_INT("listener_id", s->listener)), CHANNEL_IN_APP, MINUTE,
	    s->started_at) : rc;
}

enum rc
session_notice_ended(struct db *db, struct arena *a, const struct session *s,
    int64_t now)
{
	const char *duration = text_duration(a, s->bill.length_ms);
	int64_t seconds = s->bill.length_ms / SECOND;
	const char *customer, *listener;
	enum rc rc = session_notice_name(db, a, s->customer, &customer);

	if (rc == RC_OK)
		rc = session_notice_name(db, a, s->listener, &listener);
	if (rc == RC_OK)
		rc = send_notice(db, a, s->customer, NOTICE_CALLS,
		    "session_ended", TEXT_VARS({ "name", listener },
		    { "duration", duration },
		    { "amount", text_amount(a, s->bill.cost) }),
		    JSON_OBJECT(JSON_STR("type", "session.ended"),
		    JSON_INT("session_id", s->id),
		    JSON_INT("duration_seconds", seconds),
		    JSON_INT("cost", s->bill.cost)), BOTH, HOUR, now);
	return rc == RC_OK ? send_notice(db, a, s->listener, NOTICE_CALLS,
	    "session_earned", TEXT_VARS({ "name", customer },
	    { "duration", duration },
	    { "amount", text_amount(a, s->bill.earned) }),
	    JSON_OBJECT(JSON_STR("type", "session.ended"),
	    JSON_INT("session_id", s->id),
	    JSON_INT("duration_seconds", seconds),
	    JSON_INT("earned", s->bill.earned)), BOTH, HOUR, now) : rc;
}

enum rc
session_notice_low(struct db *db, struct arena *a, const struct session *s,
    int64_t left, int64_t now)
{
	return send_notice(db, a, s->customer, NOTICE_ACCOUNT, "low_balance",
	    TEXT_VARS({ "duration", text_duration(a, left) }),
	    JSON_OBJECT(JSON_STR("type", "session.low_balance"),
	    JSON_INT("session_id", s->id),
	    JSON_INT("seconds_left", left / SECOND)), BOTH, left, now);
}
