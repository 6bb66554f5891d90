#include "cmd/jobs/webhook_dispatcher.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "cmd/jobs/webhook_url.h"
#include "domain/money/sandbox.h"
#include "net/http.h"
#include "providers/provider.h"

#define TIMEOUT	(10 * SECOND)
/* Claims one webhook at a time, so a failed process does not block others. */
#define BATCH	1
#define LEASE	(BATCH * TIMEOUT + 5 * SECOND)
#define MEMORY	(16 << 20)
#define BODY	(64 << 10)

static const enum webhook_event_kind kinds[] = {
	[SANDBOX_PAID] = WEBHOOK_PAID, [SANDBOX_FAILED] = WEBHOOK_FAILED,
	[SANDBOX_REFUNDED] = WEBHOOK_REFUND,
	[SANDBOX_DISPUTED] = WEBHOOK_DISPUTE,
	[SANDBOX_WON] = WEBHOOK_DISPUTE_WON,
};

/*
 * Sends a webhook. Returns NULL on success, or the reason of the failure,
 * allocated in the arena.
 */
static const char *
send_one(struct arena *a, const struct conf *conf,
    const struct sandbox_webhook *h,
    int64_t now)
{
	struct webhook_order order = { .kind = kinds[h->what],
		.event_id = h->event_id, .payment = h->payment,
		.amount = h->amount, .currency = h->currency, .ref = h->ref,
		.now = now };
	struct http_request ask = { .method = "POST",
		.url = webhook_url(a, conf, PROVIDER_SANDBOX),
		.content_type = "application/json", .timeout_ms = TIMEOUT };
	struct http_answer answer;
	const char *headers[4];
	struct buf body;

	buf_init(&body, BODY);
	webhook_write(a, conf, PROVIDER_SANDBOX, &order, &body, headers);
	ask.headers = headers;
	ask.body = body.data;
	ask.body_len = body.len;
	http_ask(a, &ask, &answer);
	buf_free(&body);
	if (answer.status == 0)
		return answer.error;
	if (answer.status / 100 == 2)
		return NULL;
	return arena_fmt(a, "status %d", answer.status);
}

static enum rc
settle_webhook(struct db *db, const struct sandbox_webhook *h, const char *why,
    int64_t now)
{
	enum rc rc = db_write(db);

	if (rc != RC_OK)
		return rc;
	rc = why == NULL ? sandbox_sent(db, h) :
	    sandbox_failed(db, h, why, now);
	if (rc == RC_OK)
		return db_commit(db);
	db_rollback(db);
	return rc;
}

static enum rc
claim_webhook(struct db *db, struct arena *a, int64_t now,
    struct sandbox_webhook **list, size_t *n)
{
	bool any;
	enum rc rc;

	*n = 0;
	rc = db_read(db);
	if (rc != RC_OK)
		return rc;
	rc = sandbox_due(db, now, &any);
	db_read_end(db);
	if (rc != RC_OK || !any)
		return rc;
	rc = db_write(db);
	if (rc != RC_OK)
		return rc;
	rc = sandbox_claim(db, a, now, LEASE, BATCH, list, n);
	if (rc == RC_OK)
		return db_commit(db);
	db_rollback(db);
	return rc;
}

enum rc
webhook_dispatcher_run(struct db *db, const struct conf *conf,
    int64_t (*now)(void), const volatile sig_atomic_t *stop,
    struct message_dispatcher_sum *sum)
{
	struct sandbox_webhook *list;
	const char *why;
	struct arena a;
	size_t n, i;
	enum rc rc;

	arena_init(&a, MEMORY);
	do {
		arena_reset(&a);
		rc = claim_webhook(db, &a, now(), &list, &n);
		for (i = 0; i < n && rc == RC_OK && !*stop; i++) {
			why = send_one(&a, conf, &list[i], now());
			if (why != NULL)
				log_warn("sandbox", "a webhook of payment %lld "
				    "was not accepted: %s",
				    (long long)list[i].payment, why);
			rc = settle_webhook(db, &list[i], why, now());
			sum->sent += why == NULL;
			sum->failed += why != NULL;
		}
	} while (n == BATCH && rc == RC_OK && !*stop);
	arena_free(&a);
	return rc;
}
