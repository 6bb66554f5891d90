/*
 * provider_keys: reads the keys of payment providers at program start. They
 * stay in memory until the program ends.
 */
#include "base/provider_currency.h"
#include "base/str.h"
#include "crypto/secret_file.h"
#include "net/url_policy.h"
#include "providers/provider_internal.h"

static struct provider_keys keys[PROVIDER_MAX];

static bool
load_razorpay(const struct conf *c, struct provider_keys *k, const char **why)
{
	size_t one;

	if (c->razorpay_key_id[0] == '\0')
		return secret_file_wrong(why,
		    "payments.razorpay_key_id must be set");
	return url_policy_ok("payments.razorpay_url", c->razorpay_url, URL_BASE,
	    why) && secret_file_lines("payments.razorpay_key_file",
	    c->razorpay_key_file, &k->key, 1, &one, why) &&
	    secret_file_lines("payments.razorpay_webhook_file",
	    c->razorpay_hook_file, k->hooks, SECRETS, &k->n, why);
}

static bool
load_stripe(const struct conf *c, struct provider_keys *k, const char **why)
{
	size_t one;

	return url_policy_ok("payments.stripe_url", c->stripe_url, URL_BASE,
	    why) && secret_file_lines("payments.stripe_key_file",
	    c->stripe_key_file, &k->key, 1, &one, why) &&
	    secret_file_lines("payments.stripe_webhook_file",
	    c->stripe_hook_file, k->hooks, SECRETS, &k->n, why);
}

/*
 * Returns the next provider of a comma-separated list and advances *list.
 * Returns 0 at the end, and PROVIDER_MAX for an unknown name.
 */
static enum provider
next_provider(const char **list)
{
	const char *s = *list + strspn(*list, " \t"), *end;
	size_t n = strcspn(s, ","), len = n;
	int p;

	end = s + n;
	*list = *end == ',' ? end + 1 : end;
	while (len > 0 && strchr(" \t", s[len - 1]) != NULL)
		len--;
	if (len == 0 && *end == '\0')
		return 0;
	for (p = 1; p < PROVIDER_MAX; p++)
		if (strlen(provider_names[p]) == len &&
		    strncmp(provider_names[p], s, len) == 0)
			return (enum provider)p;
	return PROVIDER_MAX;
}

/* Loads the keys of one provider of the list. */
static bool
load_provider(const struct conf *c, enum provider p, const char **why)
{
	if (p == PROVIDER_MAX)
		return secret_file_wrong(why,
		    "payments.providers: supported are sandbox, "
		    "razorpay and stripe, comma-separated");
	if (keys[p].on)
		return secret_file_wrong(why,
		    "payments.providers names %s twice", provider_names[p]);
	if (!provider_currency_ok(p, c->currency))
		return secret_file_wrong(why,
		    "payments.providers: %s does not accept server.currency "
		    "%s", provider_names[p], c->currency);
	if (p == PROVIDER_RAZORPAY && !load_razorpay(c, &keys[p], why))
		return false;
	if (p == PROVIDER_STRIPE && !load_stripe(c, &keys[p], why))
		return false;
	return keys[p].on = true;
}

bool
provider_start(const struct conf *c, const char **why)
{
	const char *list = c->providers;
	enum provider p;

	explicit_bzero(keys, sizeof(keys));
	if (list[strspn(list, " \t")] == '\0')
		return true;
	if (provider_default(c) == 0)
		return secret_file_wrong(why,
		    "payments.providers must be empty or "
		    "begin with one of sandbox, razorpay, stripe");
	while ((p = next_provider(&list)) != 0)
		if (!load_provider(c, p, why)) {
			explicit_bzero(keys, sizeof(keys));
			return false;
		}
	return true;
}

bool
provider_on(const struct conf *c, enum provider p)
{
	(void)c;
	return p > 0 && p < PROVIDER_MAX && keys[p].on;
}

bool
provider_live(const struct conf *c)
{
	return (keys[PROVIDER_STRIPE].on &&
	    !str_prefix(keys[PROVIDER_STRIPE].key, "sk_test_") &&
	    !str_prefix(keys[PROVIDER_STRIPE].key, "rk_test_")) ||
	    (keys[PROVIDER_RAZORPAY].on &&
	    !str_prefix(c->razorpay_key_id, "rzp_test_"));
}

static bool
is_stripe_key(const char *key)
{
	return str_prefix(key, "sk_") || str_prefix(key, "rk_");
}

const char *
provider_key_doubt(const struct conf *c, enum provider p)
{
	const struct provider_keys *k = &keys[p];

	if (p == PROVIDER_STRIPE && !is_stripe_key(k->key))
		return "payments.stripe_key_file does not contain a secret "
		    "key (sk_...): copy it from the dashboard of Stripe";
	for (size_t i = 0; p == PROVIDER_STRIPE && i < k->n; i++)
		if (!str_prefix(k->hooks[i], "whsec_"))
			return "payments.stripe_webhook_file does not contain "
			    "the secret of a webhook (whsec_...): copy it "
			    "from the dashboard of Stripe";
	if (p == PROVIDER_RAZORPAY && !str_prefix(c->razorpay_key_id, "rzp_"))
		return "payments.razorpay_key_id is not a key ID (rzp_...): "
		    "copy it from the dashboard of Razorpay";
	return NULL;
}

enum provider
provider_default(const struct conf *c)
{
	const char *list = c->providers;
	enum provider p = next_provider(&list);

	return p == PROVIDER_MAX ? 0 : p;
}

const struct provider_keys *
provider_keys(enum provider p)
{
	return &keys[p];
}
