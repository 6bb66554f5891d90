/*
 * payment_webhooks_routes: receives the webhooks of payment providers.
 *
 * The signature is verified before all other checks. Unsigned requests are not
 * stored. The response is 200 only after the commit, because providers retry
 * after all other responses.
 */
#include "base/log.h"
#include "base/metric.h"
#include "base/str.h"
#include "domain/money/payment.h"
#include "fcgi/core/routes.h"

_Static_assert((int)WEBHOOK_DISPUTE_WON == (int)PAYMENT_EVENT_DISPUTE_WON &&
    (int)WEBHOOK_PAID == (int)PAYMENT_EVENT_PAID, "the two lists must be "
    "equal");

struct hook {
	enum provider provider;
	struct webhook_event ev;
};

static void
count_payment_webhooks(enum provider provider, const char *outcome)
{
	metric_add(metric_get("earmark_webhooks_total{provider=\"%s\","
	    "outcome=\"%s\"}", provider == 0 ? "unknown" :
	    provider_names[provider], outcome), 1);
}

/*
 * Returns the provider in the path, or the provider whose signature header is
 * present.
 */
static enum provider
find_provider(const struct req *req, bool named)
{
	enum provider p;

	if (!named)
		return webhook_provider(&req->hook);
	for (p = PROVIDER_SANDBOX; p < PROVIDER_MAX; p++)
		if (str_eq(req->path_arg[0], provider_names[p]))
			return p;
	return 0;
}

static enum rc
refuse_payment_webhook(struct req *req, enum provider provider, const char *why)
{
	count_payment_webhooks(provider, why);
	log_warn("webhook", "rejected: %s, provider %s, request %s", why,
	    provider == 0 ? "unknown" : provider_names[provider], req->id);
	return err_set(&req->err, RC_BAD, "webhook_signature_invalid",
	    "The webhook signature is invalid");
}

/* Parses and verifies the webhook, before the transaction. */
static enum rc
check_payment_webhook(struct req *req)
{
	struct hook *hook = arena_new(&req->arena, struct hook);
	const char *why = NULL;
	enum rc rc;

	req->prepared = hook;
	hook->provider = find_provider(req, req->route->arg != NULL);
	if (hook->provider == 0 || !provider_on(req->conf, hook->provider))
		return refuse_payment_webhook(req, hook->provider,
		    "unknown_provider");
	if (!webhook_verify(req->conf, hook->provider, &req->hook, req->raw,
	    req->raw_len, req->now, &why))
		return refuse_payment_webhook(req, hook->provider, why);
	rc = webhook_read(&req->arena, hook->provider, &req->hook, req->raw,
	    req->raw_len, &hook->ev, &req->err);
	if (rc != RC_OK) {
		count_payment_webhooks(hook->provider, "invalid");
		log_warn("webhook", "signed by %s, but not a valid event, "
		    "request %s", provider_names[hook->provider], req->id);
	}
	return rc;
}

static enum rc
take_payment_webhook(struct req *req)
{
	const struct hook *hook = req->prepared;
	const struct webhook_event *in = &hook->ev;
	const struct payment_event ev = { .provider = hook->provider,
	    .id = in->id, .type = in->type,
	    .kind = (enum payment_event_kind)in->kind, .ref = in->ref,
	    .paid_ref = in->paid_ref, .payment = in->payment,
	    .amount = in->amount, .currency = in->currency,
	    .return_ref = in->return_ref, .return_no = in->return_no,
	    .return_state = in->return_state, .why = in->why };
	enum payment_outcome outcome;
	bool again;
	enum rc rc;

	rc = payment_apply(req->db, &req->arena, req->conf, &ev, req->now,
	    &again, &outcome, &req->err);
	if (rc != RC_OK)
		return rc;
	count_payment_webhooks(hook->provider, again ? "repeated" :
	    payment_outcome_names[outcome]);
	if (outcome == PAYMENT_OUTCOME_FLAGGED)
		log_warn("webhook", "flagged: event %s of %s", in->id,
		    provider_names[hook->provider]);
	json_write_obj(&req->j, NULL);
	json_write_bool(&req->j, "received", true);
	json_write_obj_end(&req->j);
	return RC_OK;
}

#define NAMED	"named"			/* provider is in the path */

static const struct route routes[] = {
	{ .method = "POST", .path = "/payments/webhook", .prefix = PREFIX_APP,
	    .role = ROLE_OPEN, .tx = TX_WRITE, .flags = ROUTE_RAW,
	    .handler = take_payment_webhook, .before = check_payment_webhook },
	{ .method = "POST", .path = "/payments/webhook/{provider}",
	    .prefix = PREFIX_APP, .role = ROLE_OPEN, .tx = TX_WRITE,
	    .flags = ROUTE_RAW, .handler = take_payment_webhook, .arg = NAMED,
	    .before = check_payment_webhook },
};

const struct route_table payment_webhooks_routes = ROUTE_TABLE(routes);
