/*
 * razorpay: orders and refunds of Razorpay, https://razorpay.com/docs/api.
 * Requests and responses are JSON. Refunds have an idempotency key. Orders have
 * none; an order of an earlier request is found by its receipt.
 */
#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"
#include "json/json_decode.h"
#include "json/json_write.h"
#include "providers/provider_internal.h"

#define BODY_BYTES	4096

/* An order, a payment or a refund. */
struct object {
	const char *id, *entity, *currency, *status, *receipt, *notes;
	int64_t amount;
};

static const struct field object_fields[] = {
	{ .name = "id", .type = F_STR, .flags = FIELD_REQUIRED, .min = 1,
	    .max = 255, .off = offsetof(struct object, id) },
	{ .name = "entity", .type = F_STR, .flags = FIELD_REQUIRED, .min = 1,
	    .max = 100, .off = offsetof(struct object, entity) },
	{ .name = "amount", .type = F_INT, .flags = FIELD_REQUIRED,
	    .max = INT64_MAX, .off = offsetof(struct object, amount) },
	/* Some refunds have been observed with an empty currency. */
	{ .name = "currency", .type = F_STR, .flags = FIELD_REQUIRED,
	    .max = 3, .off = offsetof(struct object, currency) },
	{ .name = "status", .type = F_STR, .min = 1, .max = 100,
	    .off = offsetof(struct object, status) },
	{ .name = "receipt", .type = F_STR, .flags = FIELD_CTL,
	    .off = offsetof(struct object, receipt) },
	{ .name = "notes", .type = F_JSON,
	    .off = offsetof(struct object, notes) },
};
static const struct field_table object_table =
    FIELD_TABLE(object_fields, struct object);

struct list { struct objv items; };

static const struct field list_fields[] = {
	{ .name = "items", .type = F_OBJV, .flags = FIELD_REQUIRED,
	    .max = 1000, .off = offsetof(struct list, items),
	    .sub = &object_table },
};
static const struct field_table list_table =
    FIELD_TABLE(list_fields, struct list);

static bool
status_is(const struct object *t, const char *word)
{
	return t->status != NULL && str_eq(t->status, word);
}

static struct http_request
request(const struct conf *c, const char *method)
{
	return (struct http_request){ .method = method,
		.user = c->razorpay_key_id,
		.password = provider_keys(PROVIDER_RAZORPAY)->key };
}

/*
 * Sends a POST request and parses the order or refund in the response. header
 * may be NULL.
 */
static enum rc
post_object(struct provider_request *k, const char *path,
    const struct buf *body, const char *header, const char *entity,
    struct object **out)
{
	struct http_request r = request(k->conf, "POST");
	const char *headers[2] = { header }, *answer;
	enum rc rc;

	r.content_type = "application/json";
	r.body = body->data;
	r.body_len = body->len;
	r.headers = headers;
	*out = field_new(k->arena, &object_table);
	if ((rc = provider_request_send(k, path, &r, &answer)) != RC_OK)
		return rc;
	if (!provider_json_read(k->arena, &object_table, *out, answer) ||
	    !str_eq((*out)->entity, entity))
		return provider_request_invalid(k, path);
	return RC_OK;
}

static enum rc
get_list(struct provider_request *k, const char *path, struct list **out)
{
	struct http_request r = request(k->conf, "GET");
	const char *answer;
	enum rc rc;

	*out = field_new(k->arena, &list_table);
	if ((rc = provider_request_send(k, path, &r, &answer)) != RC_OK)
		return rc;
	if (!provider_json_read(k->arena, &list_table, *out, answer))
		return provider_request_invalid(k, path);
	return RC_OK;
}

/*
 * Requests a list after an earlier error, which stays in k->err. Returns false
 * if the request failed.
 */
static bool
get_list_after_error(struct provider_request *k, const char *path,
    struct list **out)
{
	struct err *first = k->err, err;
	bool ok;

	err_init(&err, k->arena);
	k->err = &err;
	ok = get_list(k, path, out) == RC_OK;
	k->err = first;
	return ok;
}

static void
write_note(struct json_write *j, const char *name, int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)n);
	json_write_str(j, name, text);
}

/*
 * Returns a receipt of at most 40 characters. The hash makes it unique if
 * another database has a payment with the same ID.
 */
static const char *
make_receipt(struct arena *a, const struct provider_order *o)
{
	struct hash sum = hash_sha256(o->idempotency_key,
	    strlen(o->idempotency_key));
	char hex[13];

	hash_hex(sum.b, 6, hex);
	return arena_fmt(a, "earmark-%lld-%s", (long long)o->payment, hex);
}

static bool
same_order(const struct object *t, const struct provider_order *o)
{
	return str_eq(t->entity, "order") && t->amount == o->amount &&
	    str_eq(t->currency, o->currency);
}

/* Returns whether an earlier request created the order. */
static bool
find_order(struct provider_request *k, const struct provider_order *o,
    const char *receipt, struct object **out)
{
	struct list *list;
	struct object *t;
	size_t i;

	if (!get_list_after_error(k, arena_fmt(k->arena,
	    "/v1/orders?receipt=%s&count=10", receipt), &list))
		return false;
	for (i = 0; i < list->items.n; i++) {
		t = (struct object *)list->items.v + i;
		if (same_order(t, o) && t->receipt != NULL &&
		    str_eq(t->receipt, receipt)) {
			*out = t;
			return true;
		}
	}
	return false;
}

enum rc
razorpay_open(struct arena *a, const struct conf *c,
    const struct provider_order *o, struct provider_opened *out,
    struct err *err)
{
	static const char path[] = "/v1/orders";
	const char *receipt = make_receipt(a, o);
	struct object *order;
	struct provider_request k;
	struct buf body;
	struct json_write j;
	enum rc rc;

	provider_request_begin(&k, a, c, PROVIDER_RAZORPAY, err);
	buf_init(&body, BODY_BYTES);
	json_write_init(&j, &body);
	json_write_obj(&j, NULL);
	json_write_int(&j, "amount", o->amount);
	json_write_str(&j, "currency", o->currency);
	json_write_str(&j, "receipt", receipt);
	json_write_obj(&j, "notes");
	write_note(&j, NOTE_PAYMENT, o->payment);
	write_note(&j, NOTE_USER, o->user);
	json_write_obj_end(&j);
	json_write_obj_end(&j);
	rc = post_object(&k, path, &body, NULL, "order", &order);
	buf_free(&body);
	if (rc != RC_OK && !find_order(&k, o, receipt, &order))
		return rc;
	err_init(err, err->arena);
	if (!same_order(order, o))
		return provider_request_invalid(&k, path);
	out->ref = order->id;
	return RC_OK;
}

/*
 * An order is paid if one of its payments was captured, even if that payment
 * was refunded later. Orders at Razorpay do not expire.
 */
enum rc
razorpay_ask(struct arena *a, const struct conf *c, const char *ref,
    struct provider_state *out, struct err *err)
{
	const char *path = arena_fmt(a, "/v1/orders/%s/payments",
	    http_escape(a, ref));
	struct provider_request k;
	struct list *list;
	struct object *t;
	enum rc rc;
	size_t i;

	provider_request_begin(&k, a, c, PROVIDER_RAZORPAY, err);
	if ((rc = get_list(&k, path, &list)) != RC_OK)
		return rc;
	for (i = 0; i < list->items.n; i++) {
		t = (struct object *)list->items.v + i;
		if (status_is(t, "captured") || status_is(t, "refunded")) {
			*out = (struct provider_state){ STATE_PAID, t->id,
				t->amount, t->currency };
			break;
		}
	}
	return RC_OK;
}

/*
 * Looks for an existing refund after an error. Returns RC_NOT_FOUND if it does
 * not exist, and RC_UPSTREAM if that is unknown.
 */
static enum rc
find_refund(struct provider_request *k, const struct provider_refund *r,
    const char *payment, struct object **out)
{
	struct list *list;
	struct object *t;
	size_t i;

	if (!get_list_after_error(k, arena_fmt(k->arena, "%s/refunds?count=100",
	    payment), &list))
		return RC_UPSTREAM;
	for (i = 0; i < list->items.n; i++) {
		t = (struct object *)list->items.v + i;
		if (!status_is(t, "failed") && t->amount == r->amount &&
		    provider_json_notes(k->arena, t->notes).number ==
		    r->number) {
			*out = t;
			return RC_OK;
		}
	}
	return RC_NOT_FOUND;
}

enum rc
razorpay_refund(struct arena *a, const struct conf *c,
    const struct provider_refund *r, const char **ref, bool *done,
    struct err *err)
{
	const char *payment;
	struct object *refund;
	enum rc rc, found;
	struct provider_request k;
	struct buf body;
	struct json_write j;

	if (r->paid_ref == NULL)
		return err_set(err, RC_BAD, "provider_refused",
		    "The provider's ID of the payment is unknown");
	payment = arena_fmt(a, "/v1/payments/%s", http_escape(a, r->paid_ref));
	provider_request_begin(&k, a, c, PROVIDER_RAZORPAY, err);
	buf_init(&body, BODY_BYTES);
	json_write_init(&j, &body);
	json_write_obj(&j, NULL);
	json_write_int(&j, "amount", r->amount);
	json_write_str(&j, "speed", "normal");
	json_write_obj(&j, "notes");
	write_note(&j, NOTE_RETURN, r->number);
	json_write_obj_end(&j);
	json_write_obj_end(&j);
	rc = post_object(&k, arena_fmt(a, "%s/refund", payment), &body,
	    arena_fmt(a, "X-Refund-Idempotency: %s",
	    http_escape(a, r->idempotency_key)), "refund", &refund);
	buf_free(&body);
	found = rc == RC_OK ? RC_OK : find_refund(&k, r, payment, &refund);
	if (found == RC_NOT_FOUND)
		return rc;
	if (found != RC_OK)
		return err_set(err, found, "provider_unavailable", NULL);
	err_init(err, err->arena);
	if (status_is(refund, "failed"))
		return err_set(err, RC_BAD, "provider_refused",
		    "The provider rejected the request: the refund failed");
	*ref = refund->id;
	*done = status_is(refund, "processed");
	return RC_OK;
}
