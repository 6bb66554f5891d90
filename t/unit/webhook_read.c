/* webhook_read: parsing webhooks of providers. */
#include "unit.h"

#include "base/arena.h"
#include "providers/provider.h"

static struct arena arena;
static struct webhook_event event;

/* Returns NULL if the body was rejected. */
static struct webhook_event *
read_as(enum provider p, const char *body)
{
	struct webhook_headers h = { .razorpay_event_id = "ev" };
	struct err err;
	enum rc rc;

	err_init(&err, &arena);
	rc = webhook_read(&arena, p, &h, body, strlen(body), &event, &err);
	if (rc == RC_OK)
		return &event;
	assert_int_equal(rc, RC_BAD);
	assert_string_equal(err.code, "webhook_invalid");
	assert_null(event.id);
	return NULL;
}

static struct webhook_event *
stripe(const char *type, const char *object)
{
	return read_as(PROVIDER_STRIPE, arena_fmt(&arena, "{\"id\":\"evt_1\","
	    "\"object\":\"event\",\"type\":\"%s\",\"data\":{\"object\":%s}}",
	    type, object));
}

static struct webhook_event *
razorpay(const char *type, const char *payload)
{
	return read_as(PROVIDER_RAZORPAY, arena_fmt(&arena, "{\"entity\":"
	    "\"event\",\"event\":\"%s\",\"contains\":[],\"payload\":%s}", type,
	    payload));
}

#define MONEY	"\"amount\":500,\"currency\":\"inr\""

static void
stripe_intents(void **state)
{
	struct webhook_event *e;

	(void)state;
	e = stripe("payment_intent.succeeded", "{\"id\":\"pi_1\"," MONEY ","
	    "\"amount_received\":400,\"latest_charge\":\"ch_1\","
	    "\"metadata\":{\"earmark_payment\":\"7\",\"x\":[1]}}");
	assert_int_equal(e->kind, WEBHOOK_PAID);
	assert_int_equal(e->amount, 400);
	assert_int_equal(e->payment, 7);
	assert_string_equal(e->paid_ref, "ch_1");
	e = stripe("payment_intent.succeeded", "{\"id\":\"pi_1\"," MONEY ","
	    "\"amount_received\":null,\"latest_charge\":null}");
	assert_int_equal(e->amount, 500);
	assert_null(e->paid_ref);
	e = stripe("payment_intent.payment_failed", "{\"id\":\"pi_1\"," MONEY
	    ",\"amount_received\":0,\"last_payment_error\":{\"message\":"
	    "\"No\\nmoney\"}}");
	assert_int_equal(e->kind, WEBHOOK_FAILED);
	assert_string_equal(e->why, "No money");
	assert_int_equal(e->amount, 500);
	e = stripe("payment_intent.canceled", "{\"id\":\"pi_1\"," MONEY "}");
	assert_int_equal(e->kind, WEBHOOK_ENDED);
	e = stripe("payment_intent.processing", "{\"id\":\"pi_1\"}");
	assert_int_equal(e->kind, WEBHOOK_NONE);
	assert_string_equal(e->type, "payment_intent.processing");
	assert_int_equal(stripe("payment_intent.succeeded2", "7")->kind,
	    WEBHOOK_NONE);
	assert_null(stripe("payment_intent.succeeded", "7"));
	assert_null(stripe("payment_intent.succeeded", "{\"id\":\"pi_1\"}"));
	assert_null(stripe("payment_intent.succeeded", "{\"id\":\"pi_1\","
	    "\"currency\":\"inr\",\"amount\":-1}"));
	assert_null(stripe("payment_intent.succeeded", "{\"id\":\"pi_1\","
	    "\"currency\":\"inr\",\"amount\":5.5}"));
	e = stripe("payment_intent.succeeded", "{\"id\":\"pi_1\","
	    "\"currency\":\"inr\",\"amount\":5.0}");
	assert_int_equal(e->amount, 5);
	assert_null(stripe("payment_intent.succeeded", "{\"id\":\"pi_1\","
	    MONEY "," MONEY "}"));
}

static void
stripe_returns(void **state)
{
	static const struct { const char *status; int state; } all[] = {
		{ "succeeded", 2 }, { "pending", 1 }, { "failed", 3 },
		{ "canceled", 3 }, { "requires_action", 1 },
	};
	struct webhook_event *e;
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(all); i++) {
		e = stripe("refund.updated", arena_fmt(&arena, "{\"id\":"
		    "\"re_1\"," MONEY ",\"charge\":\"ch_1\","
		    "\"payment_intent\":\"pi_1\",\"status\":\"%s\","
		    "\"metadata\":{\"earmark_return\":\"3\"}}",
		    all[i].status));
		assert_int_equal(e->kind, WEBHOOK_REFUND);
		assert_int_equal(e->return_state, all[i].state);
		assert_string_equal(e->return_ref, "re_1");
		assert_string_equal(e->ref, "pi_1");
		assert_int_equal(e->return_no, 3);
		assert_int_equal(e->payment, 0);
	}
	/*
	 * A charge that contains its refunds reports the newest one. Without
	 * them it reports none.
	 */
	e = stripe("charge.refunded", "{\"id\":\"ch_1\",\"amount\":900,"
	    "\"currency\":\"inr\",\"payment_intent\":\"pi_1\",\"refunds\":"
	    "{\"data\":[{\"id\":\"re_2\"," MONEY ",\"status\":\"succeeded\"},"
	    "{\"id\":\"re_1\"," MONEY "}]}}");
	assert_int_equal(e->kind, WEBHOOK_REFUND);
	assert_string_equal(e->return_ref, "re_2");
	assert_string_equal(e->paid_ref, "ch_1");
	assert_string_equal(e->ref, "pi_1");
	assert_int_equal(e->amount, 500);
	e = stripe("charge.refunded", "{\"id\":\"ch_1\"," MONEY "}");
	assert_int_equal(e->kind, WEBHOOK_NONE);
}

static void
stripe_disputes(void **state)
{
	static const struct {
		const char *type, *status;
		enum webhook_event_kind kind;
	} all[] = {
		{ "created", "needs_response", WEBHOOK_DISPUTE },
		{ "created", "warning_needs_response", WEBHOOK_NONE },
		{ "funds_withdrawn", "needs_response", WEBHOOK_DISPUTE },
		{ "closed", "won", WEBHOOK_DISPUTE_WON },
		{ "closed", "lost", WEBHOOK_NONE },
		{ "closed", "warning_closed", WEBHOOK_NONE },
		{ "funds_reinstated", "won", WEBHOOK_DISPUTE_WON },
		{ "updated", "under_review", WEBHOOK_NONE },
	};
	struct webhook_event *e;
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(all); i++) {
		e = stripe(arena_fmt(&arena, "charge.dispute.%s", all[i].type),
		    arena_fmt(&arena, "{\"id\":\"dp_1\"," MONEY ",\"charge\":"
		    "\"ch_1\",\"payment_intent\":\"pi_1\",\"status\":\"%s\"}",
		    all[i].status));
		assert_int_equal(e->kind, all[i].kind);
		if (e->kind != WEBHOOK_NONE)
			assert_string_equal(e->return_ref, "dp_1");
	}
}

#define PAYMENT(more) "\"payment\":{\"entity\":{\"id\":\"pay_1\",\"amount\":" \
	"500,\"currency\":\"INR\",\"order_id\":\"order_1\"" more "}}"

static void
razorpay_payments(void **state)
{
	struct webhook_event *e;

	(void)state;
	e = razorpay("payment.captured", "{" PAYMENT(",\"notes\":[]") "}");
	assert_int_equal(e->kind, WEBHOOK_PAID);
	assert_string_equal(e->ref, "order_1");
	assert_string_equal(e->paid_ref, "pay_1");
	assert_int_equal(e->amount, 500);
	assert_int_equal(e->payment, 0);
	e = razorpay("order.paid", "{" PAYMENT("") ",\"order\":{\"entity\":{"
	    "\"id\":\"order_1\",\"amount\":500,\"amount_paid\":500,"
	    "\"currency\":\"INR\",\"notes\":{\"earmark_payment\":\"9\"}}}}");
	assert_int_equal(e->kind, WEBHOOK_PAID);
	assert_string_equal(e->paid_ref, "pay_1");
	assert_int_equal(e->payment, 9);
	e = razorpay("payment.failed", "{" PAYMENT(",\"error_description\":"
	    "\"Bank \\u0007said no\"") "}");
	assert_int_equal(e->kind, WEBHOOK_FAILED);
	assert_string_equal(e->why, "Bank  said no");
	e = razorpay("payment.authorized", "{" PAYMENT("") "}");
	assert_int_equal(e->kind, WEBHOOK_NONE);
	/* Notes of other programs, or invalid ones. */
	e = razorpay("payment.captured", "{" PAYMENT(",\"notes\":"
	    "{\"earmark_payment\":{}}") "}");
	assert_int_equal(e->payment, 0);
	e = razorpay("payment.captured", "{" PAYMENT(",\"notes\":"
	    "{\"earmark_payment\":\"-9\"}") "}");
	assert_int_equal(e->payment, 0);
	assert_null(razorpay("order.paid", "{}"));
	assert_null(razorpay("payment.captured", "[]"));
	assert_null(razorpay("payment.captured", "{\"payment\":{}}"));
}

static void
razorpay_returns(void **state)
{
	static const struct {
		const char *type, *status;
		int deducted;
		enum webhook_event_kind kind;
		int state;
	} all[] = {
		{ "refund.created", "pending", 0, WEBHOOK_REFUND, 1 },
		{ "refund.created", "processed", 0, WEBHOOK_REFUND, 2 },
		{ "refund.processed", "processed", 0, WEBHOOK_REFUND, 2 },
		{ "refund.failed", "failed", 0, WEBHOOK_REFUND, 3 },
		{ "refund.speed_changed", "pending", 0, WEBHOOK_REFUND, 1 },
		{ "payment.dispute.created", "open", 0, WEBHOOK_NONE, 0 },
		{ "payment.dispute.created", "open", 500, WEBHOOK_DISPUTE, 2 },
		{ "payment.dispute.lost", "lost", 0, WEBHOOK_DISPUTE, 2 },
		{ "payment.dispute.won", "won", 0, WEBHOOK_DISPUTE_WON, 2 },
		{ "payment.dispute.closed", "closed", 0, WEBHOOK_NONE, 0 },
	};
	struct webhook_event *e;
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(all); i++) {
		e = razorpay(all[i].type, arena_fmt(&arena, "{" PAYMENT("")
		    ",\"%s\":{\"entity\":{\"id\":\"back_1\"," MONEY
		    ",\"payment_id\":\"pay_1\",\"status\":\"%s\","
		    "\"amount_deducted\":%d,\"notes\":{\"earmark_return\":5}}}"
		    "}", str_prefix(all[i].type, "refund") ? "refund" :
		    "dispute", all[i].status, all[i].deducted));
		assert_int_equal(e->kind, all[i].kind);
		assert_int_equal(e->return_state, all[i].state);
		if (e->kind == WEBHOOK_NONE)
			continue;
		assert_string_equal(e->return_ref, "back_1");
		assert_string_equal(e->paid_ref, "pay_1");
		assert_string_equal(e->ref, "order_1");
		assert_int_equal(e->amount, 500);
	}
	/* If a refund has no currency, it has that of the payment. */
	e = razorpay("refund.processed", "{" PAYMENT("") ",\"refund\":"
	    "{\"entity\":{\"id\":\"rfnd_1\",\"amount\":500,\"currency\":"
	    "\"\",\"payment_id\":\"pay_1\"}}}");
	assert_string_equal(e->currency, "INR");
	assert_int_equal(e->return_state, 1);
	assert_null(razorpay("refund.processed", "{" PAYMENT("") "}"));
}

static void
nonsense_is_refused(void **state)
{
	static const char *const bad[] = {
		"", " ", "{}", "[]", "null", "7", "\"x\"", "{\"id\":7}",
		"{\"id\":\"\",\"object\":\"event\",\"type\":\"x\"}",
		"{\"id\":\"x\",\"object\":\"charge\",\"type\":\"x\"}",
		"{\"entity\":\"payment\",\"event\":\"x\"}",
		"{\"id\":\"e\",\"type\":\"payment.paid\",\"data\":{}}",
		"{\"id\":\"e\",\"type\":\"payment.paid\",\"data\":7}",
		"\xff", "{\"id\":\"\\u0000\"}",
	};
	size_t i;
	int p;

	(void)state;
	for (i = 0; i < NELEM(bad); i++)
		for (p = 1; p < PROVIDER_MAX; p++)
			assert_null(read_as((enum provider)p, bad[i]));
}

static void
whole_bodies_count(void **state)
{
	static const char good[] = "{\"id\":\"e\",\"object\":\"event\","
	    "\"type\":\"x\",\"data\":{}}\0{";
	struct webhook_headers h = { 0 };
	struct webhook_event e;
	struct err err;
	int p;

	(void)state;
	for (p = 1; p < PROVIDER_MAX; p++) {
		err_init(&err, &arena);
		assert_int_equal(webhook_read(&arena, (enum provider)p, &h,
		    good, sizeof(good) - 1, &e, &err), RC_BAD);
	}
	err_init(&err, &arena);
	assert_int_equal(webhook_read(&arena, PROVIDER_STRIPE, &h, good,
	    sizeof(good) - 3, &e, &err), RC_OK);
}

/* The ID of a Razorpay event without an ID is derived from its bytes. */
static void
event_ids(void **state)
{
	static const char one[] = "{\"entity\":\"event\",\"event\":\"x\"}";
	static const char two[] = "{\"entity\":\"event\",\"event\":\"y\"}";
	struct webhook_headers h = { .razorpay_event_id = "" };
	struct webhook_event e;
	const char *first;
	struct err err;
	char *big;

	(void)state;
	err_init(&err, &arena);
	webhook_read(&arena, PROVIDER_RAZORPAY, &h, one, strlen(one), &e, &err);
	first = e.id;
	assert_int_equal(strlen(first), 69);
	webhook_read(&arena, PROVIDER_RAZORPAY, &h, two, strlen(two), &e, &err);
	assert_string_not_equal(e.id, first);
	webhook_read(&arena, PROVIDER_RAZORPAY, &h, one, strlen(one), &e, &err);
	assert_string_equal(e.id, first);
	big = arena_zalloc(&arena, 1, 257);
	memset(big, 'x', 256);
	h.razorpay_event_id = big;
	assert_int_equal(webhook_read(&arena, PROVIDER_RAZORPAY, &h, one,
	    strlen(one), &e, &err), RC_BAD);
	big[255] = '\0';
	assert_int_equal(webhook_read(&arena, PROVIDER_RAZORPAY, &h, one,
	    strlen(one), &e, &err), RC_OK);
	h.razorpay_event_id = "a\xff";
	assert_int_equal(webhook_read(&arena, PROVIDER_RAZORPAY, &h, one,
	    strlen(one), &e, &err), RC_BAD);
}

static int
set_up(void **state)
{
	(void)state;
	arena_init(&arena, 64 << 20);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stripe_intents),
		cmocka_unit_test(stripe_returns),
		cmocka_unit_test(stripe_disputes),
		cmocka_unit_test(razorpay_payments),
		cmocka_unit_test(razorpay_returns),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(whole_bodies_count),
		cmocka_unit_test(event_ids),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
