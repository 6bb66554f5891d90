/*
 * provider_internal: definitions shared by the payment drivers. Private to
 * lib/providers.
 */
#ifndef PROVIDERS_PROVIDER_INTERNAL_H
#define PROVIDERS_PROVIDER_INTERNAL_H

#include "crypto/secret_file.h"
#include "net/http.h"
#include "providers/provider.h"

/* API version of the requests. The version of the account does not matter. */
#define STRIPE_VERSION	"2026-10-28.endive"
/* Names of this program's IDs in the notes or metadata of a provider. */
#define NOTE_PAYMENT	"earmark_payment"
#define NOTE_USER	"earmark_user"
#define NOTE_RETURN	"earmark_return"

#define SECRETS		4	/* maximum number of webhook secrets */

struct provider_keys {
	bool on;
	char key[SECRET_FILE_BYTES];		/* secret key of the API */
	size_t n;
	char hooks[SECRETS][SECRET_FILE_BYTES];
};
/* Returns the keys of a provider. The sandbox has none. */
const struct provider_keys	*provider_keys(enum provider);

/*
 * Parses a JSON object of a provider into a struct made by field_new(). Members
 * that are not in the table are ignored. Returns false if text is NULL or not
 * an object, or if a field is invalid. If memory cannot be allocated, the
 * process ends.
 */
bool		provider_json_read(struct arena *, const struct field_table *,
		    void *obj, const char *text);
/*
 * Returns a text of a provider for display: at most 200 bytes, without control
 * characters.
 */
const char	*provider_json_text(struct arena *, const char *);
/*
 * This program's IDs in the notes or metadata of a provider. json is an object,
 * or an empty array (Razorpay).
 */
struct provider_notes {
	int64_t payment, number;	/* 0: not given */
};
struct provider_notes	 provider_json_notes(struct arena *, const char *json);

/* The webhook formats of the providers, for webhook.c. */
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
 * A series of requests to a provider that must finish within payments.timeout
 * seconds.
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
 * Sends one request. path begins with '/', is percent-encoded and may have a
 * query. Returns RC_OK and the body of the response. Otherwise logs the error
 * and returns one of provider_open().
 */
enum rc	provider_request_send(struct provider_request *, const char *path,
	    struct http_request *, const char **body);
/* Logs an invalid response and returns RC_UPSTREAM. */
enum rc	provider_request_invalid(struct provider_request *, const char *path);

/* The drivers, for provider.c. */
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
