/* stripe: the exact requests and the interpretation of responses. */
#include "http_stub.h"

#define INTENT(more) "{\"id\":\"pi_1\",\"object\":\"payment_intent\"," \
	"\"amount\":500,\"currency\":\"inr\",\"status\":" more "}"
#define OPENED INTENT("\"requires_payment_method\"," \
	"\"client_secret\":\"pi_1_secret_2\"")
#define REFUND(more) "{\"id\":\"re_1\",\"object\":\"refund\",\"amount\":200," \
	"\"currency\":\"inr\",\"status\":" more "}"

static const struct provider_order order = {
	.payment = 42, .user = 7, .amount = 500, .currency = "INR",
	.idempotency_key = "earmark-42/x y\r\n",
};
static const struct provider_refund refund = {
	.ref = "pi_1", .paid_ref = "ch_1", .amount = 200, .currency = "INR",
	.number = 3,
	.idempotency_key = "earmark-refund-3",
};

static struct provider_opened opened;
static struct provider_state standing;
static const char *refunded;
static bool done;

static enum rc
do_open(void)
{
	return provider_open(&arena, &conf, PROVIDER_STRIPE, &order, &opened,
	    &err);
}

static enum rc
do_ask(void)
{
	return provider_ask(&arena, &conf, PROVIDER_STRIPE, "pi_1", &standing,
	    &err);
}

static enum rc
do_refund(void)
{
	return provider_refund(&arena, &conf, PROVIDER_STRIPE, &refund,
	    &refunded, &done, &err);
}

static void
opens(void **state)
{
	(void)state;
	forget();
	answer(200, OPENED);
	ended(do_open(), RC_OK, NULL);
	assert_string_equal(opened.ref, "pi_1");
	assert_string_equal(opened.secret, "pi_1_secret_2");
	assert_string_equal(asked[0].method, "POST");
	assert_string_equal(asked[0].url,
	    "https://stripe.example.com/v1/payment_intents");
	assert_string_equal(asked[0].bearer, "the_secret");
	assert_null(asked[0].user);
	assert_string_equal(asked[0].content_type,
	    "application/x-www-form-urlencoded");
	assert_string_equal(asked[0].body, "amount=500&currency=inr&"
	    "automatic_payment_methods[enabled]=true&"
	    "metadata[earmark_payment]=42&metadata[earmark_user]=7");
	assert_string_equal(asked[0].headers[0],
	    "Stripe-Version: 2026-10-28.endive");
	/* Any key results in exactly one header. */
	assert_string_equal(asked[0].headers[1],
	    "Idempotency-Key: earmark-42%2Fx%20y%0D%0A");
	assert_true(asked[0].timeout_ms > 9000 && asked[0].timeout_ms <= 10000);
}

#define NO(code) "{\"error\":{\"type\":\"invalid_request_error\"," \
	"\"code\":\"" code "\",\"message\":\"No\\u0007.\"}}"

static void
refused_or_unavailable(void **state)
{
	static const struct { int status; const char *body; enum rc rc; } all[] = {
		{ 400, NO("amount_too_small"), RC_BAD },
		{ 402, NO("card_declined"), RC_BAD },
		{ 404, NO("resource_missing"), RC_BAD },
		{ 401, NO("api_key"), RC_UPSTREAM },
		{ 403, NO("permission"), RC_UPSTREAM },
		{ 409, NO("idempotency_key_in_use"), RC_UPSTREAM },
		{ 429, NO("rate_limit"), RC_UPSTREAM },
		{ 500, NO("api_error"), RC_UPSTREAM },
		{ 503, "<html>", RC_UPSTREAM }, { 400, "<html>", RC_UPSTREAM },
		{ 404, "{\"error\":{}}", RC_UPSTREAM },
		{ 302, "", RC_UPSTREAM }, { 200, "", RC_UPSTREAM },
		{ 200, "[]", RC_UPSTREAM }, { 200, "{}", RC_UPSTREAM },
		{ 200, "{\"id\":\"pi_1\"}", RC_UPSTREAM },
		{ 200, INTENT("\"x\""), RC_UPSTREAM },
		{ 200, REFUND("\"x\",\"client_secret\":\"s\""), RC_UPSTREAM },
		{ 0, "", RC_UPSTREAM },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(all); i++) {
		forget();
		answer(all[i].status, all[i].body);
		ended(do_open(), all[i].rc, all[i].rc == RC_BAD ?
		    "provider_refused" : "provider_unavailable");
		assert_null(opened.ref);
		assert_int_equal(err.retry_after, all[i].status == 429 ? 7 : 0);
	}
	forget();
	answer(400, NO("amount_too_small"));
	do_open();
	assert_string_equal(err.message,
	    "The provider rejected the request: amount_too_small: No .");
	/* An intent with another amount or currency is rejected. */
	forget();
	answer(200, "{\"id\":\"pi_1\",\"object\":\"payment_intent\",\"amount\":"
	    "501,\"currency\":\"inr\",\"status\":\"x\",\"client_secret\":\"s\"}");
	ended(do_open(), RC_UPSTREAM, "provider_unavailable");
	forget();
	answer(200, "{\"id\":\"pi_1\",\"object\":\"payment_intent\",\"amount\":"
	    "500,\"currency\":\"usd\",\"status\":\"x\",\"client_secret\":\"s\"}");
	ended(do_open(), RC_UPSTREAM, "provider_unavailable");
	/* A response with a NUL is invalid. */
	forget();
	answer(200, OPENED);
	wire_answers[0].len++;
	ended(do_open(), RC_UPSTREAM, "provider_unavailable");
}

static void
asks(void **state)
{
	static const struct { const char *status; int state; } all[] = {
		{ "succeeded", STATE_PAID }, { "canceled", STATE_ENDED },
		{ "processing", STATE_OPEN }, { "requires_action", STATE_OPEN },
		{ "requires_capture", STATE_OPEN }, { "new", STATE_OPEN },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(all); i++) {
		forget();
		answer(200, arena_fmt(&arena, INTENT("\"%s\","
		    "\"amount_received\":400,\"latest_charge\":\"ch_1\""),
		    all[i].status));
		ended(do_ask(), RC_OK, NULL);
		assert_int_equal(standing.state, all[i].state);
		assert_string_equal(asked[0].method, "GET");
		assert_string_equal(asked[0].url,
		    "https://stripe.example.com/v1/payment_intents/pi_1");
		assert_null(asked[0].body);
		assert_null(asked[0].headers[1]);
		if (standing.state != STATE_PAID)
			continue;
		assert_string_equal(standing.paid_ref, "ch_1");
		assert_int_equal(standing.amount, 400);
		assert_string_equal(standing.currency, "inr");
	}
	forget();
	answer(404, NO("resource_missing"));
	ended(do_ask(), RC_BAD, "provider_refused");
	/* An intent with another ID is rejected. */
	forget();
	answer(200, "{\"id\":\"pi_2\",\"object\":\"payment_intent\",\"amount\":"
	    "500,\"currency\":\"inr\",\"status\":\"succeeded\"}");
	ended(do_ask(), RC_UPSTREAM, "provider_unavailable");
	forget();
	answer(404, NO("x"));
	provider_ask(&arena, &conf, PROVIDER_STRIPE, "../../x?y#z", &standing,
	    &err);
	assert_string_equal(asked[0].url, "https://stripe.example.com/v1/"
	    "payment_intents/..%2F..%2Fx%3Fy%23z");
}

#define LIST(more) "{\"object\":\"list\",\"data\":[" more "]}"
#define OURS(status) REFUND("\"" status "\"," \
	"\"metadata\":{\"earmark_return\":\"3\"}")

static void
refunds(void **state)
{
	(void)state;
	forget();
	answer(200, REFUND("\"succeeded\""));
	ended(do_refund(), RC_OK, NULL);
	assert_string_equal(refunded, "re_1");
	assert_true(done);
	assert_string_equal(asked[0].url,
	    "https://stripe.example.com/v1/refunds");
	assert_string_equal(asked[0].body,
	    "payment_intent=pi_1&amount=200&metadata[earmark_return]=3");
	assert_string_equal(asked[0].headers[1],
	    "Idempotency-Key: earmark-refund-3");
	forget();
	answer(200, REFUND("\"pending\""));
	ended(do_refund(), RC_OK, NULL);
	assert_false(done);
	forget();
	answer(200, REFUND("\"failed\""));
	ended(do_refund(), RC_BAD, "provider_refused");
	assert_null(refunded);
}

static void
a_lost_refund_is_found(void **state)
{
	(void)state;
	forget();
	answer(400, NO("charge_already_refunded"));
	answer(200, LIST(REFUND("\"succeeded\"") "," OURS("failed") ","
	    OURS("succeeded")));
	ended(do_refund(), RC_OK, NULL);
	assert_string_equal(asked[1].url, "https://stripe.example.com/v1/"
	    "refunds?payment_intent=pi_1&limit=100");
	assert_string_equal(asked[1].headers[0],
	    "Stripe-Version: 2026-10-28.endive");
	assert_true(done);
	forget();
	answer(500, "");
	answer(200, LIST(OURS("pending")));
	ended(do_refund(), RC_OK, NULL);
	assert_false(done);
	/*
	 * If the refund does not exist, or that is unknown, the first error is
	 * returned.
	 */
	forget();
	answer(400, NO("charge_already_refunded"));
	answer(200, LIST(REFUND("\"succeeded\"") "," OURS("failed")));
	ended(do_refund(), RC_BAD, "provider_refused");
	forget();
	answer(400, NO("charge_already_refunded"));
	answer(0, "");
	ended(do_refund(), RC_UPSTREAM, "provider_unavailable");
	forget();
	answer(0, "");
	answer(400, NO("x"));
	ended(do_refund(), RC_UPSTREAM, "provider_unavailable");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens),
		cmocka_unit_test(refused_or_unavailable),
		cmocka_unit_test(asks),
		cmocka_unit_test(refunds),
		cmocka_unit_test(a_lost_refund_is_found),
	};

	return cmocka_run_group_tests(tests, wire_start, wire_end);
}
