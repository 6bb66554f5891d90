/*
 * provider: payment providers. The drivers are sandbox, Razorpay
 * (https://razorpay.com/docs/api) and Stripe (https://docs.stripe.com/api).
 *
 * These functions do not use the database. They translate between the terms of
 * this program and those of the provider. All amounts of this header are in the
 * minor unit of the currency; base/provider_currency.h converts them. The
 * functions of provider.c wait for the network for up to payments.timeout
 * seconds and need libcurl. The keys (provider_keys.c) and webhooks (webhook.c)
 * do not.
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

/*
 * Returns whether the provider is in payments.providers and provider_start()
 * has loaded its keys.
 */
bool		provider_on(const struct conf *, enum provider);
/* Returns the first of payments.providers, or 0 if the list is empty. */
enum provider	provider_default(const struct conf *);
/*
 * Reads the key files of the providers, once per process. Returns false if the
 * keys of a configured provider are missing or invalid. *why is then a message
 * that is valid until the next call.
 */
bool		provider_start(const struct conf *, const char **why);

/*
 * Returns whether a configured provider has keys with which real money moves,
 * rather than test keys.
 */
bool		provider_live(const struct conf *);

/*
 * Returns why a key does not look like one of the provider, or NULL. Only the
 * provider can tell whether it is valid.
 */
const char	*provider_key_doubt(const struct conf *, enum provider);

/* A payment to be created at the provider as an order or a payment intent. */
struct provider_order {
	int64_t payment;		/* payment ID: receipt, metadata */
	int64_t user;
	int64_t amount;
	const char *currency;
	const char *idempotency_key;	/* the same for each attempt of a
					 * payment */
};
struct provider_opened {
	const char *ref;		/* order_... or pi_... */
	const char *secret;		/* client_secret; NULL: none */
};
/*
 * Creates the payment at the provider. Returns RC_UPSTREAM provider_unavailable
 * if there was no response in time, for status 5xx and 429, for an invalid
 * response, or if the provider rejects the configured keys. Returns RC_BAD
 * provider_refused if the provider rejects the payment permanently. The reason
 * is logged and is in the message.
 */
enum rc	provider_open(struct arena *, const struct conf *, enum provider,
	    const struct provider_order *, struct provider_opened *,
	    struct err *);

/* State of a payment at the provider. */
struct provider_state {
	enum { STATE_OPEN, STATE_PAID, STATE_ENDED } state;
	const char *paid_ref;
	int64_t amount;			/* the amount that was paid; minor
					 * unit */
	const char *currency;
};
enum rc	provider_ask(struct arena *, const struct conf *, enum provider,
	    const char *ref, struct provider_state *, struct err *);

/*
 * Refunds a payment. *done is true if the refund is complete, and false if it
 * is pending. If the provider rejects the request, looks for an existing refund
 * first, because the response of an earlier request may have been lost. Errors
 * are those of provider_open().
 */
struct provider_refund {
	const char *ref, *paid_ref;	/* of the payment */
	int64_t amount;
	const char *currency;
	int64_t number;			/* the ID of the refund */
	const char *idempotency_key;	/* at least 10 characters of
					 * A-Za-z0-9-_ */
};
enum rc	provider_refund(struct arena *, const struct conf *, enum provider,
	    const struct provider_refund *, const char **ref, bool *done,
	    struct err *);

/* The headers of a webhook, unchanged. NULL: absent. */
struct webhook_headers {
	const char *stripe_signature;
	const char *razorpay_signature, *razorpay_event_id;
	const char *earmark_signature;	/* sandbox, in Stripe's format */
};
/*
 * Returns the provider whose signature header is present. Returns 0 if none or
 * more than one is.
 */
enum provider	webhook_provider(const struct webhook_headers *);
/*
 * Verifies the signature over the raw body in constant time. Accepts each of
 * the configured secrets, so they can be rotated. Signatures of Stripe and the
 * sandbox must be within 300 s of now. Returns false, and sets *why to
 * "bad_signature", "stale", "no_signature" or "not_configured", if the webhook
 * must be rejected.
 *
 * The rules are those of the SDKs of the vendors (npm stripe 23.1.0 and
 * razorpay 2.9.8). t/unit/webhook.c documents where this function is stricter.
 */
bool		webhook_verify(const struct conf *, enum provider,
		    const struct webhook_headers *, const void *body,
		    size_t len, int64_t now, const char **why);
/*
 * Verifies the signature that Razorpay's checkout returns to the client: hex of
 * the HMAC of "order|payment".
 */
bool		webhook_razorpay_checkout(const char *order,
		    const char *payment, const char *signature);

/*
 * The content of a webhook. It mirrors struct payment_event of
 * domain/money/payment.h.
 */
struct webhook_event {
	const char *id, *type;
	enum webhook_event_kind {
		WEBHOOK_NONE, WEBHOOK_PAID, WEBHOOK_FAILED, WEBHOOK_ENDED,
		WEBHOOK_REFUND, WEBHOOK_DISPUTE, WEBHOOK_DISPUTE_WON
	} kind;
	const char *ref, *paid_ref;
	int64_t payment;
	int64_t amount;
	const char *currency;
	const char *return_ref;
	int64_t return_no;		/* ID of the refund, if this program
					 * requested it; 0: unknown */
	int return_state;		/* 1: pending, 2: done, 3: failed */
	const char *why;
};
/*
 * Parses a verified body. Returns RC_BAD webhook_invalid if it is not an event
 * of this provider, or if its currency cannot express its amount. Events of
 * unknown types are WEBHOOK_NONE. If an event of Razorpay has no ID, its ID is
 * derived from the hash of the body.
 */
enum rc		webhook_read(struct arena *, enum provider,
		    const struct webhook_headers *, const char *body,
		    size_t len, struct webhook_event *, struct err *);

/*
 * Describes a webhook to be written as the provider would write it, for the
 * sandbox and `pay simulate`. Texts that are NULL are derived from the payment
 * ID.
 */
struct webhook_order {
	enum webhook_event_kind kind;
	const char *event_id;
	int64_t payment, amount;
	const char *currency;		/* in upper case */
	const char *ref, *paid_ref, *return_ref;
	int64_t now;
	bool twin;			/* the second event for the same
					 * change, if the provider sends two:
					 * Razorpay's order.paid */
};
/*
 * Appends the body, and sets at most 3 signed header lines ("Name: value"),
 * with NULL at the end.
 */
void		webhook_write(struct arena *, const struct conf *,
		    enum provider, const struct webhook_order *,
		    struct buf *body, const char *headers[4]);

#endif
