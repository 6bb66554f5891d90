/*
 * webhook_sandbox: parses and writes webhooks of the sandbox, whose format this
 * program defines.
 */
#include "base/clock.h"
#include "base/str.h"
#include "json/json_decode.h"
#include "json/json_write.h"
#include "providers/provider_internal.h"

static const char *const types[] = {
	[WEBHOOK_NONE] = "ping", [WEBHOOK_PAID] = "payment.paid",
	[WEBHOOK_FAILED] = "payment.failed", [WEBHOOK_ENDED] = "payment.ended",
	[WEBHOOK_REFUND] = "payment.refunded",
	[WEBHOOK_DISPUTE] = "payment.disputed",
	[WEBHOOK_DISPUTE_WON] = "payment.dispute_won",
};

/* A ping needs none of these members. */
struct data {
	const char *ref, *paid_ref, *return_ref, *currency, *why;
	int64_t payment, amount;
};

static const struct field data_fields[] = {
	{ .name = "ref", .type = F_STR, .min = 1, .max = 255,
	    .off = offsetof(struct data, ref) },
	{ .name = "paid_ref", .type = F_STR, .min = 1, .max = 255,
	    .off = offsetof(struct data, paid_ref) },
	{ .name = "return_ref", .type = F_STR, .min = 1, .max = 255,
	    .off = offsetof(struct data, return_ref) },
	{ .name = "payment_id", .type = F_INT, .min = 1, .max = INT64_MAX,
	    .dflt = FIELD_NONE, .off = offsetof(struct data, payment) },
	{ .name = "amount", .type = F_INT, .max = INT64_MAX,
	    .dflt = FIELD_NONE, .off = offsetof(struct data, amount) },
	{ .name = "currency", .type = F_STR, .min = 3, .max = 3,
	    .off = offsetof(struct data, currency) },
	{ .name = "why", .type = F_STR, .flags = FIELD_CTL,
	    .off = offsetof(struct data, why) },
};
static const struct field_table data_table =
    FIELD_TABLE(data_fields, struct data);

struct envelope {
	const char *id, *type;
	const struct data *data;
};

static const struct field envelope_fields[] = {
	{ .name = "id", .type = F_STR, .flags = FIELD_REQUIRED, .min = 1,
	    .max = 255, .off = offsetof(struct envelope, id) },
	{ .name = "type", .type = F_STR, .flags = FIELD_REQUIRED, .min = 1,
	    .max = 100, .off = offsetof(struct envelope, type) },
	{ .name = "data", .type = F_OBJ, .flags = FIELD_REQUIRED,
	    .sub = &data_table, .off = offsetof(struct envelope, data) },
};
static const struct field_table envelope_table =
    FIELD_TABLE(envelope_fields, struct envelope);

bool
webhook_sandbox_read(struct arena *a, const char *body, struct webhook_event *e)
{
	struct envelope *top = field_new(a, &envelope_table);
	const struct data *d;
	size_t i;

	if (!provider_json_read(a, &envelope_table, top, body))
		return false;
	e->id = top->id;
	e->type = top->type;
	for (i = 0; i < NELEM(types); i++)
		if (str_eq(types[i], top->type))
			e->kind = (enum webhook_event_kind)i;
	if (e->kind == WEBHOOK_NONE)
		return true;
	d = top->data;
	if (d->payment == FIELD_NONE || d->amount == FIELD_NONE ||
	    d->currency == NULL)
		return false;
	e->payment = d->payment;
	e->amount = d->amount;
	e->currency = d->currency;
	e->ref = d->ref;
	e->paid_ref = d->paid_ref;
	e->why = provider_json_text(a, d->why);
	if (e->kind < WEBHOOK_REFUND)
		return e->kind != WEBHOOK_PAID || d->paid_ref != NULL;
	e->return_ref = d->return_ref;
	e->return_state = 2;
	return d->return_ref != NULL;
}

void
webhook_sandbox_write(const struct webhook_order *o, struct buf *body)
{
	struct json_write j;

	json_write_init(&j, body);
	json_write_obj(&j, NULL);
	json_write_str(&j, "id", o->event_id);
	json_write_str(&j, "object", "event");
	json_write_str(&j, "type", types[o->kind]);
	json_write_int(&j, "created", o->now / SECOND);
	json_write_obj(&j, "data");
	json_write_int(&j, "payment_id", o->payment);
	json_write_str(&j, "ref", o->ref);
	if (o->kind != WEBHOOK_FAILED && o->kind != WEBHOOK_ENDED)
		json_write_str(&j, "paid_ref", o->paid_ref);
	json_write_int(&j, "amount", o->amount);
	json_write_str(&j, "currency", o->currency);
	if (o->kind >= WEBHOOK_REFUND)
		json_write_str(&j, "return_ref", o->return_ref);
	if (o->kind == WEBHOOK_FAILED)
		json_write_str(&j, "why", "The payment was declined.");
	json_write_obj_end(&j);
	json_write_obj_end(&j);
}
