/*
 * webhook: verification agrees with the SDKs of the vendors
 * (t/tools/vectors/webhooks.json: npm stripe 23.1.0, razorpay 2.9.8), or is
 * stricter where this file says so. Written webhooks can be read again.
 */
#include "temp_folder.h"

#include "base/clock.h"
#include "base/hash.h"
#include "json/json_decode.h"
#include "providers/provider.h"

#define NOW	(INT64_C(1767225600) * SECOND)

static struct arena arena;
static struct conf conf;

static const char *
put(const char *name, const char *text)
{
	return temp_folder_put(name, text, strlen(text), 0600);
}

/* Starts both providers with these webhook secrets. */
static void
start(const char *secrets)
{
	const char *why = NULL;

	conf.providers = "sandbox, razorpay,stripe";
	conf.currency = "INR";
	conf.razorpay_url = conf.stripe_url = "https://api.example.com";
	conf.razorpay_key_id = "rzp_test_1";
	conf.razorpay_key_file = conf.stripe_key_file =
	    put("key", "key_secret_earmark\n");
	conf.razorpay_hook_file = conf.stripe_hook_file =
	    put("hooks", secrets);
	if (!provider_start(&conf, &why))
		fail_msg("%s", why);
}

/*
 * The vectors.
 */

struct vector {
	const char *name, *secret, *header, *signature, *payload, *params,
	    *message;
	int64_t now;
	int accepts;
};

#define TEXT(key, member) \
	{ .name = key, .type = F_STR, .flags = FIELD_CTL, \
	    .off = offsetof(struct vector, member) }

static const struct field vector_fields[] = {
	TEXT("name", name),
	{ .name = "secret", .alias = "key_secret", .type = F_STR,
	    .off = offsetof(struct vector, secret) },
	TEXT("header", header),
	TEXT("signature", signature),
	TEXT("payload", payload),
	TEXT("signed_message", message),
	{ .name = "params", .type = F_JSON,
	    .off = offsetof(struct vector, params) },
	{ .name = "now", .type = F_INT, .off = offsetof(struct vector, now) },
	{ .name = "sdk_accepts", .type = F_BOOL, .dflt = -1,
	    .flags = FIELD_REQUIRED, .off = offsetof(struct vector, accepts) },
};
static const struct field_table vector_table =
    FIELD_TABLE(vector_fields, struct vector);

struct vectors { struct objv stripe, razorpay, checkout; };

#define LIST(key, member) \
	{ .name = key, .type = F_OBJV, .flags = FIELD_REQUIRED, .min = 1, \
	    .max = 100, .sub = &vector_table, \
	    .off = offsetof(struct vectors, member) }

static const struct field vectors_fields[] = {
	LIST("stripe", stripe), LIST("razorpay_webhook", razorpay),
	LIST("razorpay_payment", checkout),
};
static const struct field_table vectors_table =
    FIELD_TABLE(vectors_fields, struct vectors);

static struct vectors *vectors;

static void
read_vectors(void)
{
	const char *src = getenv("EARMARK_SRC");
	FILE *f = fopen(arena_fmt(&arena, "%s/t/tools/vectors/webhooks.json",
	    src == NULL ? "." : src), "r");
	char *text = arena_alloc(&arena, JSON_BYTES_PROVIDER);
	struct err err;
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, JSON_BYTES_PROVIDER, f);
	fclose(f);
	vectors = field_new(&arena, &vectors_table);
	err_init(&err, &arena);
	if (json_decode_max(&arena, &vectors_table, vectors, text, n,
	    JSON_BYTES_PROVIDER, &err) != RC_OK)
		fail_msg("%s %s", err.message, err.fields == NULL ? "" :
		    err.fields->name);
}

/* Cases that this program rejects and the SDK accepts, with the reason. */
static const struct {
	const char *name, *reason;
} stricter[] = {
	{ "future timestamp 1h (SDK accepts; only age>tolerance rejects)",
	    "nothing is signed an hour before it is sent: 300 s either way" },
};

static bool
judged(const struct vector *v)
{
	size_t i;

	for (i = 0; i < NELEM(stricter); i++)
		if (str_eq(stricter[i].name, v->name)) {
			assert_true(v->accepts);
			return false;
		}
	return v->accepts;
}

static bool
stripe_ok(const char *header, const char *body, int64_t now, const char **why)
{
	struct webhook_headers h = { .stripe_signature = header };

	*why = "";
	return webhook_verify(&conf, PROVIDER_STRIPE, &h, body, strlen(body),
	    now, why);
}

static void
stripe_vectors(void **state)
{
	const struct vector *v = vectors->stripe.v;
	size_t i, strict = 0;
	const char *why;

	(void)state;
	assert_int_equal(vectors->stripe.n, 22);
	for (i = 0; i < vectors->stripe.n; i++) {
		start(v[i].secret);
		if (stripe_ok(v[i].header, v[i].payload, v[i].now * SECOND,
		    &why) != judged(&v[i]))
			fail_msg("%s: %s", v[i].name, why);
		if (strstr(v[i].name, "stale") != NULL)
			assert_string_equal(why, "stale");
		strict += judged(&v[i]) != v[i].accepts;
	}
	assert_int_equal(strict, NELEM(stricter));
}

static void
razorpay_vectors(void **state)
{
	const struct vector *v = vectors->razorpay.v;
	struct webhook_headers h = { 0 };
	const char *why = "";
	size_t i;

	(void)state;
	assert_int_equal(vectors->razorpay.n, 8);
	for (i = 0; i < vectors->razorpay.n; i++) {
		start(v[i].secret);
		h.razorpay_signature = v[i].signature;
		if (webhook_verify(&conf, PROVIDER_RAZORPAY, &h, v[i].payload,
		    strlen(v[i].payload), NOW, &why) != judged(&v[i]))
			fail_msg("%s: %s", v[i].name, why);
	}
}

/*
 * Of the checkout signatures, only the order's is used. Payment links are not
 * created here.
 */
static void
checkout_vectors(void **state)
{
	static const char *const orders[] = { "order_EarmarkTest1",
		"order_Other" };
	const struct vector *v = vectors->checkout.v;
	size_t i;

	(void)state;
	assert_int_equal(vectors->checkout.n, 4);
	start("x");
	for (i = 0; i < 2; i++) {
		assert_non_null(strstr(v[i].params, orders[i]));
		assert_int_equal(webhook_razorpay_checkout(orders[i],
		    "pay_EarmarkTest1", v[i].signature), judged(&v[i]));
	}
	assert_false(webhook_razorpay_checkout("pay_1", "sub_1", "882b"));
	/*
	 * The signed text is two texts joined by a bar. Their kind does not
	 * matter.
	 */
	assert_true(webhook_razorpay_checkout("pay_1", "sub_1",
	    v[2].signature));
	assert_true(webhook_razorpay_checkout("plink_1|ref1|paid", "pay_1",
	    v[3].signature));
}

/* Three vectors written by hand. */
static void
small_vectors(void **state)
{
	struct webhook_headers h = {
	    .razorpay_signature = "74bf24c03e6a0203eeda"
		"9761d9759b9bbeaeef0946fad4d12ef31e5716719d79" };
	const char *why;

	(void)state;
	start("whsec_test_secret");
	assert_true(stripe_ok("t=1700000000,v1=8042376f6ca064adbe037642a718227"
	    "dfd59047137eb49497a54c49eb0cfb724",
	    "{\"id\":\"evt_test\",\"object\":\"event\"}",
	    INT64_C(1700000000) * SECOND, &why));
	start("rzp_secret");
	assert_true(webhook_verify(&conf, PROVIDER_RAZORPAY, &h,
	    "{\"event\":\"order.paid\"}", 22, NOW, &why));
	put("key", "rzp_key_secret");
	assert_true(provider_start(&conf, &why));
	assert_true(webhook_razorpay_checkout("order_1", "pay_1",
	    "a04591afde9efeadba3c2e421585df2c"
	    "013ef7cd7b3adb2b42f118b592bb4a7e"));
}

/* Cases that are not in the vectors. */

static const char *
v1(const char *secret, int64_t at, const char *body)
{
	char *text = arena_fmt(&arena, "%lld.%s", (long long)at, body);
	struct hash mac = hash_hmac(secret, strlen(secret), text,
	    strlen(text));
	char *hex = arena_alloc(&arena, 65);

	hash_hex(mac.b, 32, hex);
	return hex;
}

static void
edges_of_time(void **state)
{
	int64_t at = NOW / SECOND;
	const char *why, *h;

	(void)state;
	start("whsec_a");
	h = arena_fmt(&arena, "t=%lld,v1=%s", (long long)at,
	    v1("whsec_a", at, "x"));
	assert_true(stripe_ok(h, "x", NOW + 300 * SECOND + 999, &why));
	assert_false(stripe_ok(h, "x", NOW + 301 * SECOND, &why));
	assert_string_equal(why, "stale");
	assert_true(stripe_ok(h, "x", NOW - 300 * SECOND, &why));
	assert_false(stripe_ok(h, "x", NOW - 301 * SECOND, &why));
	assert_string_equal(why, "stale");
}

/* Numbers that parseInt() of the SDK accepts are rejected. */
static void
stamps_are_numbers(void **state)
{
	static const char *const bad[] = {
		"1767225600x", " 1767225600", "+1767225600", "01767225600",
		"1767225600.0", "1767225600=1", "-1767225600", "",
		"99999999999999999999", "1767225600 ",
	};
	const char *why, *mac;
	size_t i;

	(void)state;
	start("whsec_a");
	mac = v1("whsec_a", NOW / SECOND, "x");
	assert_true(stripe_ok(arena_fmt(&arena, "t=1767225600,v1=%s", mac),
	    "x", NOW, &why));
	for (i = 0; i < NELEM(bad); i++) {
		assert_false(stripe_ok(arena_fmt(&arena, "t=%s,v1=%s", bad[i],
		    mac), "x", NOW, &why));
		assert_string_equal(why, "bad_signature");
	}
	assert_false(stripe_ok(arena_fmt(&arena, "t=1767225600,v1=%s=1", mac),
	    "x", NOW, &why));
	assert_false(stripe_ok(arena_fmt(&arena, "t=1767225600,v1=%s0", mac),
	    "x", NOW, &why));
	assert_false(stripe_ok(arena_fmt(&arena, "t=1767225600,v10=%s", mac),
	    "x", NOW, &why));
	assert_false(stripe_ok(",,,=,t,v1,t=,v1=,", "x", NOW, &why));
}

static void
any_secret_will_do(void **state)
{
	const char *why, *h = arena_fmt(&arena, "t=%lld,v1=%s",
	    (long long)(NOW / SECOND), v1("whsec_b", NOW / SECOND, "x"));
	struct hash mac = hash_hmac("whsec_b", 7, "x", 1);
	char hex[65];
	struct webhook_headers r = { .razorpay_signature = hex };

	(void)state;
	hash_hex(mac.b, 32, hex);
	start("whsec_a\nwhsec_b\r\n\n  \nwhsec_c \n");
	assert_true(stripe_ok(h, "x", NOW, &why));
	assert_true(webhook_verify(&conf, PROVIDER_RAZORPAY, &r, "x", 1, NOW,
	    &why));
	start("whsec_a\nwhsec_c");
	assert_false(stripe_ok(h, "x", NOW, &why));
	assert_false(webhook_verify(&conf, PROVIDER_RAZORPAY, &r, "x", 1, NOW,
	    &why));
}

static void
whose_it_is(void **state)
{
	struct webhook_headers h = { 0 };
	const char *why;

	(void)state;
	assert_int_equal(webhook_provider(&h), 0);
	h.stripe_signature = "";
	assert_int_equal(webhook_provider(&h), 0);
	h.stripe_signature = "t";
	assert_int_equal(webhook_provider(&h), PROVIDER_STRIPE);
	h.razorpay_signature = "t";
	assert_int_equal(webhook_provider(&h), 0);
	h.stripe_signature = NULL;
	assert_int_equal(webhook_provider(&h), PROVIDER_RAZORPAY);
	h.razorpay_signature = NULL;
	h.earmark_signature = "t";
	assert_int_equal(webhook_provider(&h), PROVIDER_SANDBOX);
	start("a");
	assert_false(webhook_verify(&conf, PROVIDER_STRIPE, &h, "x", 1, NOW,
	    &why));
	assert_string_equal(why, "no_signature");
	conf.providers = "razorpay";
	assert_true(provider_start(&conf, &why));
	assert_false(webhook_verify(&conf, PROVIDER_SANDBOX, &h, "x", 1, NOW,
	    &why));
	assert_string_equal(why, "not_configured");
	assert_false(webhook_verify(&conf, 0, &h, "x", 1, NOW, &why));
	assert_string_equal(why, "not_configured");
}

/* Writes and reads a webhook for each provider. */

static const struct webhook_order order = {
	.event_id = "evt_1", .payment = 42, .amount = 49900,
	.currency = "INR", .ref = "order_A", .paid_ref = "pay_B",
	.return_ref = "back_C", .now = NOW,
};

static struct webhook_event
written(enum provider p, enum webhook_event_kind kind, bool twin)
{
	const char *lines[4] = { "" }, *why = "";
	struct webhook_headers h = { 0 };
	struct webhook_order o = order;
	struct webhook_event e;
	struct err err;
	struct buf body;

	buf_init(&body, 65536);
	o.kind = kind;
	o.twin = twin;
	webhook_write(&arena, &conf, p, &o, &body, lines);
	assert_null(lines[3]);
	if (p == PROVIDER_STRIPE) {
		assert_true(str_prefix(lines[0], "Stripe-Signature: "));
		h.stripe_signature = lines[0] + 18;
	} else if (p == PROVIDER_RAZORPAY) {
		assert_true(str_prefix(lines[0], "X-Razorpay-Signature: "));
		h.razorpay_signature = lines[0] + 22;
		assert_string_equal(lines[1], "X-Razorpay-Event-Id: evt_1");
		h.razorpay_event_id = lines[1] + 21;
	} else {
		assert_true(str_prefix(lines[0], "Earmark-Signature: "));
		h.earmark_signature = lines[0] + 19;
	}
	assert_int_equal(webhook_provider(&h), p);
	assert_true(webhook_verify(&conf, p, &h, body.data, body.len, NOW,
	    &why));
	body.data[body.len - 1] ^= 1;
	assert_false(webhook_verify(&conf, p, &h, body.data, body.len, NOW,
	    &why));
	body.data[body.len - 1] ^= 1;
	err_init(&err, &arena);
	if (webhook_read(&arena, p, &h, body.data, body.len, &e, &err) != RC_OK)
		fail_msg("%s: %s", body.data, err.message);
	assert_string_equal(e.id, "evt_1");
	buf_free(&body);
	return e;
}

static struct webhook_event
again(enum provider p, enum webhook_event_kind kind)
{
	return written(p, kind, false);
}

static void
written_is_read(void **state)
{
	struct webhook_event e;
	int p;

	(void)state;
	start("whsec_a\nwhsec_b");
	for (p = 1; p < PROVIDER_MAX; p++) {
		e = again((enum provider)p, WEBHOOK_PAID);
		assert_int_equal(e.kind, WEBHOOK_PAID);
		assert_int_equal(e.payment, 42);
		assert_int_equal(e.amount, 49900);
		assert_true(str_eq_nocase(e.currency, "INR"));
		assert_string_equal(e.ref, "order_A");
		assert_string_equal(e.paid_ref, "pay_B");
		e = written((enum provider)p, WEBHOOK_PAID, true);
		assert_int_equal(e.kind, WEBHOOK_PAID);
		assert_true(str_eq(e.type, "order.paid") ==
		    (p == PROVIDER_RAZORPAY));
		assert_int_equal(e.payment, 42);
		assert_int_equal(e.amount, 49900);
		assert_string_equal(e.ref, "order_A");
		assert_string_equal(e.paid_ref, "pay_B");
		e = again((enum provider)p, WEBHOOK_FAILED);
		assert_int_equal(e.kind, WEBHOOK_FAILED);
		assert_string_equal(e.ref, "order_A");
		assert_non_null(strstr(e.why, "ed"));
		e = again((enum provider)p, WEBHOOK_ENDED);
		assert_int_equal(e.kind, p == PROVIDER_RAZORPAY ? WEBHOOK_NONE :
		    WEBHOOK_ENDED);
		e = again((enum provider)p, WEBHOOK_REFUND);
		assert_int_equal(e.kind, WEBHOOK_REFUND);
		assert_string_equal(e.return_ref, "back_C");
		assert_string_equal(e.paid_ref, "pay_B");
		assert_int_equal(e.return_state, 2);
		assert_int_equal(e.amount, 49900);
		e = again((enum provider)p, WEBHOOK_DISPUTE);
		assert_int_equal(e.kind, WEBHOOK_DISPUTE);
		assert_string_equal(e.return_ref, "back_C");
		assert_int_equal(e.amount, 49900);
		e = again((enum provider)p, WEBHOOK_DISPUTE_WON);
		assert_int_equal(e.kind, WEBHOOK_DISPUTE_WON);
		assert_string_equal(e.return_ref, "back_C");
		assert_int_equal(again((enum provider)p, WEBHOOK_NONE).kind,
		    WEBHOOK_NONE);
	}
}

static void
the_sandbox_has_a_key_of_its_own(void **state)
{
	const char *lines[4], *why;
	struct webhook_headers h = { 0 };
	struct buf body;

	(void)state;
	start("whsec_a");
	buf_init(&body, 65536);
	webhook_write(&arena, &conf, PROVIDER_SANDBOX, &order, &body, lines);
	h.earmark_signature = lines[0] + 19;
	assert_true(webhook_verify(&conf, PROVIDER_SANDBOX, &h, body.data,
	    body.len, NOW, &why));
	conf.key_sandbox.b[31] ^= 1;
	assert_false(webhook_verify(&conf, PROVIDER_SANDBOX, &h, body.data,
	    body.len, NOW, &why));
	conf.key_sandbox.b[31] ^= 1;
	buf_free(&body);
}

static int
group_setup(void **state)
{
	size_t i;

	(void)state;
	arena_init(&arena, 64 << 20);
	for (i = 0; i < sizeof(conf.key_sandbox.b); i++)
		conf.key_sandbox.b[i] = (uint8_t)i;
	if (temp_folder_create() != 0)
		return -1;
	read_vectors();
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return temp_folder_remove();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stripe_vectors),
		cmocka_unit_test(razorpay_vectors),
		cmocka_unit_test(checkout_vectors),
		cmocka_unit_test(small_vectors),
		cmocka_unit_test(edges_of_time),
		cmocka_unit_test(stamps_are_numbers),
		cmocka_unit_test(any_secret_will_do),
		cmocka_unit_test(whose_it_is),
		cmocka_unit_test(written_is_read),
		cmocka_unit_test(the_sandbox_has_a_key_of_its_own),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
