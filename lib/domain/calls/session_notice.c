#include "domain/calls/session_notice.h"

#include "base/clock.h"
#include "domain/common/event.h"
#include "domain/listeners/user_block.h"
#include "domain/messaging/notification.h"
#include "domain/money/currency.h"
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

/* ---- start */

/* member: of the other party. */
static enum rc
send_started(struct db *db, struct arena *a, const struct session *s,
    int64_t user, const char *template, const char *name, const char *member,
    int64_t other, unsigned channels)
{
	const char *currency;
	enum rc rc = currency_get(db, a, &currency);

	return rc == RC_OK ? send_notice(db, a, user, NOTICE_CALLS, template,
	    TEXT_VARS({ "name", name }),
	    JSON_OBJECT(JSON_STR("type", "session.started"),
	    JSON_INT("session_id", s->id), JSON_INT(member, other),
	    JSON_STR("kind", listener_kind_names[s->kind]),
	    JSON_INT("rate_per_minute", s->tariff.rate),
	    JSON_STR("currency", currency)), channels, MINUTE,
	    s->started_at) : rc;
}

enum rc
session_notice_started(struct db *db, struct arena *a, const struct session *s,
    const char *customer, bool push)
{
	const char *listener;
	enum rc rc = session_notice_name(db, a, s->listener, &listener);

	if (rc == RC_OK)
		rc = send_started(db, a, s, s->listener, "session_started",
		    customer, "customer_id", s->customer,
		    push ? BOTH : CHANNEL_IN_APP);
	return rc == RC_OK ? send_started(db, a, s, s->customer,
	    "session_running", listener, "listener_id", s->listener,
	    CHANNEL_IN_APP) : rc;
}

/* ---- end */

/* Inserts the event of a party. member: of the amount. */
static enum rc
add_event(struct db *db, const struct session *s, int64_t user,
    const char *member, int64_t amount, const char *currency, int64_t now)
{
	int64_t ms = s->bill.length_ms;

	return event_add_object(db, user, EVENT_SESSION_ENDED, now,
	    JSON_OBJECT(JSON_INT("session_id", s->id),
	    JSON_INT("duration_seconds", ms / SECOND),
	    JSON_INT("duration_ms", ms), JSON_INT(member, amount),
	    JSON_STR("currency", currency),
	    JSON_STR("cause", session_cause_names[s->cause - 1])));
}

/* Sends the notification of a party about a session with `other`. */
static enum rc
send_ended(struct db *db, struct arena *a, const struct session *s,
    int64_t user, int64_t other, const char *template, const char *member,
    int64_t amount, const char *currency, unsigned channels, int64_t now)
{
	const char *name;
	enum rc rc = session_notice_name(db, a, other, &name);

	return rc == RC_OK ? send_notice(db, a, user, NOTICE_CALLS, template,
	    TEXT_VARS({ "name", name },
	    { "duration", text_duration(a, s->bill.length_ms) },
	    { "amount", text_amount(a, amount) }),
	    JSON_OBJECT(JSON_STR("type", "session.ended"),
	    JSON_INT("session_id", s->id),
	    JSON_STR("kind", listener_kind_names[s->kind]),
	    JSON_INT("duration_ms", s->bill.length_ms),
	    JSON_INT(member, amount), JSON_STR("currency", currency)),
	    channels, HOUR, now) : rc;
}

enum rc
session_notice_ended(struct db *db, struct arena *a, const struct session *s,
    int64_t now)
{
	const char *currency;
	bool blocked = false;
	enum rc rc = currency_get(db, a, &currency);

	if (rc == RC_OK)
		rc = add_event(db, s, s->customer, "cost", s->bill.cost,
		    currency, now);
	if (rc == RC_OK)
		rc = add_event(db, s, s->listener, "earned", s->bill.earned,
		    currency, now);
	/* Users who blocked each other get no notifications of each other. */
	if (rc == RC_OK)
		rc = user_block_between(db, s->customer, s->listener,
		    &blocked);
	if (rc != RC_OK || blocked)
		return rc;
	rc = send_ended(db, a, s, s->customer, s->listener, "session_ended",
	    "cost", s->bill.cost, currency, BOTH, now);
	return rc == RC_OK ? send_ended(db, a, s, s->listener, s->customer,
	    "session_earned", "earnings", s->bill.earned, currency,
	    s->bill.length_ms > 0 ? BOTH : CHANNEL_IN_APP, now) : rc;
}

/* ---- low balance */

enum rc
session_notice_low(struct db *db, struct arena *a, const struct session *s,
    int64_t left, int64_t now)
{
	const struct json_member *data = JSON_OBJECT(
	    JSON_INT("session_id", s->id),
	    JSON_INT("seconds_left", left / SECOND));
	const char *currency;
	enum rc rc = event_add_object(db, s->customer,
	    EVENT_SESSION_LOW_BALANCE, now, data);

	if (rc == RC_OK)
		rc = event_add_object(db, s->listener,
		    EVENT_SESSION_LOW_BALANCE, now, data);
	if (rc == RC_OK)
		rc = currency_get(db, a, &currency);
	return rc == RC_OK ? send_notice(db, a, s->customer, NOTICE_ACCOUNT,
	    "low_balance", TEXT_VARS({ "duration", text_duration(a, left) }),
	    JSON_OBJECT(JSON_STR("type", "session.low_balance"),
	    JSON_INT("session_id", s->id),
	    JSON_INT("seconds_left", left / SECOND),
	    JSON_INT("rate_per_minute", s->tariff.rate),
	    JSON_STR("currency", currency)), BOTH, left, now) : rc;
}
