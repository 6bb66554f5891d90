/*
 * payment_create_routes: starts payments.
 *
 * The worker waits for the provider and serves one request at a time, so these
 * routes have their own pool. It holds no transaction while it waits. The
 * payment and the idempotency key are committed before the request to the
 * provider, and the result is committed after it.
 */
#include "base/clock.h"
#include "base/log.h"
#include "domain/common/idempotency.h"
#include "fcgi/core/guard.h"
#include "fcgi/core/resp.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/money/payment_json.h"

/*
 * After a timeout, requests to this provider fail immediately for this time.
 * Otherwise many requests would each wait for the timeout.
 */
#define PROVIDER_PAUSE_US		(5 * SECOND * 1000)

static int64_t paused_until[PROVIDER_MAX];	/* monotonic time, µs */

struct body {
	int64_t amount;
	const char *currency;
	int provider;
};

static const struct field fields[] = {
	{ .name = "amount", .type = F_INT, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct body, amount), .min = 1,
	    .max = INT64_C(1000000000000) },
	{ .name = "currency", .type = F_STR, .flags = FIELD_TRIM,
	    .off = offsetof(struct body, currency), .min = 3, .max = 3 },
	{ .name = "provider", .type = F_ENUM, .words = provider_names + 1,
	    .off = offsetof(struct body, provider), .dflt = -1 },
};
static const struct field_table body_table = FIELD_TABLE(fields, struct body);

struct topup {
	enum provider provider;
	struct idempotency idem;		/* key NULL: no key given */
	struct payment p;
	bool known;			/* the response is stored */
	enum rc answer;			/* result of the stored response */
};

/*
 * Looks up the idempotency key and, if it is new, inserts the payment. Runs in
 * one transaction.
 */
static enum rc
begin_payment(struct req *req, struct topup *t)
{
	const struct body *in = req->body;
	int64_t before = 0;
	enum rc rc = RC_OK;

	if (t->idem.key != NULL)
		rc = idempotency_resume(req->db, &req->arena, &t->idem,
		    req->now, &t->known, &t->answer, req->out, &req->location,
		    &before, &req->err);
	if (rc != RC_OK || t->known)
		return rc;
	if (clock_mono() < paused_until[t->provider])
		return err_set(&req->err, RC_UPSTREAM, "provider_unavailable",
		    NULL);
	/*
	 * If an earlier request ended without a response, continues its
	 * payment.
	 */
	if (before != 0)
		rc = payment_get(req->db, &req->arena, before,
		    req->actor.user, &t->p, &req->err);
	else
		rc = payment_begin(req->db, &req->arena, req->conf,
		    req->actor.user, t->provider, in->amount, in->currency,
		    req->now, &t->p, &req->err);
	if (rc == RC_OK && t->idem.key != NULL)
		rc = idempotency_begin(req->db, &t->idem, t->p.id, req->now);
	return rc;
}

static enum rc
begin_tx(struct req *req, struct topup *t)
{
	enum rc rc = db_write(req->db);

	if (rc != RC_OK)
		return rc;
	rc = guard_recheck(req);
	if (rc == RC_OK)
		rc = begin_payment(req, t);
	if (rc == RC_OK && !t->known)
		return db_commit(req->db);
	db_rollback(req->db);
	return rc;
}

/* Opens the payment at the provider. */
static enum rc
open_payment(struct req *req, struct topup *t,
    struct provider_opened *opened)
{
	const struct provider_order order = { .payment = t->p.id,
	    .user = t->p.user, .amount = t->p.amount,
	    .currency = t->p.currency, .idempotency_key =
	    payment_idem_key(&req->arena, &t->p, "pay", 0) };
	int64_t began = clock_mono();
	enum rc rc;

	/* An earlier request with this key had opened it. */
	if (t->p.ref != NULL) {
		*opened = (struct provider_opened){ .ref = t->p.ref,
		    .secret = t->p.secret };
		return RC_OK;
	}
	log_flush();
	rc = provider_open(&req->arena, req->conf, t->p.provider, &order,
	    opened, &req->err);
	if (rc == RC_UPSTREAM && clock_mono() - began >=
	    (req->conf->pay_timeout * SECOND - SECOND / 2) * 1000) {
		paused_until[t->p.provider] = clock_mono() + PROVIDER_PAUSE_US;
		log_warn("provider", "%s does not respond, no requests for 5 "
		    "s", provider_names[t->p.provider]);
	}
	return rc;
}

static void
render_payment(struct req *req, const struct payment *p)
{
	struct json_write *j = &req->j;

	req->location = arena_fmt(&req->arena, "%s/payments/%lld",
	    req->conf->base_url, (long long)p->id);
	json_write_obj(j, NULL);
	json_write_int(j, "payment_id", p->id);
	json_write_str(j, "provider", provider_names[p->provider]);
	json_write_str(j, "status", payment_status_name(p->status, p->amount,
	    p->refunded, p->disputed));
	json_write_int(j, "amount", p->amount);
	json_write_str(j, "currency", p->currency);
	payment_json_checkout(req, p);
	json_write_obj_end(j);
}

/*
 * Stores the result and the response for the idempotency key. rc is the result
 * of the provider.
 */
static enum rc
store_result(struct req *req, struct topup *t,
    const struct provider_opened *opened, enum rc rc)
{
	int64_t now = clock_now();
	enum rc kept;

	if (rc == RC_OK)
		kept = payment_opened(req->db, t->p.id, opened->ref,
		    opened->secret, now);
	else
		kept = payment_refused(req->db, t->p.id,
		    rc == RC_UPSTREAM ? "the provider did not respond" :
		    req->err.message, now);
	if (kept == RC_CONFLICT) /* reference belongs to another payment */
		return err_set(&req->err, RC_UPSTREAM, "provider_unavailable",
		    NULL);
	if (kept == RC_OK && rc == RC_OK)
		kept = payment_get(req->db, &req->arena, t->p.id, 0, &t->p,
		    &req->err);
	if (kept != RC_OK)
		return kept;
	req->rc = rc == RC_OK ? RC_CREATED : rc;
	if (rc == RC_OK)
		render_payment(req, &t->p);
	if (t->idem.key == NULL)
		return req->rc;
	if (resp_status(req) >= 500) {	/* so that a retry can succeed */
		kept = idempotency_release(req->db, &t->idem);
	} else {
		if (!rc_ok(req->rc))
			resp_error(req);
		t->idem.media_type = req->content_type_out;
		kept = idempotency_keep(req->db, &t->idem, req->rc, req->out,
		    req->location, now);
	}
	return kept == RC_OK ? req->rc : kept;
}

/*
 * Releases the idempotency key, so that a retry need not wait until the key
 * counts as abandoned.
 */
static void
release_key(struct req *req, const struct topup *t)
{
	if (t->idem.key == NULL || db_write(req->db) != RC_OK)
		return;
	if (idempotency_release(req->db, &t->idem) != RC_OK)
		db_rollback(req->db);
	else
		(void)db_commit(req->db);
}

static enum rc
store_tx(struct req *req, struct topup *t,
    const struct provider_opened *opened, enum rc asked)
{
	enum rc rc = db_write(req->db), end;

	if (rc != RC_OK)
		return rc;
	rc = store_result(req, t, opened, asked);
	if (!rc_ok(rc) && rc != asked) {
		db_rollback(req->db);
		release_key(req, t);
		return rc;
	}
	end = db_commit(req->db);
	if (end == RC_OK)
		return rc;
	release_key(req, t);
	return end;
}

static enum rc
initiate(struct req *req)
{
	const struct body *in = req->body;
	struct topup t = { .idem.user = req->actor.user };
	struct provider_opened opened = { 0 };
	enum rc rc;

	t.provider = in->provider < 0 ? provider_default(req->conf) :
	    (enum provider)(in->provider + 1);
	if (!provider_on(req->conf, t.provider))
		return err_set(&req->err, RC_BAD, "provider_unknown",
		    "This payment provider is not offered");
	if (req->idempotency_key != NULL) {
		t.idem.key = idempotency_key_parse(&req->arena,
		    req->idempotency_key);
		if (t.idem.key == NULL)
			return err_field(&req->err, "Idempotency-Key",
			    "must be 1 to 255 visible characters");
		t.idem.request = req_hash(req);
	}
	rc = begin_tx(req, &t);
	if (rc != RC_OK)
		return rc;
	if (t.known) {
		req->content_type_out = t.idem.media_type;
		req->replayed = true;
		return t.answer;
	}
	return store_tx(req, &t, &opened, open_payment(req, &t, &opened));
}

static const struct route routes[] = {
	{ .method = "POST", .path = "/payments/initiate", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_NONE, .flags = ROUTE_IDEMPOTENT,
	    .body = &body_table, .handler = initiate },
	{ .method = "POST", .path = "/user/balance/topup", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_NONE, .flags = ROUTE_IDEMPOTENT,
	    .body = &body_table, .handler = initiate },
};

const struct route_table payment_create_routes = ROUTE_TABLE(routes);
