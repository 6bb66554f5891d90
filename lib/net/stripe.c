#include "net/provider_impl.h"

enum rc
stripe_open(struct arena *a, const struct conf *c,
    const struct provider_order *o, struct provider_opened *out,
    struct err *err)
{
	(void)a, (void)c, (void)o, (void)out;
	return err_set(err, RC_UPSTREAM, NULL, NULL);
}

enum rc
stripe_ask(struct arena *a, const struct conf *c, const char *ref,
    struct provider_state *out, struct err *err)
{
	(void)a, (void)c, (void)ref, (void)out;
	return err_set(err, RC_UPSTREAM, NULL, NULL);
}

enum rc
stripe_refund(struct arena *a, const struct conf *c,
    const struct provider_refund *r, const char **ref, bool *done,
    struct err *err)
{
	(void)a, (void)c, (void)r, (void)ref, (void)done;
	return err_set(err, RC_UPSTREAM, NULL, NULL);
}
