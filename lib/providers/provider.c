/*
 * provider: calls the driver of the payment's provider, with amounts in the
 * unit of the provider. The sandbox makes no network requests.
 */
#include "base/provider_currency.h"
#include "base/str.h"
#include "providers/provider_internal.h"

static enum rc
refuse_amount(enum provider p, int64_t amount, const char *currency,
    struct err *err)
{
	return err_set(err, RC_BAD, "provider_refused",
	    "The provider rejected the request: %s does not accept an amount "
	    "of %lld in %s", provider_names[p], (long long)amount, currency);
}

enum rc
provider_open(struct arena *a, const struct conf *c, enum provider p,
    const struct provider_order *order, struct provider_opened *out,
    struct err *err)
{
	struct provider_order o = *order;

	*out = (struct provider_opened){ NULL, NULL };
	if (!provider_currency_to(p, o.currency, order->amount, &o.amount))
		return refuse_amount(p, order->amount, o.currency, err);
	if (p == PROVIDER_STRIPE)
		return stripe_open(a, c, &o, out, err);
	if (p == PROVIDER_RAZORPAY)
		return razorpay_open(a, c, &o, out, err);
	out->ref = arena_fmt(a, "sandbox_%lld", (long long)o.payment);
	return RC_OK;
}

/* Converts the amount of a paid payment. */
static enum rc
convert_state(enum provider p, struct provider_state *s, struct err *err)
{
	int64_t units = s->amount;

	if (s->state != STATE_PAID ||
	    provider_currency_from(p, s->currency, units, &s->amount))
		return RC_OK;
	return err_set(err, RC_UPSTREAM, "provider_unavailable",
	    "The provider reported an amount of %lld, which %s cannot express",
	    (long long)units, s->currency);
}

/* The state of a sandbox payment changes only by webhooks. */
enum rc
provider_ask(struct arena *a, const struct conf *c, enum provider p,
    const char *ref, struct provider_state *out, struct err *err)
{
	enum rc rc = RC_OK;

	*out = (struct provider_state){ .state = STATE_OPEN };
	if (p == PROVIDER_STRIPE)
		rc = stripe_ask(a, c, ref, out, err);
	if (p == PROVIDER_RAZORPAY)
		rc = razorpay_ask(a, c, ref, out, err);
	return rc == RC_OK ? convert_state(p, out, err) : rc;
}

enum rc
provider_refund(struct arena *a, const struct conf *c, enum provider p,
    const struct provider_refund *refund, const char **ref, bool *done,
    struct err *err)
{
	struct provider_refund r = *refund;

	*ref = NULL;
	*done = false;
	if (!provider_currency_to(p, r.currency, refund->amount, &r.amount))
		return refuse_amount(p, refund->amount, r.currency, err);
	if (p == PROVIDER_STRIPE)
		return stripe_refund(a, c, &r, ref, done, err);
	if (p == PROVIDER_RAZORPAY)
		return razorpay_refund(a, c, &r, ref, done, err);
	*ref = arena_fmt(a, "sandbox_refund_%lld", (long long)r.number);
	*done = true;
	return RC_OK;
}
