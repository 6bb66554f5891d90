/*
 * sandbox: the provider that is ours, for trials: nobody pays anything.
 *
 * Somebody presses a button on its page (fcgi/routes/money/checkout_routes.c), which leaves webhooks to
 * be sent; earmark-jobs sends them, signed, through the public path, as a real
 * provider would: until they are taken, or for a day.
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
/* The buttons; twice: two events of one payment; late: half a minute later. */
enum sandbox_button {
	SANDBOX_BUTTON_PAY, SANDBOX_BUTTON_DECLINE, SANDBOX_BUTTON_TWICE,
	    SANDBOX_BUTTON_LATE
};
extern const char *const sandbox_buttons[];	/* "pay", ...; NULL ends */

#define SANDBOX_LATE	(30 * SECOND)

/*
 * A button of a payment's page was pressed. RC_LIMITED: so often that it is
 * nobody's trial.
 */
enum rc	sandbox_press(struct db *, int64_t payment, int64_t amount,
	    enum sandbox_button, int64_t now, struct err *);

/* A webhook to be sent, with what its payment says now. */
struct sandbox_hook {
	int64_t id, payment;
	const char *event_id;
	enum sandbox_what what;
	int64_t amount, attempts, created_at;
	const char *currency, *ref;
};
/* Is any due? For a read transaction. */
enum rc	sandbox_due(struct db *, int64_t now, bool *any);
/*
 * Take those that are due, oldest first; nobody else gets them for `lease` ms.
 * At most `max`.
 */
enum rc	sandbox_claim(struct db *, struct arena *, int64_t now, int64_t lease,
	    size_t max, struct sandbox_hook **, size_t *n);
enum rc	sandbox_sent(struct db *, const struct sandbox_hook *);
/* It was not taken: again after 2, 4, 8 s ... 10 min, for a day. */
enum rc	sandbox_failed(struct db *, const struct sandbox_hook *,
	    const char *why, int64_t now);

#endif
