#include "domain/money/payment_notice.h"

#include "base/clock.h"
#include "domain/messaging/notification.h"
#include "json/json_build.h"

/* Sends a receipt by all channels but SMS. */
static enum rc
send_receipt(struct db *db, struct arena *a, int64_t user,
    const char *template, const char *data, int64_t amount, int64_t now)
{
	const struct notice n = { .kind = NOTICE_ACCOUNT,
		.template = template,
		.vars = TEXT_VARS({ "amount", text_amount(a, amount) }),
		.data = data, .ttl = DAY, .channels = CHANNEL_IN_APP |
		    CHANNEL_PUSH | CHANNEL_EMAIL };
	bool known;

	return notification_send(db, a, user, &n, now, &known);
}

enum rc
payment_notice_credited(struct db *db, struct arena *a, int64_t user,
    int64_t payment, int64_t amount, int64_t now)
{
	return send_receipt(db, a, user, "topup_credited",
	    json_build_object(a, JSON_OBJECT(
	    JSON_STR("type", "topup.credited"), JSON_INT("payment_id", payment),
	    JSON_INT("amount", amount))), amount, now);
}

enum rc
payment_notice_refunded(struct db *db, struct arena *a, int64_t user,
    int64_t payment, int64_t amount, int64_t now)
{
	return send_receipt(db, a, user, "refund",
	    json_build_object(a, JSON_OBJECT(
	    JSON_STR("type", "payment.refunded"),
	    JSON_INT("payment_id", payment), JSON_INT("amount", amount))),
	    amount, now);
}

enum rc
payment_notice_session(struct db *db, struct arena *a, int64_t user,
    int64_t session, int64_t amount, int64_t now)
{
	return send_receipt(db, a, user, "refund",
	    json_build_object(a, JSON_OBJECT(
	    JSON_STR("type", "session.refunded"),
	    JSON_INT("session_id", session), JSON_INT("amount", amount))),
	    amount, now);
}
