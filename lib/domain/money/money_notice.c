#include "domain/money/money_notice.h"

#include "base/clock.h"
#include "domain/messaging/notification.h"
#include "domain/money/currency.h"
#include "json/json_build.h"

#define TTL	DAY

/* Sends a notice with an amount and the number of what moved it. */
static enum rc
send(struct db *db, struct arena *a, int64_t user, struct notice *n,
    const char *type, const char *member, int64_t id, int64_t amount,
    int64_t now)
{
	const char *currency;
	bool known;
	enum rc rc = currency_get(db, a, &currency);

	n->kind = NOTICE_MESSAGES;
	n->channels = CHANNEL_IN_APP | CHANNEL_PUSH | CHANNEL_EMAIL;
	n->ttl = TTL;
	n->data = json_build_object(a, JSON_OBJECT(JSON_STR("type", type),
	    JSON_INT(member, id), JSON_INT("amount", amount),
	    JSON_STR("currency", currency)));
	return rc == RC_OK ? notification_send(db, a, user, n, now, &known) :
	    rc;
}

enum rc
money_notice_credited(struct db *db, struct arena *a, int64_t user,
    int64_t payment, int64_t amount, int64_t now)
{
	struct notice n = { .template = "topup_credited",
		.title = "Payment received",
		.body = "Your payment was added to your balance" };

	return send(db, a, user, &n, "topup.credited", "payment_id", payment,
	    amount, now);
}

enum rc
money_notice_refund(struct db *db, struct arena *a, int64_t user,
    enum money_notice_of of, int64_t id, int64_t amount, int64_t now)
{
	struct notice n = { .template = "refund", .title = "Refund",
		.body = of == MONEY_NOTICE_PAYMENT ?
		    "Your payment is being refunded" :
		    "The cost of a session was returned to your balance" };

	return send(db, a, user, &n, "refund", of == MONEY_NOTICE_PAYMENT ?
	    "payment_id" : "session_id", id, amount, now);
}
