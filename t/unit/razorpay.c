/* razorpay: the exact requests and the interpretation of responses. */
#include "http_stub.h"

#define ORDER(more) "{\"id\":\"order_1\",\"entity\":\"order\",\"amount\":500," \
	"\"amount_paid\":0,\"currency\":\"INR\",\"status\":\"created\"" more "}"
#define REFUND(more) "{\"id\":\"rfnd_1\",\"entity\":\"refund\"," \
	"\"amount\":200,\"currency\":\"INR\",\"status\":" more "}"
#define PAYMENT(id, status) "{\"id\":\"" id "\",\"entity\":\"payment\"," \
	"\"amount\":500,\"currency\":\"INR\",\"status\":\"" status "\"," \
	"\"notes\":[]}"
#define LIST(more) "{\"entity\":\"collection\",\"count\":1,\"items\":[" \
	more "]}"
#define NO "{\"error\":{\"code\":\"BAD_REQUEST_ERROR\",\"description\":" \
	"\"Order amount less than minimum amount allowed\",\"source\":\"NA\"," \
	"\"step\":\"NA\",\"reason\":\"NA\",\"metadata\":{}}}"

static const struct provider_order order = {
	.payment = 42, .user = 7, .amount = 500, .currency = "INR",
	.idempotency_key = "earmark-42-key",
};
static const struct provider_refund refund = {
	.ref = "order_1", .paid_ref = "pay_1", .amount = 200, .currency = "INR",
	.number = 3,
	.idempotency_key = "earmark-refund-3",
};

static struct provider_opened opened;
static struct provider_state standing;
static const char *refunded, *receipt;
static bool done;

static enum rc
do_open(void)
{
	return provider_open(&arena, &conf, PROVIDER_RAZORPAY, &order, &opened,
	    &err);
}

static enum rc
do_ask(void)
{
	return provider_ask(&arena, &conf, PROVIDER_RAZORPAY, "order_1",
	    &standing, &err);
}

static enum rc
do_refund(void)
{
	return provider_refund(&arena, &conf, PROVIDER_RAZORPAY, &refund,
	    &refunded, &done, &err);
}

static void
opens(void **state)
{
	char want[64];

	(void)state;
	forget();
	answer(200, ORDER(",\"notes\":[],\"receipt\":\"x\""));
	ended(do_open(), RC_OK, NULL);
	assert_string_equal(opened.ref, "order_1");
	assert_null(opened.secret);
	assert_string_equal(asked[0].method, "POST");
	assert_string_equal(asked[0].url,
	    "https://razorpay.example.com/v1/orders");
	assert_string_equal(asked[0].user, "rzp_id");
	assert_string_equal(asked[0].password, "the_secret");
	assert_null(asked[0].bearer);
	assert_null(asked[0].headers[0]);
	assert_string_equal(asked[0].content_type, "application/json");
	receipt = strstr(asked[0].body, "\"receipt\":\"");
	assert_non_null(receipt);
	receipt = arena_strn(&arena, receipt + 11, strcspn(receipt + 11, "\""));
	assert_int_equal(strlen(receipt), strlen("earmark-42-") + 12);
	snprintf(want, sizeof(want), "%.11s", receipt);
	assert_string_equal(want, "earmark-42-");
	assert_string_equal(asked[0].body, arena_fmt(&arena, "{\"amount\":500,"
	    "\"currency\":\"INR\",\"receipt\":\"%s\",\"notes\":{"
	    "\"earmark_payment\":\"42\",\"earmark_user\":\"7\"}}", receipt));
}

static void
receipts_are_short(void **state)
{
	struct provider_order o = order;

	(void)state;
	forget();
	answer(200, ORDER(""));
	o.payment = INT64_MAX;
	o.idempotency_key = "another";
	ended(provider_open(&arena, &conf, PROVIDER_RAZORPAY, &o, &opened,
	    &err), RC_OK, NULL);
	receipt = strstr(asked[0].body, "\"receipt\":\"") + 11;
	assert_int_equal(strcspn(receipt, "\""), 40);
}

static void
an_order_of_before_is_found(void **state)
{
	const char *again;

	(void)state;
	forget();
	answer(200, ORDER(""));
	do_open();
	receipt = strstr(asked[0].body, "\"receipt\":\"") + 11;
	receipt = arena_strn(&arena, receipt, strcspn(receipt, "\""));
	again = arena_fmt(&arena, LIST(ORDER(",\"receipt\":\"other\"") ","
	    "{\"id\":\"order_9\",\"entity\":\"order\",\"amount\":500,"
	    "\"currency\":\"INR\",\"receipt\":\"%s\"}"), receipt);
	forget();
	answer(400, NO);
	answer(200, again);
	ended(do_open(), RC_OK, NULL);
	assert_string_equal(opened.ref, "order_9");
	assert_string_equal(asked[1].method, "GET");
	assert_string_equal(asked[1].url, arena_fmt(&arena, "https://razorpay."
	    "example.com/v1/orders?receipt=%s&count=10", receipt));
	forget();
	answer(400, NO);
	answer(200, LIST(ORDER(",\"receipt\":\"other\"")));
	ended(do_open(), RC_BAD, "provider_refused");
	assert_string_equal(err.message, "The provider rejected the request: "
	    "BAD_REQUEST_ERROR: Order amount less than minimum amount allowed");
	forget();
	answer(500, "");
	answer(0, "");
	ended(do_open(), RC_UPSTREAM, "provider_unavailable");
}

static void
unfit_orders(void **state)
{
	static const char *const bad[] = {
		"{}", "[]", "x", "",
		"{\"id\":\"order_1\",\"entity\":\"order\",\"amount\":501,"
		"\"currency\":\"INR\"}",
		"{\"id\":\"order_1\",\"entity\":\"order\",\"amount\":500,"
		"\"currency\":\"USD\"}",
		"{\"id\":\"order_1\",\"entity\":\"order\",\"amount\":\"500\","
		"\"currency\":\"INR\"}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(bad); i++) {
		forget();
		answer(200, bad[i]);
		if (i < 4 || i == 6)
			answer(200, LIST(""));
		ended(do_open(), RC_UPSTREAM, "provider_unavailable");
		assert_null(opened.ref);
	}
}

static void
asks(void **state)
{
	static const struct { const char *list; int state; const char *paid; }
	all[] = {
		{ LIST(""), STATE_OPEN, NULL },
		{ LIST(PAYMENT("pay_1", "failed")), STATE_OPEN, NULL },
		{ LIST(PAYMENT("pay_1", "authorized")), STATE_OPEN, NULL },
		{ LIST(PAYMENT("pay_1", "failed") ","
		    PAYMENT("pay_2", "captured")), STATE_PAID, "pay_2" },
		{ LIST(PAYMENT("pay_1", "refunded")), STATE_PAID, "pay_1" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(all); i++) {
		forget();
		answer(200, all[i].list);
		ended(do_ask(), RC_OK, NULL);
		assert_int_equal(standing.state, all[i].state);
		if (all[i].paid != NULL) {
			assert_string_equal(standing.paid_ref, all[i].paid);
			assert_int_equal(standing.amount, 500);
			assert_string_equal(standing.currency, "INR");
		}
	}
	assert_string_equal(asked[0].url, "https://razorpay.example.com/v1/"
	    "orders/order_1/payments");
	assert_string_equal(asked[0].method, "GET");
	assert_null(asked[0].body);
	forget();
	answer(200, "{\"items\":7}");
	ended(do_ask(), RC_UPSTREAM, "provider_unavailable");
	forget();
	answer(400, NO);
	ended(do_ask(), RC_BAD, "provider_refused");
}

/* The list of attempts is longer than the maximum body of a client request. */
static void
long_lists_are_read(void **state)
{
	struct buf b;
	int i;

	(void)state;
	buf_init(&b, HTTP_ANSWER);
	buf_str(&b, "{\"items\":[");
	for (i = 0; i < 200; i++)
		buf_fmt(&b, "{\"id\":\"pay_f%d\",\"entity\":\"payment\","
		    "\"amount\":500,\"currency\":\"INR\",\"status\":"
		    "\"failed\",\"error_description\":\"%0900d\"},", i, i);
	buf_str(&b, PAYMENT("pay_last", "captured") "]}");
	assert_false(b.full);
	forget();
	answer(200, b.data);
	ended(do_ask(), RC_OK, NULL);
	assert_string_equal(standing.paid_ref, "pay_last");
	buf_free(&b);
}

#define OURS(status) REFUND("\"" status "\"," \
	"\"notes\":{\"earmark_return\":\"3\"}")

static void
refunds(void **state)
{
	struct provider_refund unpaid = refund;

	(void)state;
	forget();
	answer(200, REFUND("\"processed\""));
	ended(do_refund(), RC_OK, NULL);
	assert_string_equal(refunded, "rfnd_1");
	assert_true(done);
	assert_string_equal(asked[0].url, "https://razorpay.example.com/v1/"
	    "payments/pay_1/refund");
	assert_string_equal(asked[0].body, "{\"amount\":200,\"speed\":"
	    "\"normal\",\"notes\":{\"earmark_return\":\"3\"}}");
	assert_string_equal(asked[0].headers[0],
	    "X-Refund-Idempotency: earmark-refund-3");
	forget();
	answer(200, REFUND("\"pending\""));
	ended(do_refund(), RC_OK, NULL);
	assert_false(done);
	forget();
	answer(200, REFUND("\"failed\""));
	ended(do_refund(), RC_BAD, "provider_refused");
	assert_null(refunded);
	forget();
	unpaid.paid_ref = NULL;
	ended(provider_refund(&arena, &conf, PROVIDER_RAZORPAY, &unpaid,
	    &refunded, &done, &err), RC_BAD, "provider_refused");
}

static void
a_lost_refund_is_found(void **state)
{
	(void)state;
	forget();
	answer(400, NO);
	answer(200, LIST(REFUND("\"processed\"") "," OURS("failed") ","
	    OURS("processed")));
	ended(do_refund(), RC_OK, NULL);
	assert_string_equal(asked[1].url, "https://razorpay.example.com/v1/"
	    "payments/pay_1/refunds?count=100");
	assert_true(done);
	forget();
	answer(409, NO);
	answer(200, LIST(""));
	ended(do_refund(), RC_UPSTREAM, "provider_unavailable");
	forget();
	answer(400, NO);
	answer(200, LIST(OURS("failed")));
	ended(do_refund(), RC_BAD, "provider_refused");
	/*
	 * If the lookup fails too, the refund may exist, so the error is
	 * temporary.
	 */
	forget();
	answer(400, NO);
	answer(0, "");
	ended(do_refund(), RC_UPSTREAM, "provider_unavailable");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens),
		cmocka_unit_test(receipts_are_short),
		cmocka_unit_test(an_order_of_before_is_found),
		cmocka_unit_test(unfit_orders),
		cmocka_unit_test(asks),
		cmocka_unit_test(long_lists_are_read),
		cmocka_unit_test(refunds),
		cmocka_unit_test(a_lost_refund_is_found),
	};

	return cmocka_run_group_tests(tests, wire_start, wire_end);
}
