/*
 * sandbox: a simulated payment provider for tests; no real money moves.
 *
 * A button on its page (fcgi/routes/money/checkout_routes.c) queues webhooks.
 * earmark-jobs signs them and sends them to the public URL, as a real provider
 * does, until they are accepted, for at most a day.
 */
#ifndef DOMAIN_MONEY_SANDBOX_H
#define DOMAIN_MONEY_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/money/payment.h"

enum sandbox_what {
	SANDBOX_PAID = 1, SANDBOX_FAILED, SANDBOX_REFUNDED, SANDBOX_DISPUTED,
	SANDBOX_WON
};
/* TWICE: two events of one payment; LATE: the event is sent after 30 s. */
enum sandbox_button {
	SANDBOX_BUTTON_PAY, SANDBOX_BUTTON_DECLINE, SANDBOX_BUTTON_TWICE,
	    SANDBOX_BUTTON_LATE
};
extern const char *const sandbox_buttons[];	/* "pay", ...; NULL ends */

#define SANDBOX_LATE	(30 * SECOND)

/*
 * Queues the webhooks of a button on a payment's page. Returns RC_LIMITED if
 * the payment has the maximum number of webhooks.
 */
enum rc	sandbox_press(struct db *, int64_t payment, int64_t amount,
	    enum sandbox_button, int64_t now, struct err *);

/* A webhook to send, with the present data of its payment. */
struct sandbox_webhook {
	int64_t id, payment;
	const char *event_id;
	enum sandbox_what what;
	int64_t amount, attempts, created_at;
	const char *currency, *ref;
};
/* Checks, in a read transaction, whether a webhook is due. */
enum rc	sandbox_due(struct db *, int64_t now, bool *any);
/*
 * Claims up to `max` webhooks that are due, oldest first, for `lease` ms. The
 * list is in the arena.
 */
enum rc	sandbox_claim(struct db *, struct arena *, int64_t now, int64_t lease,
	    size_t max, struct sandbox_webhook **, size_t *n);
/* Marks a webhook as delivered. */
enum rc	sandbox_sent(struct db *, const struct sandbox_webhook *);
/*
 * Records a failed delivery. It is retried after 2, 4, 8 s ... 10 min, and
 * given up after a day.
 */
enum rc	sandbox_failed(struct db *, const struct sandbox_webhook *,
	    const char *why, int64_t now);

#endif
