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
payment_json_checkout(struct req *req, const struct payment *p)
{
	struct json_write *j = &req->j;

	json_write_obj(j, "checkout");
	switch (p->provider) {
	case PROVIDER_RAZORPAY:
		json_write_str(j, "order_id", p->ref);
		json_write_str(j, "key_id", req->conf->razorpay_key_id);
		break;
	case PROVIDER_STRIPE:
		json_write_str(j, "client_secret", p->secret);
		json_write_str(j, "publishable_key",
		    req->conf->stripe_publishable_key);
		break;
	case PROVIDER_SANDBOX:
	case PROVIDER_MAX:
		json_write_str(j, "url", sandbox_url(req, p));
		break;
	}
	json_write_obj_end(j);
}

void
payment_json_members(struct json_write *j, const struct payment *p)
{
	json_write_int(j, "payment_id", p->id);
	json_write_str(j, "provider", provider_names[p->provider]);
	json_write_str(j, "status", payment_status_name(p->status, p->amount,
	    p->refunded, p->disputed));
	json_write_int(j, "amount", p->amount);
	json_write_str(j, "currency", p->currency);
	json_write_int(j, "refunded", p->refunded);
	json_write_int(j, "disputed", p->disputed);
	json_write_str(j, "error", p->error);
	json_write_time(j, "credited_at", p->credited_at);
	json_write_time(j, "created_at", p->created_at);
	json_write_time(j, "updated_at", p->updated_at);
}
