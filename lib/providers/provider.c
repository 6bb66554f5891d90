/*
 * provider: calls the driver of the payment's provider. The sandbox makes no
 * network requests.
 */
#include "base/str.h"
#include "providers/provider_internal.h"

enum rc
provider_open(struct arena *a, const struct conf *c, enum provider p,
    const struct provider_order *o, struct provider_opened *out,
    struct err *err)
{
	*out = (struct provider_opened){ NULL, NULL };
	if (p == PROVIDER_STRIPE)
		return stripe_open(a, c, o, out, err);
	if (p == PROVIDER_RAZORPAY)
		return razorpay_open(a, c, o, out, err);
	out->ref = arena_fmt(a, "sandbox_%lld", (long long)o->payment);
	return RC_OK;
}

/* The state of a sandbox payment changes only by webhooks. */
enum rc
provider_ask(struct arena *a, const struct conf *c, enum provider p,
    const char *ref, struct provider_state *out, struct err *err)
{
	*out = (struct provider_state){ .state = STATE_OPEN };
	if (p == PROVIDER_STRIPE)
		return stripe_ask(a, c, ref, out, err);
	if (p == PROVIDER_RAZORPAY)
		return razorpay_ask(a, c, ref, out, err);
	return RC_OK;
}

enum rc
provider_refund(struct arena *a, const struct conf *c, enum provider p,
    const struct provider_refund *r, const char **ref, bool *done,
    struct err *err)
{
	*ref = NULL;
	*done = false;
	if (p == PROVIDER_STRIPE)
		return stripe_refund(a, c, r, ref, done, err);
	if (p == PROVIDER_RAZORPAY)
		return razorpay_refund(a, c, r, ref, done, err);
	*ref = arena_fmt(a, "sandbox_refund_%lld", (long long)r->number);
	*done = true;
	return RC_OK;
}
