/*
 * provider_internal: what the files about payment providers share. Private to
 * lib/net.
 */
#ifndef PROVIDERS_PROVIDER_INTERNAL_H
#define PROVIDERS_PROVIDER_INTERNAL_H

#include "crypto/secret_file.h"
#include "net/http.h"
#include "providers/provider.h"

/* The version of Stripe's interface that we speak, whatever the account's is. */
#define STRIPE_VERSION	"2026-10-28.endive"
/* How our numbers are called in a provider's notes or metadata. */
#define NOTE_PAYMENT	"earmark_payment"
#define NOTE_USER	"earmark_user"
#define NOTE_RETURN	"earmark_return"

#define SECRETS		4	/* of a provider's webhooks, at once */

struct provider_keys {
	bool on;
	char key[SECRET_FILE_BYTES];		/* of its interface */
	size_t n;
	char hooks[SECRETS][SECRET_FILE_BYTES];
};
/* The sandbox has none. */
const struct provider_keys	*provider_keys(enum provider);

/*
 * Read a JSON object of theirs into a struct made by field_new(); members that
 * the table does not name do not matter. False: it is none, or one of its
 * fields is not as the table says. text may be NULL.
 */
bool		provider_json_read(struct arena *, const struct field_table *,
		    void *obj, const char *text);
/* A text of theirs to show: without control characters, not too long. */
const char	*provider_json_text(struct arena *, const char *);
/* Our numbers in their notes or metadata ({}, or [] where it is empty). */
struct provider_notes {
	int64_t payment, number;	/* 0: not said */
};
struct provider_notes	 provider_json_notes(struct arena *, const char *json);

/* The kinds of webhook; what webhook.c calls. */
bool	webhook_stripe_read(struct arena *, const char *body,
	    struct webhook_event *);
bool	webhook_razorpay_read(struct arena *, const char *body,
	    struct webhook_event *);
bool	webhook_sandbox_read(struct arena *, const char *body,
	    struct webhook_event *);
void	webhook_stripe_write(const struct webhook_order *, struct buf *);
void	webhook_razorpay_write(const struct webhook_order *, struct buf *);
void	webhook_sandbox_write(const struct webhook_order *, struct buf *);

/*
 * asking: requests to a provider that together have payments.timeout seconds.
 */
struct provider_request {
	struct arena *arena;
	const struct conf *conf;
	enum provider provider;
	struct err *err;
	int64_t until;			/* by clock_mono() */
};
void	provider_request_begin(struct provider_request *, struct arena *,
	    const struct conf *, enum provider, struct err *);
/*
 * One of them; path begins with '/', is escaped and may have a query. The
 * answer's body where that is RC_OK; else as provider_open() says, and logged.
 */
enum rc	provider_request_send(struct provider_request *, const char *path,
	    struct http_request *, const char **body);
/* RC_UPSTREAM for an answer that makes no sense. */
enum rc	provider_request_invalid(struct provider_request *, const char *path);

/* The drivers; what provider.c calls. */
enum rc	stripe_open(struct arena *, const struct conf *,
	    const struct provider_order *, struct provider_opened *,
	    struct err *);
enum rc	stripe_ask(struct arena *, const struct conf *, const char *ref,
	    struct provider_state *, struct err *);
enum rc	stripe_refund(struct arena *, const struct conf *,
	    const struct provider_refund *, const char **ref, bool *done,
	    struct err *);
enum rc	razorpay_open(struct arena *, const struct conf *,
	    const struct provider_order *, struct provider_opened *,
	    struct err *);
enum rc	razorpay_ask(struct arena *, const struct conf *, const char *ref,
	    struct provider_state *, struct err *);
enum rc	razorpay_refund(struct arena *, const struct conf *,
	    const struct provider_refund *, const char **ref, bool *done,
	    struct err *);

#endif
