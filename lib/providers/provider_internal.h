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
	char key[SECRET_BYTES];		/* of its interface */
	size_t n;
	char hooks[SECRETS][SECRET_BYTES];
};
/* The sandbox has none. */
const struct provider_keys	*provider_keys(enum provider);

/*
 * Read a JSON object of theirs into a struct made by field_new(); members that
 * the table does not name do not matter. False: it is none, or one of its
 * fields is not as the table says. text may be NULL.
 */
bool		theirs_read(struct arena *, const struct field_table *,
		    void *obj, const char *text);
/* A text of theirs to show: without control characters, not too long. */
const char	*theirs_text(struct arena *, const char *);
/* Our numbers in their notes or metadata ({}, or [] where it is empty). */
struct notes {
	int64_t payment, number;	/* 0: not said */
};
struct notes	 theirs_notes(struct arena *, const char *json);

/* The kinds of webhook; what webhook.c calls. */
bool	hook_stripe_read(struct arena *, const char *body, struct hook_event *);
bool	hook_razorpay_read(struct arena *, const char *body,
	    struct hook_event *);
bool	hook_sandbox_read(struct arena *, const char *body, struct hook_event *);
void	hook_stripe_write(const struct hook_order *, struct buf *);
void	hook_razorpay_write(const struct hook_order *, struct buf *);
void	hook_sandbox_write(const struct hook_order *, struct buf *);

/*
 * asking: requests to a provider that together have payments.timeout seconds.
 */
struct asking {
	struct arena *arena;
	const struct conf *conf;
	enum provider provider;
	struct err *err;
	int64_t until;			/* by clock_mono() */
};
void	asking_begin(struct asking *, struct arena *, const struct conf *,
	    enum provider, struct err *);
/*
 * One of them; path begins with '/', is escaped and may have a query. The
 * answer's body where that is RC_OK; else as provider_open() says, and logged.
 */
enum rc	asking_send(struct asking *, const char *path, struct http_request *,
	    const char **body);
/* RC_UPSTREAM for an answer that makes no sense. */
enum rc	asking_nonsense(struct asking *, const char *path);

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
