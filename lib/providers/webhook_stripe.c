/*
 * webhook_stripe: parses and writes webhooks of Stripe,
 * https://docs.stripe.com/api/events. Refunds come from refund.*, and from
 * charge.refunded if it contains its refunds. Both events for the same refund
 * contain the same refund ID.
 */
#include "base/clock.h"
#include "base/str.h"
#include "json/json_decode.h"
#include "json/json_write.h"
#include "providers/provider_internal.h"

struct data { const char *object; };

static const struct field data_fields[] = {
	{ .name = "object", .type = F_JSON,
	    .off = offsetof(struct data, object) },
};
static const struct field_table data_table =
    FIELD_TABLE(data_fields, struct data);

struct envelope {
	const char *id, *type, *object;
	const struct data *data;
};

static const struct field envelope_fields[] = {
	{ .name = "id", .type = F_STR, .flags = FIELD_REQUIRED, .min = 1,
	    .max = 255, .off = offsetof(struct envelope, id) },
	{ .name = "object", .type = F_STR, .flags = FIELD_REQUIRED, .min = 1,
	    .max = 100, .off = offsetof(struct envelope, object) },
	{ .name = "type", .type = F_STR, .min = 1, .max = 100,
	    .off = offsetof(struct envelope, type) },
	{ .name = "data", .type = F_OBJ, .sub = &data_table,
	    .off = offsetof(struct envelope, data) },
};
static const struct field_table envelope_table =
    FIELD_TABLE(envelope_fields, struct envelope);

/* A payment intent, a charge, a refund or a dispute. */
struct object {
	const char *id, *currency, *latest_charge, *intent, *charge, *status,
	    *metadata, *refunds, *error;
	int64_t amount, received;
};

#define REF(key, member) \
	{ .name = key, .type = F_STR, .min = 1, .max = 255, \
	    .off = offsetof(struct object, member) }
#define JSON(key, member) \
	{ .name = key, .type = F_JSON, .off = offsetof(struct object, member) }

static const struct field object_fields[] = {
	{ .name = "id", .type = F_STR, .flags = FIELD_REQUIRED, .min = 1,
	    .max = 255, .off = offsetof(struct object, id) },
	{ .name = "amount", .type = F_INT, .flags = FIELD_REQUIRED,
	    .max = INT64_MAX, .off = offsetof(struct object, amount) },
	{ .name = "amount_received", .type = F_INT, .max = INT64_MAX,
	    .dflt = FIELD_NONE, .off = offsetof(struct object, received) },
	{ .name = "currency", .type = F_STR, .flags = FIELD_REQUIRED,
	    .min = 3, .max = 3, .off = offsetof(struct object, currency) },
	REF("latest_charge", latest_charge),
	REF("payment_intent", intent),
	REF("charge", charge),
	REF("status", status),
	JSON("metadata", metadata),
	JSON("refunds", refunds),
	JSON("last_payment_error", error),
};
static const struct field_table object_table =
    FIELD_TABLE(object_fields, struct object);

struct failure { const char *message; };

static const struct field failure_fields[] = {
	{ .name = "message", .type = F_STR, .flags = FIELD_CTL,
	    .off = offsetof(struct failure, message) },
};
static const struct field_table failure_table =
    FIELD_TABLE(failure_fields, struct failure);

/* Stripe lists the newest refund first. */
struct refunds { struct objv data; };

static const struct field refunds_fields[] = {
	{ .name = "data", .type = F_OBJV, .flags = FIELD_REQUIRED, .max = 1000,
	    .off = offsetof(struct refunds, data), .sub = &object_table },
};
static const struct field_table refunds_table =
    FIELD_TABLE(refunds_fields, struct refunds);

static bool
status_is(const struct object *t, const char *word)
{
	return t->status != NULL && str_eq(t->status, word);
}

static void
of_intent(struct arena *a, const struct object *t, enum webhook_event_kind kind,
    struct webhook_event *e)
{
	struct failure *f = field_new(a, &failure_table);

	e->kind = kind;
	e->ref = t->id;
	e->paid_ref = t->latest_charge;
	e->amount = t->received != FIELD_NONE && kind == WEBHOOK_PAID ?
	    t->received : t->amount;
	if (kind == WEBHOOK_FAILED && provider_json_read(a, &failure_table, f,
	    t->error))
		e->why = provider_json_text(a, f->message);
}

/* Fills in a refund or dispute. */
static void
of_return(const struct object *t, enum webhook_event_kind kind,
    struct webhook_event *e)
{
	e->kind = kind;
	e->ref = t->intent;
	e->paid_ref = t->charge;
	e->amount = t->amount;
	e->return_ref = t->id;
	e->return_state = 2;
	if (kind != WEBHOOK_REFUND || status_is(t, "succeeded"))
		return;
	e->return_state = status_is(t, "failed") ||
	    status_is(t, "canceled") ? 3 : 1;
}

/*
 * Since API version 2022-11-15, a charge does not contain its refunds. This
 * event then does not identify the refund and is ignored; refund.* reports it.
 */
static void
of_charge(struct arena *a, const struct object *t, struct webhook_event *e)
{
	struct refunds *list = field_new(a, &refunds_table);

	if (!provider_json_read(a, &refunds_table, list, t->refunds) ||
	    list->data.n == 0)
		return;
	of_return(list->data.v, WEBHOOK_REFUND, e);
	e->ref = t->intent;
	e->paid_ref = t->id;
}

static const struct {
	const char *type;
	enum { INTENT, CHARGE, REFUND, DISPUTE } object;
	enum webhook_event_kind kind;
} kinds[] = {
	{ "payment_intent.succeeded", INTENT, WEBHOOK_PAID },
	{ "payment_intent.payment_failed", INTENT, WEBHOOK_FAILED },
	{ "payment_intent.canceled", INTENT, WEBHOOK_ENDED },
	{ "charge.refunded", CHARGE, WEBHOOK_REFUND },
	{ "charge.refund.updated", REFUND, WEBHOOK_REFUND },
	{ "refund.created", REFUND, WEBHOOK_REFUND },
	{ "refund.updated", REFUND, WEBHOOK_REFUND },
	{ "refund.failed", REFUND, WEBHOOK_REFUND },
	{ "charge.dispute.created", DISPUTE, WEBHOOK_DISPUTE },
	{ "charge.dispute.funds_withdrawn", DISPUTE, WEBHOOK_DISPUTE },
	{ "charge.dispute.closed", DISPUTE, WEBHOOK_DISPUTE_WON },
	{ "charge.dispute.funds_reinstated", DISPUTE, WEBHOOK_DISPUTE_WON },
};

/*
 * Returns whether a dispute event moves money. Inquiries (warning_...) do not,
 * and closed disputes do only if they were won.
 */
static bool
moves_money(const struct object *t, const char *type)
{
	if (str_eq(type, "charge.dispute.closed"))
		return status_is(t, "won");
	return !str_eq(type, "charge.dispute.created") || t->status == NULL ||
	    !str_prefix(t->status, "warning_");
}

bool
webhook_stripe_read(struct arena *a, const char *body, struct webhook_event *e)
{
	struct envelope *top = field_new(a, &envelope_table);
	struct object *t = field_new(a, &object_table);
	struct provider_notes notes;
	size_t i;

	if (!provider_json_read(a, &envelope_table, top, body) ||
	    !str_eq(top->object, "event"))
		return false;
	e->id = top->id;
	e->type = top->type == NULL ? "" : top->type;
	for (i = 0; i < NELEM(kinds) && !str_eq(kinds[i].type, e->type); i++)
		;
	if (i == NELEM(kinds))
		return true;
	if (top->data == NULL ||
	    !provider_json_read(a, &object_table, t, top->data->object))
		return false;
	notes = provider_json_notes(a, t->metadata);
	e->payment = notes.payment;
	e->return_no = notes.number;
	e->currency = t->currency;
	if (kinds[i].object == INTENT)
		of_intent(a, t, kinds[i].kind, e);
	else if (kinds[i].object == CHARGE)
		of_charge(a, t, e);
	else if (kinds[i].object == REFUND || moves_money(t, e->type))
		of_return(t, kinds[i].kind, e);
	return true;
}

static const char *const written[] = {
	[WEBHOOK_NONE] = "ping", [WEBHOOK_PAID] = "payment_intent.succeeded",
	[WEBHOOK_FAILED] = "payment_intent.payment_failed",
	[WEBHOOK_ENDED] = "payment_intent.canceled",
	[WEBHOOK_REFUND] = "refund.created",
	[WEBHOOK_DISPUTE] = "charge.dispute.funds_withdrawn",
	[WEBHOOK_DISPUTE_WON] = "charge.dispute.funds_reinstated",
};

static void
write_metadata(struct json_write *j, const struct webhook_order *o)
{
	char number[24];

	snprintf(number, sizeof(number), "%lld", (long long)o->payment);
	json_write_obj(j, "metadata");
	json_write_str(j, NOTE_PAYMENT, number);
	json_write_obj_end(j);
}

static void
write_intent(struct json_write *j, const struct webhook_order *o)
{
	bool paid = o->kind == WEBHOOK_PAID;

	json_write_str(j, "id", o->ref);
	json_write_str(j, "object", "payment_intent");
	json_write_int(j, "amount_received", paid ? o->amount : 0);
	json_write_str(j, "latest_charge", paid ? o->paid_ref : NULL);
	if (o->kind == WEBHOOK_FAILED) {
		json_write_obj(j, "last_payment_error");
		json_write_str(j, "type", "card_error");
		json_write_str(j, "code", "card_declined");
		json_write_str(j, "message", "Your card was declined.");
		json_write_obj_end(j);
	}
	json_write_str(j, "status", paid ? "succeeded" :
	    o->kind == WEBHOOK_ENDED ? "canceled" : "requires_payment_method");
	write_metadata(j, o);
}

static void
write_return(struct json_write *j, const struct webhook_order *o)
{
	json_write_str(j, "id", o->return_ref);
	json_write_str(j, "object", o->kind == WEBHOOK_REFUND ? "refund" :
	    "dispute");
	json_write_str(j, "payment_intent", o->ref);
	json_write_str(j, "charge", o->paid_ref);
	json_write_str(j, "status", o->kind == WEBHOOK_REFUND ? "succeeded" :
	    o->kind == WEBHOOK_DISPUTE ? "needs_response" : "won");
}

void
webhook_stripe_write(const struct webhook_order *o, struct buf *body)
{
	struct json_write j;
	char low[8];

	snprintf(low, sizeof(low), "%s", o->currency);
	str_lower(low);
	json_write_init(&j, body);
	json_write_obj(&j, NULL);
	json_write_str(&j, "id", o->event_id);
	json_write_str(&j, "object", "event");
	json_write_str(&j, "api_version", STRIPE_VERSION);
	json_write_int(&j, "created", o->now / SECOND);
	json_write_obj(&j, "data");
	json_write_obj(&j, "object");
	json_write_int(&j, "amount", o->amount);
	json_write_str(&j, "currency", low);
	if (o->kind >= WEBHOOK_REFUND)
		write_return(&j, o);
	else
		write_intent(&j, o);
	json_write_obj_end(&j);
	json_write_obj_end(&j);
	json_write_bool(&j, "livemode", false);
	json_write_int(&j, "pending_webhooks", 1);
	json_write_str(&j, "type", written[o->kind]);
	json_write_obj_end(&j);
}
