/* session_notice: notifies the parties of the end of a session. */
#include "domain/calls/session_internal.h"
#include "domain/common/event.h"
#include "domain/listeners/user_block.h"
#include "domain/messaging/notification.h"
#include "domain/money/currency.h"
#include "json/json_build.h"

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

/* Sends the notification of a party. */
static enum rc
send_notice(struct db *db, struct arena *a, const struct session *s,
    int64_t user, const char *template, const char *member, int64_t amount,
    const char *currency, int64_t now)
{
	const struct notice n = { .kind = NOTICE_CALLS, .template = template,
		.title = "Session ended", .body = "Your session ended",
		.data = json_build_object(a, JSON_OBJECT(
		    JSON_STR("type", "session.ended"),
		    JSON_INT("session_id", s->id),
		    JSON_INT("duration_ms", s->bill.length_ms),
		    JSON_INT(member, amount),
		    JSON_STR("currency", currency))),
		.channels = CHANNEL_IN_APP | CHANNEL_PUSH, .ttl = HOUR };
	bool known;

	return notification_send(db, a, user, &n, now, &known);
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
	rc = send_notice(db, a, s, s->customer, "session_ended", "cost",
	    s->bill.cost, currency, now);
	return rc == RC_OK ? send_notice(db, a, s, s->listener,
	    "session_earned", "earnings", s->bill.earned, currency, now) : rc;
}

enum rc
session_notice_low(struct db *db, struct arena *a, const struct session *s,
    int64_t left, int64_t now)
{
	const struct json_member *data = JSON_OBJECT(
	    JSON_INT("session_id", s->id),
	    JSON_INT("seconds_left", left / SECOND));
	struct notice n = { .kind = NOTICE_CALLS, .template = "low_balance",
		.title = "Low balance",
		.body = "Add money to continue the session",
		.channels = CHANNEL_IN_APP | CHANNEL_PUSH, .ttl = MINUTE };
	const char *currency;
	bool known;
	enum rc rc = event_add_object(db, s->customer,
	    EVENT_SESSION_LOW_BALANCE, now, data);

	if (rc == RC_OK)
		rc = event_add_object(db, s->listener,
		    EVENT_SESSION_LOW_BALANCE, now, data);
	if (rc == RC_OK)
		rc = currency_get(db, a, &currency);
	if (rc != RC_OK)
		return rc;
	n.data = json_build_object(a, JSON_OBJECT(
	    JSON_STR("type", "session.low_balance"),
	    JSON_INT("session_id", s->id),
	    JSON_INT("seconds_left", left / SECOND),
	    JSON_INT("rate_per_minute", s->tariff.rate),
	    JSON_STR("currency", currency)));
	return notification_send(db, a, s->customer, &n, now, &known);
}
