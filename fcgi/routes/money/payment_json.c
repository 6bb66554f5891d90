#include "fcgi/routes/money/payment_json.h"

#include "base/hash.h"

static char *
sandbox_url(struct req *req, const struct payment *p)
{
	char key[2 * sizeof(p->page_key) + 1];

	hash_hex(p->page_key, sizeof(p->page_key), key);
	return arena_fmt(&req->arena, "%s/pay/sandbox/%lld?key=%s",
	    req->conf->base_url, (long long)p->id, key);
}

void
payment_checkout(struct req *req, const struct payment *p)
{
	struct jout *j = &req->j;

	jout_obj(j, "checkout");
	switch (p->provider) {
	case PROVIDER_RAZORPAY:
		jout_str(j, "order_id", p->ref);
		jout_str(j, "key_id", req->conf->razorpay_key_id);
		break;
	case PROVIDER_STRIPE:
		jout_str(j, "client_secret", p->secret);
		jout_str(j, "publishable_key",
		    req->conf->stripe_publishable_key);
		break;
	case PROVIDER_SANDBOX:
	case PROVIDER_MAX:
		jout_str(j, "url", sandbox_url(req, p));
		break;
	}
	jout_obj_end(j);
}

void
payment_members(struct jout *j, const struct payment *p)
{
	jout_int(j, "payment_id", p->id);
	jout_str(j, "provider", provider_words[p->provider]);
	jout_str(j, "status", payment_word(p->status, p->amount, p->refunded,
	    p->disputed));
	jout_int(j, "amount", p->amount);
	jout_str(j, "currency", p->currency);
	jout_int(j, "refunded", p->refunded);
	jout_int(j, "disputed", p->disputed);
	jout_str(j, "error", p->error);
	jout_time(j, "credited_at", p->credited_at);
	jout_time(j, "created_at", p->created_at);
	jout_time(j, "updated_at", p->updated_at);
}
