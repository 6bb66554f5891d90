/*
 * Fuzzes webhooks of payment providers. The first byte selects the input: 's',
 * 'r' and 'e' are verified bodies of Stripe, Razorpay and the sandbox. Other
 * inputs are a signature header, a line feed and a body. They can never be
 * valid, because the key is random.
 */
#include "fuzz.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/random.h"
#include "providers/provider.h"

#define NOW	(INT64_C(1800000000) * SECOND)

static struct conf conf = { .providers = "sandbox" };

/* Checks that a string, unless NULL, may be stored and shown. */
static void
must_be_fit(const char *s)
{
	if (s == NULL)
		return;
	MUST(str_utf8(s, strlen(s)) >= 0);
	MUST(!str_has_ctl(s));
	MUST(strlen(s) <= 4 * 255);
}

static void
must_be_whole(const struct webhook_event *e)
{
	MUST(e->id != NULL && e->id[0] != '\0');
	MUST(e->type != NULL);
	must_be_fit(e->id);
	must_be_fit(e->type);
	must_be_fit(e->ref);
	must_be_fit(e->paid_ref);
	must_be_fit(e->currency);
	must_be_fit(e->return_ref);
	must_be_fit(e->why);
	MUST(e->kind <= WEBHOOK_DISPUTE_WON);
	MUST(e->payment >= 0 && e->return_no >= 0 && e->amount >= 0);
	MUST(e->return_state >= 0 && e->return_state <= 3);
	if (e->kind == WEBHOOK_NONE)
		return;
	MUST(e->currency != NULL);
	if (e->kind >= WEBHOOK_REFUND)
		MUST(e->return_ref != NULL && e->return_state > 0);
	else
		MUST(e->return_ref == NULL && e->return_state == 0);
}

static void
read_body(struct arena *a, enum provider p, const char *body, size_t n)
{
	static const struct webhook_event none;
	struct webhook_headers h = { 0 };
	struct webhook_event e;
	struct err err;
	enum rc rc;

	err_init(&err, a);
	rc = webhook_read(a, p, &h, body, n, &e, &err);
	if (rc == RC_OK) {
		must_be_whole(&e);
		return;
	}
	MUST(rc == RC_BAD && str_eq(err.code, "webhook_invalid"));
	MUST(e.id == none.id && e.ref == none.ref && e.amount == 0);
}

static void
verify(struct arena *a, const char *s, size_t n)
{
	const char *end = n == 0 ? NULL : memchr(s, '\n', n), *why = NULL;
	size_t len = end == NULL ? n : (size_t)(end - s);
	struct webhook_headers h = { .earmark_signature = arena_strn(a, s,
	    len) };

	MUST(!webhook_verify(&conf, PROVIDER_SANDBOX, &h, s + len, n - len, NOW,
	    &why));
	MUST(why != NULL);
	h.stripe_signature = h.earmark_signature;
	h.razorpay_signature = h.earmark_signature;
	MUST(webhook_provider(&h) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static bool ready;
	const char *why, *body = (const char *)data + 1;
	struct arena a;

	if (n == 0)
		return 0;
	arena_init(&a, 16 << 20);
	if (!ready) {
		random_bytes(conf.key_sandbox.b, sizeof(conf.key_sandbox.b));
		MUST(provider_start(&conf, &why));
		ready = true;
	}
	if (data[0] == 's')
		read_body(&a, PROVIDER_STRIPE, body, n - 1);
	else if (data[0] == 'r')
		read_body(&a, PROVIDER_RAZORPAY, body, n - 1);
	else if (data[0] == 'e')
		read_body(&a, PROVIDER_SANDBOX, body, n - 1);
	else
		verify(&a, (const char *)data, n);
	arena_free(&a);
	return 0;
}
