/*
 * webhook: identifies, verifies, parses and writes webhooks of payment
 * providers. It uses no network, database or libcurl.
 */
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/provider_currency.h"
#include "base/str.h"
#include "providers/provider_internal.h"

#define HEX		64		/* characters of an HMAC-SHA-256 */
#define TOLERANCE		INT64_C(300)	/* maximum age in seconds */
#define ID_BYTES	255

static bool
given(const char *header)
{
	return header != NULL && header[0] != '\0';
}

enum provider
webhook_provider(const struct webhook_headers *h)
{
	bool stripe = given(h->stripe_signature);
	bool razorpay = given(h->razorpay_signature);
	bool sandbox = given(h->earmark_signature);

	if (stripe + razorpay + sandbox != 1)
		return 0;
	return stripe ? PROVIDER_STRIPE : razorpay ? PROVIDER_RAZORPAY :
	    PROVIDER_SANDBOX;
}

/*
 * Returns whether n characters are the lower-case hex of the HMAC, in constant
 * time.
 */
static bool
mac_matches(const struct hash *mac, const char *sign, size_t n)
{
	char hex[HEX + 1];

	hash_hex(mac->b, sizeof(mac->b), hex);
	return n == HEX && hash_eq(hex, sign, HEX);
}

/* Returns the HMAC of "<at>.<body>". */
static struct hash
mac_with_time(const void *key, size_t klen, int64_t at, const void *body,
    size_t len)
{
	struct hash mac;
	struct buf b;

	buf_init(&b, len + 32);
	buf_int(&b, at);
	buf_ch(&b, '.');
	buf_add(&b, body, len);
	mac = hash_hmac(key, klen, b.data, b.len);
	buf_free(&b);
	return mac;
}

/*
 * Returns whether a header in Stripe's format has a v1 signature with this
 * HMAC. Compares all of them, so the time is constant.
 */
static bool
has_v1(const char *header, const struct hash *mac)
{
	const char *s = header;
	bool ok = false;
	size_t n;

	for (;;) {
		n = strcspn(s, ",");
		if (n > 3 && str_prefix(s, "v1="))
			ok |= mac_matches(mac, s + 3, n - 3);
		if (s[n] == '\0')
			return ok;
		s += n + 1;
	}
}

/*
 * Returns the last t of a header in Stripe's format, or -1 if it has none or an
 * invalid one.
 */
static int64_t
parse_time(const char *header)
{
	const char *s = header;
	int64_t at = -1;
	char text[16];
	size_t n;

	for (;;) {
		n = strcspn(s, ",");
		if (n > 1 && str_prefix(s, "t=")) {
			snprintf(text, sizeof(text), "%.*s", (int)(n - 2),
			    s + 2);
			if (n - 2 >= sizeof(text) || !str_int(text, &at))
				return -1;
		}
		if (s[n] == '\0')
			return at;
		s += n + 1;
	}
}

/*
 * Verifies Stripe's format: "t=<seconds>,v1=<hex>[,v1=<hex>]...". keys is NULL
 * for the sandbox.
 */
static bool
verify_with_time(const struct provider_keys *keys, const struct conf *c,
    const char *header, const void *body, size_t len, int64_t now,
    const char **why)
{
	int64_t at = parse_time(header), age;
	struct hash mac;
	bool ok = false;
	size_t i;

	*why = "bad_signature";
	if (at < 0 || len == 0)
		return false;
	if (keys == NULL) {
		mac = mac_with_time(c->key_sandbox.b, sizeof(c->key_sandbox.b),
		    at, body, len);
		ok = has_v1(header, &mac);
	}
	for (i = 0; keys != NULL && i < keys->n; i++) {
		mac = mac_with_time(keys->hooks[i], strlen(keys->hooks[i]), at,
		    body, len);
		ok |= has_v1(header, &mac);
	}
	if (!ok)
		return false;
	*why = "stale";
	age = now / SECOND - at;
	return age <= TOLERANCE && age >= -TOLERANCE;
}

static bool
verify_razorpay(const struct provider_keys *keys, const char *header,
    const void *body, size_t len, const char **why)
{
	struct hash mac;
	bool ok = false;
	size_t i;

	for (i = 0; i < keys->n; i++) {
		mac = hash_hmac(keys->hooks[i], strlen(keys->hooks[i]), body,
		    len);
		ok |= mac_matches(&mac, header, strlen(header));
	}
	*why = "bad_signature";
	return ok;
}

bool
webhook_verify(const struct conf *c, enum provider p,
    const struct webhook_headers *h, const void *body, size_t len, int64_t now,
    const char **why)
{
	const char *header = p == PROVIDER_STRIPE ? h->stripe_signature :
	    p == PROVIDER_RAZORPAY ? h->razorpay_signature :
	    h->earmark_signature;

	if (!provider_on(c, p)) {
		*why = "not_configured";
		return false;
	}
	if (!given(header)) {
		*why = "no_signature";
		return false;
	}
	if (p == PROVIDER_RAZORPAY)
		return verify_razorpay(provider_keys(p), header, body, len,
		    why);
	return verify_with_time(p == PROVIDER_STRIPE ? provider_keys(p) : NULL,
	    c, header, body, len, now, why);
}

bool
webhook_razorpay_checkout(const char *order, const char *payment,
    const char *signature)
{
	const struct provider_keys *keys = provider_keys(PROVIDER_RAZORPAY);
	struct hash mac;
	struct buf b;

	if (!keys->on)
		return false;
	buf_init(&b, 4 * ID_BYTES);
	buf_str(&b, order);
	buf_ch(&b, '|');
	buf_str(&b, payment);
	mac = hash_hmac(keys->key, strlen(keys->key), b.data, b.len);
	buf_free(&b);
	return mac_matches(&mac, signature, strlen(signature)) && !b.full;
}

/*
 * Returns the event ID of the header, or one derived from the body. Returns
 * NULL if the header is invalid.
 */
static const char *
razorpay_id(struct arena *a, const struct webhook_headers *h, const char *body,
    size_t len)
{
	struct hash sum;
	char *hex;

	if (given(h->razorpay_event_id))
		return strlen(h->razorpay_event_id) <= ID_BYTES &&
		    str_utf8(h->razorpay_event_id,
		    strlen(h->razorpay_event_id)) >= 0 &&
		    !str_has_ctl(h->razorpay_event_id) ?
		    arena_str(a, h->razorpay_event_id) : NULL;
	sum = hash_sha256(body, len);
	hex = arena_alloc(a, HEX + 1);
	hash_hex(sum.b, sizeof(sum.b), hex);
	return arena_fmt(a, "body_%s", hex);
}

/* Converts the amount of an event. Returns false if that is not possible. */
static bool
convert_amount(enum provider p, struct webhook_event *e)
{
	return e->kind == WEBHOOK_NONE || e->currency == NULL ||
	    provider_currency_from(p, e->currency, e->amount, &e->amount);
}

enum rc
webhook_read(struct arena *a, enum provider p, const struct webhook_headers *h,
    const char *body, size_t len, struct webhook_event *e, struct err *err)
{
	const char *text;
	bool ok = false;

	*e = (struct webhook_event){ .kind = WEBHOOK_NONE };
	if (len > 0 && memchr(body, '\0', len) == NULL) {
		text = arena_strn(a, body, len);
		if (p == PROVIDER_STRIPE)
			ok = webhook_stripe_read(a, text, e);
		else if (p == PROVIDER_RAZORPAY)
			ok = (e->id = razorpay_id(a, h, body, len)) != NULL &&
			    webhook_razorpay_read(a, text, e);
		else
			ok = webhook_sandbox_read(a, text, e);
	}
	if (ok && convert_amount(p, e))
		return RC_OK;
	*e = (struct webhook_event){ .kind = WEBHOOK_NONE };
	return err_set(err, RC_BAD, "webhook_invalid",
	    "This is not an event of this provider");
}

static const char *
format_header(struct arena *a, const char *name, const struct hash *mac,
    int64_t at)
{
	char hex[HEX + 1];

	hash_hex(mac->b, sizeof(mac->b), hex);
	return arena_fmt(a, "%s: t=%lld,v1=%s", name, (long long)at, hex);
}

void
webhook_write(struct arena *a, const struct conf *c, enum provider p,
    const struct webhook_order *given_order, struct buf *body,
    const char *headers[4])
{
	const struct provider_keys *keys = provider_keys(p);
	struct webhook_order o = *given_order;
	char hex[HEX + 1];
	struct hash mac;

	if (o.ref == NULL)
		o.ref = arena_fmt(a, "%s_%lld", p == PROVIDER_STRIPE ? "pi" :
		    p == PROVIDER_RAZORPAY ? "order" : "sandbox",
		    (long long)o.payment);
	if (o.paid_ref == NULL)
		o.paid_ref = arena_fmt(a, "%s_%lld", p == PROVIDER_STRIPE ?
		    "ch" : p == PROVIDER_RAZORPAY ? "pay" : "paid",
		    (long long)o.payment);
	if (o.return_ref == NULL)
		o.return_ref = arena_fmt(a, "%s_%lld",
		    o.kind != WEBHOOK_REFUND ? "dispute" : "refund",
		    (long long)o.payment);
	if (!provider_currency_to(p, o.currency, o.amount, &o.amount))
		o.amount = given_order->amount;
	headers[1] = headers[2] = headers[3] = NULL;
	if (p == PROVIDER_STRIPE) {
		webhook_stripe_write(&o, body);
		mac = mac_with_time(keys->hooks[0], strlen(keys->hooks[0]),
		    o.now / SECOND, body->data, body->len);
		headers[0] = format_header(a, "Stripe-Signature", &mac,
		    o.now / SECOND);
	} else if (p == PROVIDER_RAZORPAY) {
		webhook_razorpay_write(&o, body);
		mac = hash_hmac(keys->hooks[0], strlen(keys->hooks[0]),
		    body->data, body->len);
		hash_hex(mac.b, sizeof(mac.b), hex);
		headers[0] = arena_fmt(a, "X-Razorpay-Signature: %s", hex);
		headers[1] = arena_fmt(a, "X-Razorpay-Event-Id: %s",
		    o.event_id);
	} else {
		webhook_sandbox_write(&o, body);
		mac = mac_with_time(c->key_sandbox.b, sizeof(c->key_sandbox.b),
		    o.now / SECOND, body->data, body->len);
		headers[0] = format_header(a, "Earmark-Signature", &mac,
		    o.now / SECOND);
	}
}
