/* Webhooks of the sandbox: ours to say what they look like. */
#include "base/clock.h"
#include "base/str.h"
#include "json/json_decode.h"
#include "json/json_write.h"
#include "providers/provider_internal.h"

static const char *const types[] = {
	[HOOK_NONE] = "ping", [HOOK_PAID] = "payment.paid",
	[HOOK_FAILED] = "payment.failed", [HOOK_ENDED] = "payment.ended",
	[HOOK_REFUND] = "payment.refunded",
	[HOOK_DISPUTE] = "payment.disputed",
	[HOOK_DISPUTE_WON] = "payment.dispute_won",
};

struct envelope { const char *id, *type, *data; };

static const struct field envelope_fields[] = {
	{ .name = "id", .type = F_STR, .flags = FIELD_REQUIRED, .min = 1,
	    .max = 255, .off = offsetof(struct envelope, id) },
	{ .name = "type", .type = F_STR, .flags = FIELD_REQUIRED, .min = 1,
	    .max = 100, .off = offsetof(struct envelope, type) },
	{ .name = "data", .type = F_JSON, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct envelope, data) },
};
static const struct field_table envelope_table =
    FIELD_TABLE(envelope_fields, struct envelope);

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
	{ .name = "payment_id", .type = F_INT, .flags = FIELD_REQUIRED,
	    .min = 1, .max = INT64_MAX, .off = offsetof(struct data, payment) },
	{ .name = "amount", .type = F_INT, .flags = FIELD_REQUIRED,
	    .max = INT64_MAX, .off = offsetof(struct data, amount) },
	{ .name = "currency", .type = F_STR, .flags = FIELD_REQUIRED,
	    .min = 3, .max = 3, .off = offsetof(struct data, currency) },
	{ .name = "why", .type = F_STR, .flags = FIELD_CTL,
	    .off = offsetof(struct data, why) },
};
static const struct field_table data_table =
    FIELD_TABLE(data_fields, struct data);

bool
hook_sandbox_read(struct arena *a, const char *body, struct hook_event *e)
{
	struct envelope *top = field_new(a, &envelope_table);
	struct data *d = field_new(a, &data_table);
	size_t i;

	if (!theirs_read(a, &envelope_table, top, body))
		return false;
	e->id = top->id;
	e->type = top->type;
	for (i = 0; i < NELEM(types); i++)
		if (str_eq(types[i], top->type))
			e->news = (enum hook_news)i;
	if (e->news == HOOK_NONE)
		return true;
	if (!theirs_read(a, &data_table, d, top->data))
		return false;
	e->payment = d->payment;
	e->amount = d->amount;
	e->currency = d->currency;
	e->ref = d->ref;
	e->paid_ref = d->paid_ref;
	e->why = theirs_text(a, d->why);
	if (e->news < HOOK_REFUND)
		return e->news != HOOK_PAID || d->paid_ref != NULL;
	e->return_ref = d->return_ref;
	e->return_state = 2;
	return d->return_ref != NULL;
}

void
hook_sandbox_write(const struct hook_order *o, struct buf *body)
{
	struct jout j;

	jout_init(&j, body);
	jout_obj(&j, NULL);
	jout_str(&j, "id", o->event_id);
	jout_str(&j, "object", "event");
	jout_str(&j, "type", types[o->news]);
	jout_int(&j, "created", o->now / SECOND);
	jout_obj(&j, "data");
	jout_int(&j, "payment_id", o->payment);
	jout_str(&j, "ref", o->ref);
	if (o->news != HOOK_FAILED && o->news != HOOK_ENDED)
		jout_str(&j, "paid_ref", o->paid_ref);
	jout_int(&j, "amount", o->amount);
	jout_str(&j, "currency", o->currency);
	if (o->news >= HOOK_REFUND)
		jout_str(&j, "return_ref", o->return_ref);
	if (o->news == HOOK_FAILED)
		jout_str(&j, "why", "The payment was declined.");
	jout_obj_end(&j);
	jout_obj_end(&j);
}
