#include "domain/money/money_notice.h"

#include "base/clock.h"
#include "domain/messaging/notification.h"
#include "domain/money/currency.h"
#include "json/json_build.h"

/* Sends a receipt by all channels but SMS. member: `id` is its number. */
static enum rc
send(struct db *db, struct arena *a, int64_t user, const char *template,
    const char *type, const char *member, int64_t id, int64_t amount,
    int64_t now)
{
	struct notice n = { .kind = NOTICE_ACCOUNT, .template = template,
		.vars = TEXT_VARS({ "amount", text_amount(a, amount) }),
		.channels = CHANNEL_IN_APP | CHANNEL_PUSH | CHANNEL_EMAIL,
		.ttl = DAY };
	const char *currency;
	bool known;
	enum rc rc = currency_get(db, a, &currency);

	if (rc != RC_OK)
		return rc;
	n.data = json_build_object(a, JSON_OBJECT(JSON_STR("type", type),
	    JSON_INT(member, id), JSON_INT("amount", amount),
	    JSON_STR("currency", currency)));
	return notification_send(db, a, user, &n, now, &known);
}

enum rc
money_notice_credited(struct db *db, struct arena *a, int64_t user,
    int64_t payment, int64_t amount, int64_t now)
{
	return send(db, a, user, "topup_credited", "topup.credited",
	    "payment_id", payment, amount, now);
}

enum rc
money_notice_refund(struct db *db, struct arena *a, int64_t user,
    enum money_notice_of of, int64_t id, int64_t amount, int64_t now)
{
	return of == MONEY_NOTICE_PAYMENT ? send(db, a, user, "refund",
	    "refund", "payment_id", id, amount, now) : send(db, a, user,
	    "session_refund", "refund", "session_id", id, amount, now);
}
