/*
 * stripe: payment intents and refunds of Stripe, https://docs.stripe.com/api.
 * Requests are forms, responses are JSON. Each POST has an Idempotency-Key, so
 * it can be repeated if the response was lost.
 */
#include "base/str.h"
#include "json/json_decode.h"
#include "providers/provider_internal.h"

#define FORM		"application/x-www-form-urlencoded"
#define FORM_BYTES	8192

/* A payment intent or a refund. */
struct object {
	const char *id, *object, *currency, *secret, *charge, *status,
	    *metadata;
	int64_t amount, received;
};

#define REF(key, member) \
	{ .name = key, .type = F_STR, .min = 1, .max = 255, \
	    .off = offsetof(struct object, member) }

static const struct field object_fields[] = {
	{ .name = "id", .type = F_STR, .flags = FIELD_REQUIRED, .min = 1,
	    .max = 255, .off = offsetof(struct object, id) },
	{ .name = "object", .type = F_STR, .flags = FIELD_REQUIRED, .min = 1,
	    .max = 100, .off = offsetof(struct object, object) },
	{ .name = "amount", .type = F_INT, .flags = FIELD_REQUIRED,
	    .max = INT64_MAX, .off = offsetof(struct object, amount) },
	{ .name = "amount_received", .type = F_INT, .max = INT64_MAX,
	    .off = offsetof(struct object, received) },
	{ .name = "currency", .type = F_STR, .flags = FIELD_REQUIRED,
	    .min = 3, .max = 3, .off = offsetof(struct object, currency) },
	REF("client_secret", secret),
	REF("latest_charge", charge),
	{ .name = "status", .type = F_STR, .flags = FIELD_REQUIRED, .min = 1,
	    .max = 100, .off = offsetof(struct object, status) },
	{ .name = "metadata", .type = F_JSON,
	    .off = offsetof(struct object, metadata) },
};
static const struct field_table object_table =
    FIELD_TABLE(object_fields, struct object);

struct list { struct objv data; };

static const struct field list_fields[] = {
	{ .name = "data", .type = F_OBJV, .flags = FIELD_REQUIRED, .max = 100,
	    .off = offsetof(struct list, data), .sub = &object_table },
};
static const struct field_table list_table =
    FIELD_TABLE(list_fields, struct list);

/* Appends a form field. Brackets in its name are not encoded. */
static void
form_str(struct arena *a, struct buf *form, const char *name, const char *value)
{
	if (form->len > 0)
		buf_ch(form, '&');
	buf_str(form, name);
	buf_ch(form, '=');
	buf_str(form, http_escape(a, value));
}

static void
form_int(struct arena *a, struct buf *form, const char *name, int64_t value)
{
	form_str(a, form, name, arena_fmt(a, "%lld", (long long)value));
}

/* Requests one object and parses it. If form is NULL, the method is GET. */
static enum rc
request_object(struct provider_request *k, const char *path,
    const struct buf *form, const char *key, const char *object,
    struct object **out)
{
	struct http_request r = { .method = form == NULL ? "GET" : "POST",
		.bearer = provider_keys(PROVIDER_STRIPE)->key };
	const char *headers[3] = { "Stripe-Version: " STRIPE_VERSION };
	const char *body;
	enum rc rc;

	if (form != NULL) {
		r.content_type = FORM;
		r.body = form->data;
		r.body_len = form->len;
	}
	if (key != NULL)
		headers[1] = arena_fmt(k->arena, "Idempotency-Key: %s",
		    http_escape(k->arena, key));
	r.headers = headers;
	*out = field_new(k->arena, &object_table);
	if ((rc = provider_request_send(k, path, &r, &body)) != RC_OK)
		return rc;
	if (!provider_json_read(k->arena, &object_table, *out, body) ||
	    !str_eq((*out)->object, object))
		return provider_request_invalid(k, path);
	return RC_OK;
}

enum rc
stripe_open(struct arena *a, const struct conf *c,
    const struct provider_order *o, struct provider_opened *out,
    struct err *err)
{
	static const char path[] = "/v1/payment_intents";
	char *low = arena_str(a, o->currency);
	struct object *intent;
	struct provider_request k;
	struct buf form;
	enum rc rc;

	str_lower(low);
	provider_request_begin(&k, a, c, PROVIDER_STRIPE, err);
	buf_init(&form, FORM_BYTES);
	form_int(a, &form, "amount", o->amount);
	form_str(a, &form, "currency", low);
	form_str(a, &form, "automatic_payment_methods[enabled]", "true");
	form_int(a, &form, "metadata[" NOTE_PAYMENT "]", o->payment);
	form_int(a, &form, "metadata[" NOTE_USER "]", o->user);
	rc = request_object(&k, path, &form, o->idempotency_key,
	    "payment_intent", &intent);
	buf_free(&form);
	if (rc != RC_OK)
		return rc;
	if (intent->amount != o->amount || !str_eq(intent->currency, low) ||
	    intent->secret == NULL)
		return provider_request_invalid(&k, path);
	out->ref = intent->id;
	out->secret = intent->secret;
	return RC_OK;
}

enum rc
stripe_ask(struct arena *a, const struct conf *c, const char *ref,
    struct provider_state *out, struct err *err)
{
	const char *path = arena_fmt(a, "/v1/payment_intents/%s",
	    http_escape(a, ref));
	struct object *intent;
	struct provider_request k;
	enum rc rc;

	provider_request_begin(&k, a, c, PROVIDER_STRIPE, err);
	rc = request_object(&k, path, NULL, NULL, "payment_intent", &intent);
	if (rc != RC_OK)
		return rc;
	if (!str_eq(intent->id, ref))
		return provider_request_invalid(&k, path);
	if (str_eq(intent->status, "succeeded"))
		*out = (struct provider_state){ STATE_PAID, intent->charge,
			intent->received, intent->currency };
	else if (str_eq(intent->status, "canceled"))
		out->state = STATE_ENDED;
	return RC_OK;
}

/* Returns whether the refund is pending or complete. */
static bool
refund_stands(const struct object *refund)
{
	return !str_eq(refund->status, "failed") &&
	    !str_eq(refund->status, "canceled");
}

/*
 * Looks for an existing refund after an error. Returns RC_NOT_FOUND if it does
 * not exist, and RC_UPSTREAM if that is unknown.
 */
static enum rc
find_refund(struct provider_request *k, const struct provider_refund *r,
    struct object **out)
{
	const char *path = arena_fmt(k->arena, "/v1/refunds?%s=%s&limit=100",
	    r->ref != NULL ? "payment_intent" : "charge",
	    http_escape(k->arena, r->ref != NULL ? r->ref : r->paid_ref));
	const char *headers[2] = { "Stripe-Version: " STRIPE_VERSION };
	struct http_request get = { .method = "GET", .headers = headers,
		.bearer = provider_keys(PROVIDER_STRIPE)->key };
	struct list *list = field_new(k->arena, &list_table);
	const char *body;
	struct object *t;
	struct err *err = arena_alloc(k->arena, sizeof(*err));
	size_t i;

	err_init(err, k->arena);
	k->err = err;			/* keep the first error */
	if (provider_request_send(k, path, &get, &body) != RC_OK ||
	    !provider_json_read(k->arena, &list_table, list, body))
		return RC_UPSTREAM;
	for (i = 0; i < list->data.n; i++) {
		t = (struct object *)list->data.v + i;
		if (refund_stands(t) && provider_json_notes(k->arena,
		    t->metadata).number == r->number &&
		    t->amount == r->amount) {
			*out = t;
			return RC_OK;
		}
	}
	return RC_NOT_FOUND;
}

enum rc
stripe_refund(struct arena *a, const struct conf *c,
    const struct provider_refund *r, const char **ref, bool *done,
    struct err *err)
{
	struct object *refund;
	enum rc rc, found;
	struct provider_request k;
	struct buf form;

	provider_request_begin(&k, a, c, PROVIDER_STRIPE, err);
	buf_init(&form, FORM_BYTES);
	if (r->ref != NULL)
		form_str(a, &form, "payment_intent", r->ref);
	else
		form_str(a, &form, "charge", r->paid_ref);
	form_int(a, &form, "amount", r->amount);
	form_int(a, &form, "metadata[" NOTE_RETURN "]", r->number);
	rc = request_object(&k, "/v1/refunds", &form, r->idempotency_key,
	    "refund", &refund);
	buf_free(&form);
	found = rc == RC_OK ? RC_OK : find_refund(&k, r, &refund);
	if (found == RC_NOT_FOUND)
		return rc;
	if (found != RC_OK)
		return err_set(err, found, "provider_unavailable", NULL);
	err_init(err, err->arena);
	if (!refund_stands(refund))
		return err_set(err, RC_BAD, "provider_refused",
		    "The provider rejected the request: refund %s",
		    refund->status);
	*ref = refund->id;
	*done = str_eq(refund->status, "succeeded");
	return RC_OK;
}
