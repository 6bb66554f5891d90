/*
 * Razorpay's webhooks, https://razorpay.com/docs/webhooks/payloads. For one
 * and the same money both payment.captured and order.paid come.
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
struct thing {
	const char *id, *currency, *order, *payment, *status, *notes, *why;
	int64_t amount, deducted;
};

#define REF(key, member) \
	{ .name = key, .type = F_STR, .min = 1, .max = 255, \
	    .off = offsetof(struct thing, member) }

static const struct field thing_fields[] = {
	{ .name = "id", .type = F_STR, .flags = FIELD_REQUIRED, .min = 1,
	    .max = 255, .off = offsetof(struct thing, id) },
	{ .name = "amount", .type = F_INT, .flags = FIELD_REQUIRED,
	    .max = INT64_MAX, .off = offsetof(struct thing, amount) },
	{ .name = "amount_deducted", .type = F_INT, .max = INT64_MAX,
	    .off = offsetof(struct thing, deducted) },
	{ .name = "currency", .type = F_STR, .flags = FIELD_REQUIRED,
	    .max = 3, .off = offsetof(struct thing, currency) },
	REF("order_id", order),
	REF("payment_id", payment),
	REF("status", status),
	{ .name = "notes", .type = F_JSON,
	    .off = offsetof(struct thing, notes) },
	{ .name = "error_description", .type = F_STR, .flags = FIELD_CTL,
	    .off = offsetof(struct thing, why) },
};
static const struct field_table thing_table =
    FIELD_TABLE(thing_fields, struct thing);

/* The entity of a part; NULL: the part is not there. False: it is unfit. */
static bool
read_part(struct arena *a, const char *json, struct thing **out)
{
	struct part *part = field_new(a, &part_table);

	*out = NULL;
	if (json == NULL)
		return true;
	*out = field_new(a, &thing_table);
	return theirs_read(a, &part_table, part, json) &&
	    theirs_read(a, &thing_table, *out, part->entity);
}

static const struct {
	const char *type;
	enum { PAYMENT, ORDER, REFUND, DISPUTE } kind;
	enum hook_news news;
} kinds[] = {
	{ "payment.captured", PAYMENT, HOOK_PAID },
	{ "order.paid", ORDER, HOOK_PAID },
	{ "payment.failed", PAYMENT, HOOK_FAILED },
	{ "refund.created", REFUND, HOOK_REFUND },
	{ "refund.processed", REFUND, HOOK_REFUND },
	{ "refund.failed", REFUND, HOOK_REFUND },
	{ "refund.speed_changed", REFUND, HOOK_REFUND },
	{ "payment.dispute.created", DISPUTE, HOOK_DISPUTE },
	{ "payment.dispute.lost", DISPUTE, HOOK_DISPUTE },
	{ "payment.dispute.won", DISPUTE, HOOK_DISPUTE_WON },
};

/* What was captured; the order beside it, where the event is the order's. */
static bool
of_payment(struct arena *a, const struct thing *payment,
    const struct thing *order, enum hook_news news, struct hook_event *e)
{
	if (payment == NULL)
		return false;
	e->news = news;
	e->ref = order != NULL ? order->id : payment->order;
	e->paid_ref = payment->id;
	e->amount = payment->amount;
	e->currency = payment->currency;
	if (news == HOOK_FAILED)
		e->why = theirs_text(a, payment->why);
	return true;
}

/*
 * A dispute takes money where it says so (amount_deducted), at its beginning
 * or when it is lost; all phases of one have its id.
 */
static bool
of_return(const struct thing *t, const struct thing *payment,
    enum hook_news news, bool lost, struct hook_event *e)
{
	if (t == NULL)
		return false;
	if (news == HOOK_DISPUTE && t->deducted == 0 && !lost)
		return true;
	e->news = news;
	e->ref = payment == NULL ? NULL : payment->order;
	e->paid_ref = t->payment;
	e->return_ref = t->id;
	e->amount = t->deducted > 0 ? t->deducted : t->amount;
	/* Their refunds have been seen with an empty one. */
	e->currency = t->currency[0] == '\0' && payment != NULL ?
	    payment->currency : t->currency;
	e->return_state = 2;
	if (news == HOOK_REFUND)
		e->return_state = t->status == NULL ? 1 :
		    str_eq(t->status, "processed") ? 2 :
		    str_eq(t->status, "failed") ? 3 : 1;
	return true;
}

/* Our numbers, from whichever of the things has them in its notes. */
static void
read_notes(struct arena *a, const struct thing *t, struct hook_event *e)
{
	struct notes notes;

	if (t == NULL)
		return;
	notes = theirs_notes(a, t->notes);
	if (e->payment == 0)
		e->payment = notes.payment;
	if (e->return_no == 0)
		e->return_no = notes.number;
}

bool
hook_razorpay_read(struct arena *a, const char *body, struct hook_event *e)
{
	struct envelope *top = field_new(a, &envelope_table);
	struct payload *parts = field_new(a, &payload_table);
	struct thing *payment, *order, *refund, *dispute;
	size_t i;

	if (!theirs_read(a, &envelope_table, top, body) ||
	    !str_eq(top->entity, "event"))
		return false;
	e->type = top->event;
	for (i = 0; i < NELEM(kinds) && !str_eq(kinds[i].type, e->type); i++)
		;
	if (i == NELEM(kinds))
		return true;
	if (!theirs_read(a, &payload_table, parts, top->payload) ||
	    !read_part(a, parts->payment, &payment) ||
	    !read_part(a, parts->order, &order) ||
	    !read_part(a, parts->refund, &refund) ||
	    !read_part(a, parts->dispute, &dispute))
		return false;
	read_notes(a, order, e);
	read_notes(a, payment, e);
	read_notes(a, refund, e);
	if (kinds[i].kind == REFUND)
		return of_return(refund, payment, HOOK_REFUND, false, e);
	if (kinds[i].kind == DISPUTE)
		return of_return(dispute, payment, kinds[i].news,
		    str_eq(e->type, "payment.dispute.lost"), e);
	return of_payment(a, payment, order, kinds[i].news, e);
}

/* What ends a payment has no event there. */
static const char *const written[] = {
	[HOOK_NONE] = "ping", [HOOK_PAID] = "payment.captured",
	[HOOK_FAILED] = "payment.failed", [HOOK_ENDED] = "order.ended",
	[HOOK_REFUND] = "refund.processed",
	[HOOK_DISPUTE] = "payment.dispute.lost",
	[HOOK_DISPUTE_WON] = "payment.dispute.won",
};

static void
write_payment(struct jout *j, const struct hook_order *o)
{
	char number[24];

	snprintf(number, sizeof(number), "%lld", (long long)o->payment);
	jout_obj(j, "payment");
	jout_obj(j, "entity");
	jout_str(j, "id", o->paid_ref);
	jout_str(j, "entity", "payment");
	jout_int(j, "amount", o->amount);
	jout_str(j, "currency", o->currency);
	jout_str(j, "status", o->news == HOOK_FAILED ? "failed" : "captured");
	jout_str(j, "order_id", o->ref);
	jout_bool(j, "captured", o->news != HOOK_FAILED);
	jout_obj(j, "notes");
	jout_str(j, NOTE_PAYMENT, number);
	jout_obj_end(j);
	jout_str(j, "error_code", o->news == HOOK_FAILED ?
	    "BAD_REQUEST_ERROR" : NULL);
	jout_str(j, "error_description", o->news == HOOK_FAILED ?
	    "Payment failed" : NULL);
	jout_obj_end(j);
	jout_obj_end(j);
}

static void
write_order(struct jout *j, const struct hook_order *o)
{
	char number[24];

	snprintf(number, sizeof(number), "%lld", (long long)o->payment);
	jout_obj(j, "order");
	jout_obj(j, "entity");
	jout_str(j, "id", o->ref);
	jout_str(j, "entity", "order");
	jout_int(j, "amount", o->amount);
	jout_int(j, "amount_paid", o->amount);
	jout_int(j, "amount_due", 0);
	jout_str(j, "currency", o->currency);
	jout_str(j, "status", "paid");
	jout_obj(j, "notes");
	jout_str(j, NOTE_PAYMENT, number);
	jout_obj_end(j);
	jout_obj_end(j);
	jout_obj_end(j);
}

static void
write_return(struct jout *j, const struct hook_order *o)
{
	bool refund = o->news == HOOK_REFUND;

	jout_obj(j, refund ? "refund" : "dispute");
	jout_obj(j, "entity");
	jout_str(j, "id", o->return_ref);
	jout_str(j, "entity", refund ? "refund" : "dispute");
	jout_str(j, "payment_id", o->paid_ref);
	jout_int(j, "amount", o->amount);
	jout_str(j, "currency", o->currency);
	if (!refund)
		jout_int(j, "amount_deducted", o->news == HOOK_DISPUTE ?
		    o->amount : 0);
	jout_str(j, "status", refund ? "processed" :
	    o->news == HOOK_DISPUTE ? "lost" : "won");
	jout_obj_end(j);
	jout_obj_end(j);
}

void
hook_razorpay_write(const struct hook_order *o, struct buf *body)
{
	bool back = o->news >= HOOK_REFUND;
	bool order = o->news == HOOK_PAID && o->twin;
	struct jout j;

	jout_init(&j, body);
	jout_obj(&j, NULL);
	jout_str(&j, "entity", "event");
	jout_str(&j, "account_id", "acc_earmark");
	jout_str(&j, "event", order ? "order.paid" : written[o->news]);
	jout_arr(&j, "contains");
	jout_str(&j, NULL, "payment");
	if (order)
		jout_str(&j, NULL, "order");
	if (back)
		jout_str(&j, NULL, o->news == HOOK_REFUND ? "refund" :
		    "dispute");
	jout_arr_end(&j);
	jout_obj(&j, "payload");
	write_payment(&j, o);
	if (order)
		write_order(&j, o);
	if (back)
		write_return(&j, o);
	jout_obj_end(&j);
	jout_int(&j, "created_at", o->now / SECOND);
	jout_obj_end(&j);
}
