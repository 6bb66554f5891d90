/*
 * webhook_razorpay: parses and writes webhooks of Razorpay,
 * https://razorpay.com/docs/webhooks/payloads. Razorpay sends both
 * payment.captured and order.paid for one payment.
 */
#include "base/clock.h"
#include "base/str.h"
#include "json/json_decode.h"
#include "json/json_write.h"
#include "providers/provider_internal.h"

struct envelope { const char *entity, *event, *payload; };

static const struct field envelope_fields[] = {
	{ .name = "entity", .type = F_STR, .flags = FIELD_REQUIRED, .min = 1,
	    .max = 100, .off = offsetof(struct envelope, entity) },
	{ .name = "event", .type = F_STR, .flags = FIELD_REQUIRED, .min = 1,
	    .max = 100, .off = offsetof(struct envelope, event) },
	{ .name = "payload", .type = F_JSON,
	    .off = offsetof(struct envelope, payload) },
};
static const struct field_table envelope_table =
    FIELD_TABLE(envelope_fields, struct envelope);

struct payload { const char *payment, *order, *refund, *dispute; };

#define PART(key) \
	{ .name = #key, .type = F_JSON, .off = offsetof(struct payload, key) }

static const struct field payload_fields[] = {
	PART(payment), PART(order), PART(refund), PART(dispute),
};
static const struct field_table payload_table =
    FIELD_TABLE(payload_fields, struct payload);

struct part { const char *entity; };

static const struct field part_fields[] = {
	{ .name = "entity", .type = F_JSON, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct part, entity) },
};
static const struct field_table part_table =
    FIELD_TABLE(part_fields, struct part);

/* A payment, an order, a refund or a dispute. */
struct object {
	const char *id, *currency, *order, *payment, *status, *notes, *why;
	int64_t amount, deducted;
};

#define REF(key, member) \
	{ .name = key, .type = F_STR, .min = 1, .max = 255, \
	    .off = offsetof(struct object, member) }

static const struct field object_fields[] = {
	{ .name = "id", .type = F_STR, .flags = FIELD_REQUIRED, .min = 1,
	    .max = 255, .off = offsetof(struct object, id) },
	{ .name = "amount", .type = F_INT, .flags = FIELD_REQUIRED,
	    .max = INT64_MAX, .off = offsetof(struct object, amount) },
	{ .name = "amount_deducted", .type = F_INT, .max = INT64_MAX,
	    .off = offsetof(struct object, deducted) },
	{ .name = "currency", .type = F_STR, .flags = FIELD_REQUIRED,
	    .max = 3, .off = offsetof(struct object, currency) },
	REF("order_id", order),
	REF("payment_id", payment),
	REF("status", status),
	{ .name = "notes", .type = F_JSON,
	    .off = offsetof(struct object, notes) },
	{ .name = "error_description", .type = F_STR, .flags = FIELD_CTL,
	    .off = offsetof(struct object, why) },
};
static const struct field_table object_table =
    FIELD_TABLE(object_fields, struct object);

/*
 * Reads the entity of a part. *out is NULL if the part is absent. Returns false
 * if it is invalid.
 */
static bool
read_part(struct arena *a, const char *json, struct object **out)
{
	struct part *part = field_new(a, &part_table);

	*out = NULL;
	if (json == NULL)
		return true;
	*out = field_new(a, &object_table);
	return provider_json_read(a, &part_table, part, json) &&
	    provider_json_read(a, &object_table, *out, part->entity);
}

static const struct {
	const char *type;
	enum { PAYMENT, ORDER, REFUND, DISPUTE } object;
	enum webhook_event_kind kind;
} kinds[] = {
	{ "payment.captured", PAYMENT, WEBHOOK_PAID },
	{ "order.paid", ORDER, WEBHOOK_PAID },
	{ "payment.failed", PAYMENT, WEBHOOK_FAILED },
	{ "refund.created", REFUND, WEBHOOK_REFUND },
	{ "refund.processed", REFUND, WEBHOOK_REFUND },
	{ "refund.failed", REFUND, WEBHOOK_REFUND },
	{ "refund.speed_changed", REFUND, WEBHOOK_REFUND },
	{ "payment.dispute.created", DISPUTE, WEBHOOK_DISPUTE },
	{ "payment.dispute.lost", DISPUTE, WEBHOOK_DISPUTE },
	{ "payment.dispute.won", DISPUTE, WEBHOOK_DISPUTE_WON },
};

/* Fills in a captured payment. order is not NULL for an event of the order. */
static bool
of_payment(struct arena *a, const struct object *payment,
    const struct object *order, enum webhook_event_kind kind,
    struct webhook_event *e)
{
	if (payment == NULL)
		return false;
	e->kind = kind;
	e->ref = order != NULL ? order->id : payment->order;
	e->paid_ref = payment->id;
	e->amount = payment->amount;
	e->currency = payment->currency;
	if (kind == WEBHOOK_FAILED)
		e->why = provider_json_text(a, payment->why);
	return true;
}

/*
 * Fills in a refund or dispute. A dispute takes money (amount_deducted) when it
 * is opened or when it is lost. All phases of a dispute have the same ID.
 */
static bool
of_return(const struct object *t, const struct object *payment,
    enum webhook_event_kind kind, bool lost, struct webhook_event *e)
{
	if (t == NULL)
		return false;
	if (kind == WEBHOOK_DISPUTE && t->deducted == 0 && !lost)
		return true;
	e->kind = kind;
	e->ref = payment == NULL ? NULL : payment->order;
	e->paid_ref = t->payment;
	e->return_ref = t->id;
	e->amount = t->deducted > 0 ? t->deducted : t->amount;
	/* Some refunds have been observed with an empty currency. */
	e->currency = t->currency[0] == '\0' && payment != NULL ?
	    payment->currency : t->currency;
	e->return_state = 2;
	if (kind == WEBHOOK_REFUND)
		e->return_state = t->status == NULL ? 1 :
		    str_eq(t->status, "processed") ? 2 :
		    str_eq(t->status, "failed") ? 3 : 1;
	return true;
}

/* Reads this program's IDs from the notes of one of the entities. */
static void
read_notes(struct arena *a, const struct object *t, struct webhook_event *e)
{
	struct provider_notes notes;

	if (t == NULL)
		return;
	notes = provider_json_notes(a, t->notes);
	if (e->payment == 0)
		e->payment = notes.payment;
	if (e->return_no == 0)
		e->return_no = notes.number;
}

bool
webhook_razorpay_read(struct arena *a, const char *body,
    struct webhook_event *e)
{
	struct envelope *top = field_new(a, &envelope_table);
	struct payload *parts = field_new(a, &payload_table);
	struct object *payment, *order, *refund, *dispute;
	size_t i;

	if (!provider_json_read(a, &envelope_table, top, body) ||
	    !str_eq(top->entity, "event"))
		return false;
	e->type = top->event;
	for (i = 0; i < NELEM(kinds) && !str_eq(kinds[i].type, e->type); i++)
		;
	if (i == NELEM(kinds))
		return true;
	if (!provider_json_read(a, &payload_table, parts, top->payload) ||
	    !read_part(a, parts->payment, &payment) ||
	    !read_part(a, parts->order, &order) ||
	    !read_part(a, parts->refund, &refund) ||
	    !read_part(a, parts->dispute, &dispute))
		return false;
	read_notes(a, order, e);
	read_notes(a, payment, e);
	read_notes(a, refund, e);
	if (kinds[i].object == REFUND)
		return of_return(refund, payment, WEBHOOK_REFUND, false, e);
	if (kinds[i].object == DISPUTE)
		return of_return(dispute, payment, kinds[i].kind,
		    str_eq(e->type, "payment.dispute.lost"), e);
	return of_payment(a, payment, order, kinds[i].kind, e);
}

/* Razorpay has no event for a payment that ended. */
static const char *const written[] = {
	[WEBHOOK_NONE] = "ping", [WEBHOOK_PAID] = "payment.captured",
	[WEBHOOK_FAILED] = "payment.failed", [WEBHOOK_ENDED] = "order.ended",
	[WEBHOOK_REFUND] = "refund.processed",
	[WEBHOOK_DISPUTE] = "payment.dispute.lost",
	[WEBHOOK_DISPUTE_WON] = "payment.dispute.won",
};

static void
write_payment(struct json_write *j, const struct webhook_order *o)
{
	char number[24];

	snprintf(number, sizeof(number), "%lld", (long long)o->payment);
	json_write_obj(j, "payment");
	json_write_obj(j, "entity");
	json_write_str(j, "id", o->paid_ref);
	json_write_str(j, "entity", "payment");
	json_write_int(j, "amount", o->amount);
	json_write_str(j, "currency", o->currency);
	json_write_str(j, "status", o->kind == WEBHOOK_FAILED ? "failed" :
	    "captured");
	json_write_str(j, "order_id", o->ref);
	json_write_bool(j, "captured", o->kind != WEBHOOK_FAILED);
	json_write_obj(j, "notes");
	json_write_str(j, NOTE_PAYMENT, number);
	json_write_obj_end(j);
	json_write_str(j, "error_code", o->kind == WEBHOOK_FAILED ?
	    "BAD_REQUEST_ERROR" : NULL);
	json_write_str(j, "error_description", o->kind == WEBHOOK_FAILED ?
	    "Payment failed" : NULL);
	json_write_obj_end(j);
	json_write_obj_end(j);
}

static void
write_order(struct json_write *j, const struct webhook_order *o)
{
	char number[24];

	snprintf(number, sizeof(number), "%lld", (long long)o->payment);
	json_write_obj(j, "order");
	json_write_obj(j, "entity");
	json_write_str(j, "id", o->ref);
	json_write_str(j, "entity", "order");
	json_write_int(j, "amount", o->amount);
	json_write_int(j, "amount_paid", o->amount);
	json_write_int(j, "amount_due", 0);
	json_write_str(j, "currency", o->currency);
	json_write_str(j, "status", "paid");
	json_write_obj(j, "notes");
	json_write_str(j, NOTE_PAYMENT, number);
	json_write_obj_end(j);
	json_write_obj_end(j);
	json_write_obj_end(j);
}

static void
write_return(struct json_write *j, const struct webhook_order *o)
{
	bool refund = o->kind == WEBHOOK_REFUND;

	json_write_obj(j, refund ? "refund" : "dispute");
	json_write_obj(j, "entity");
	json_write_str(j, "id", o->return_ref);
	json_write_str(j, "entity", refund ? "refund" : "dispute");
	json_write_str(j, "payment_id", o->paid_ref);
	json_write_int(j, "amount", o->amount);
	json_write_str(j, "currency", o->currency);
	if (!refund)
		json_write_int(j, "amount_deducted",
		    o->kind == WEBHOOK_DISPUTE ? o->amount : 0);
	json_write_str(j, "status", refund ? "processed" :
	    o->kind == WEBHOOK_DISPUTE ? "lost" : "won");
	json_write_obj_end(j);
	json_write_obj_end(j);
}

void
webhook_razorpay_write(const struct webhook_order *o, struct buf *body)
{
	bool back = o->kind >= WEBHOOK_REFUND;
	bool order = o->kind == WEBHOOK_PAID && o->twin;
	struct json_write j;

	json_write_init(&j, body);
	json_write_obj(&j, NULL);
	json_write_str(&j, "entity", "event");
	json_write_str(&j, "account_id", "acc_earmark");
	json_write_str(&j, "event", order ? "order.paid" : written[o->kind]);
	json_write_arr(&j, "contains");
	json_write_str(&j, NULL, "payment");
	if (order)
		json_write_str(&j, NULL, "order");
	if (back)
		json_write_str(&j, NULL, o->kind == WEBHOOK_REFUND ? "refund" :
		    "dispute");
	json_write_arr_end(&j);
	json_write_obj(&j, "payload");
	write_payment(&j, o);
	if (order)
		write_order(&j, o);
	if (back)
		write_return(&j, o);
	json_write_obj_end(&j);
	json_write_int(&j, "created_at", o->now / SECOND);
	json_write_obj_end(&j);
}
