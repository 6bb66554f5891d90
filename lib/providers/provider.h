/*
 * provider: how payment providers speak. One driver each: sandbox (ours),
 * Razorpay (https://razorpay.com/docs/api), Stripe (https://docs.stripe.com/api).
 *
 * Nothing here touches the database: it turns our words into theirs and back.
 * Asking (provider.c) waits for the network, at most payments.timeout seconds,
 * and needs libcurl; the keys (provider_keys.c) and webhooks (webhook.c) do not.
 */
#ifndef PROVIDERS_PROVIDER_H
#define PROVIDERS_PROVIDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"

/* Is it one of payments.providers, and has provider_start() its keys? */
bool		provider_on(const struct conf *, enum provider);
/* The first of payments.providers; 0 if it is empty. */
enum provider	provider_default(const struct conf *);
/*
 * Read the providers' key files, once a process. False: one that is configured
 * lacks its keys; *why says which, a sentence that lives until the next call.
 */
bool		provider_start(const struct conf *, const char **why);

/* To ask for: an order, an intent. */
struct provider_order {
	int64_t payment;		/* our number: receipt, metadata */
	int64_t user;
	int64_t amount;
	const char *currency;
	const char *idempotency_key;	/* the same for each try of a payment */
};
struct provider_opened {
	const char *ref;		/* order_..., pi_... */
	const char *secret;		/* client_secret; NULL: none */
};
/*
 * RC_OK; RC_UPSTREAM provider_unavailable: no answer in time, 5xx, 429,
 * nonsense, or our keys are wrong there; RC_BAD provider_refused: it said no
 * (the reason is logged and in the message), and would say so again. Sandbox:
 * answers at once, without a network.
 */
enum rc	provider_open(struct arena *, const struct conf *, enum provider,
	    const struct provider_order *, struct provider_opened *,
	    struct err *);

/* How a payment stands at the provider. */
struct provider_state {
	enum { STATE_OPEN, STATE_PAID, STATE_ENDED } state;
	const char *paid_ref;
	int64_t amount;			/* of what was paid */
	const char *currency;
};
enum rc	provider_ask(struct arena *, const struct conf *, enum provider,
	    const char *ref, struct provider_state *, struct err *);

/*
 * Give money back. *done: at once; else it is pending there. Where the provider
 * refuses it is looked for there first: an answer of before may have been lost.
 */
struct provider_refund {
	const char *ref, *paid_ref;	/* of the payment */
	int64_t amount;
	int64_t number;			/* ours, of the return */
	const char *idempotency_key;	/* at least 10 of A-Za-z0-9-_ */
};
enum rc	provider_refund(struct arena *, const struct conf *, enum provider,
	    const struct provider_refund *, const char **ref, bool *done,
	    struct err *);

/* The headers of a webhook, as they came; NULL: absent. */
struct webhook_headers {
	const char *stripe_signature;
	const char *razorpay_signature, *razorpay_event_id;
	const char *earmark_signature;	/* sandbox; Stripe's form */
};
/* Whose is it, by its signature's header? 0: nobody's. */
enum provider	webhook_provider(const struct webhook_headers *);
/*
 * Is it signed by the provider? Over the raw bytes, in constant time, with any
 * of the secrets configured (rotation); Stripe's and the sandbox's within 300 s
 * of now, either way. False: *why ("bad_signature", "stale", "no_signature",
 * "not_configured").
 * The rules are those of the vendors' own SDKs (npm stripe 23.1.0 and razorpay
 * 2.9.8); where ours are stricter t/unit/webhook.c says so.
 */
bool		webhook_verify(const struct conf *, enum provider,
		    const struct webhook_headers *, const void *body,
		    size_t len, int64_t now, const char **why);
/* The checkout's return at Razorpay: HMAC of "order|payment". */
bool		webhook_razorpay_checkout(const char *order,
		    const char *payment, const char *signature);

/* What a webhook says; a mirror of domain/money/payment.h's struct payment_event. */
struct webhook_event {
	const char *id, *type;
	enum webhook_event_kind {
		WEBHOOK_NONE, WEBHOOK_PAID, WEBHOOK_FAILED, WEBHOOK_ENDED,
		WEBHOOK_REFUND, WEBHOOK_DISPUTE, WEBHOOK_DISPUTE_WON
	} news;
	const char *ref, *paid_ref;
	int64_t payment;
	int64_t amount;
	const char *currency;
	const char *return_ref;
	int64_t return_no;		/* our number of a refund that we asked
					 * for; 0: not said */
	int return_state;		/* 1 pending 2 done 3 failed */
	const char *why;
};
/*
 * Read a verified body. RC_BAD webhook_invalid: it is no event of that
 * provider. An event of an unknown type is WEBHOOK_NONE. An event of Razorpay's
 * that came without an id is called by the hash of its body.
 */
enum rc		webhook_read(struct arena *, enum provider,
		    const struct webhook_headers *, const char *body,
		    size_t len, struct webhook_event *, struct err *);

/*
 * To write one, as the provider would: the sandbox, and `pay simulate`. Texts
 * that are NULL are made of the payment's number.
 */
struct webhook_order {
	enum webhook_event_kind news;
	const char *event_id;
	int64_t payment, amount;
	const char *currency;		/* ours */
	const char *ref, *paid_ref, *return_ref;
	int64_t now;
	bool twin;			/* the other event of the same news, at
					 * who has two: Razorpay's order.paid */
};
/* The body, and the header lines that sign it ("Name: value", at most 3). */
void		webhook_write(struct arena *, const struct conf *,
		    enum provider, const struct webhook_order *,
		    struct buf *body, const char *headers[4]);

#endif
