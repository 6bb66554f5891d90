/*
 * promotions_routes: lists and redeems promotions, and lists the users that the
 * caller has referred.
 */
#include "base/hash.h"
#include "domain/money/redemption.h"
#include "domain/money/referral.h"
#include "domain/money/wallet.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/money/wallet_json.h"

#define SHOWN	100			/* promotions, and benefits */

struct redeem_body {
	const char *code;
};
static const struct field redeem_fields[] = {
	{ .name = "code", .type = F_STR, .flags = FIELD_REQUIRED | FIELD_TRIM,
	    .off = offsetof(struct redeem_body, code), .min = 1, .max = 64 },
};
static const struct field_table redeem_table =
    FIELD_TABLE(redeem_fields, struct redeem_body);

/* Writes when a benefit applies. */
static void
render_conditions(struct json_write *j, int64_t max_rate, int64_t max_bonus,
    int64_t min_topup, bool first_topup_only)
{
	json_write_opt(j, "max_rate", max_rate);
	json_write_opt(j, "max_bonus", max_bonus);
	json_write_int(j, "min_topup", min_topup);
	json_write_bool(j, "first_topup_only", first_topup_only);
}

static void
render_available(struct json_write *j, const struct promotion *p)
{
	json_write_obj(j, NULL);
	json_write_str(j, "code", p->code);
	json_write_str(j, "kind", promotion_kind_names[p->kind - 1]);
	json_write_int(j, "value", p->value);
	render_conditions(j, p->max_rate, p->max_bonus, p->min_topup,
	    p->first_topup_only);
	json_write_opt(j, "valid_days", p->valid_days);
	json_write_time(j, "starts_at", p->starts_at);
	json_write_time(j, "ends_at", p->ends_at);
	json_write_obj_end(j);
}

static void
render_granted(struct json_write *j, const struct redemption *r)
{
	json_write_obj(j, NULL);
	json_write_str(j, "code", r->code);
	json_write_str(j, "kind", promotion_kind_names[r->kind - 1]);
	json_write_int(j, "value", r->value);
	render_conditions(j, r->max_rate, r->max_bonus, r->min_topup,
	    r->first_topup_only);
	if (r->kind == PROMOTION_MINUTES)
		json_write_int(j, "minutes_left", r->minutes);
	else
		json_write_null(j, "minutes_left");
	json_write_time(j, "granted_at", r->at);
	json_write_time(j, "expires_at", r->expires_at);
	json_write_obj_end(j);
}

/* Lists what the caller can redeem, and what is left of what was redeemed. */
static enum rc
list_promotions(struct req *req)
{
	struct json_write *j = &req->j;
	struct promotion *available;
	struct redemption *granted;
	size_t navailable, ngranted, i;
	enum rc rc;

	rc = promotion_available(req->db, &req->arena, req->actor.user,
	    req->now, SHOWN, &available, &navailable);
	if (rc == RC_OK)
		rc = redemption_left(req->db, &req->arena, req->actor.user,
		    req->now, SHOWN, &granted, &ngranted);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_str(j, "currency", req->conf->currency);
	json_write_arr(j, "promotions");
	for (i = 0; i < navailable; i++)
		render_available(j, &available[i]);
	json_write_arr_end(j);
	json_write_arr(j, "granted");
	for (i = 0; i < ngranted; i++)
		render_granted(j, &granted[i]);
	json_write_arr_end(j);
	json_write_obj_end(j);
	return RC_OK;
}

static enum rc
redeem(struct req *req)
{
	const struct redeem_body *in = req->body;
	int64_t user = req->actor.user;
	struct json_write *j = &req->j;
	int64_t expires_at;
	struct promotion p;
	struct wallet w;
	enum rc rc;

	rc = promotion_redeem_typed(req->db, &req->arena, req->conf, user,
	    in->code, req->now, &p, &expires_at, &req->err);
	req->keep_writes = rc == RC_NOT_FOUND;
	if (rc == RC_OK)
		rc = wallet_get(req->db, user, &w);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_str(j, "code", p.code);
	json_write_str(j, "kind", promotion_kind_names[p.kind - 1]);
	json_write_int(j, "value", p.value);
	render_conditions(j, p.max_rate, p.max_bonus, p.min_topup,
	    p.first_topup_only);
	json_write_time(j, "expires_at", expires_at);
	json_write_int(j, "balance", w.balance);
	json_write_int(j, "bonus", w.bonus);
	json_write_int(j, "free_minutes", w.free_minutes);
	json_write_str(j, "currency", req->conf->currency);
	json_write_obj_end(j);
	return RC_OK;
}

/* Computes the ETag from all values that can change. */
static enum rc
etag(struct req *req, const struct referral_page *page)
{
	uint64_t h = HASH_FAST_SEED;
	size_t i;

	for (i = 0; i < page->n; i++) {
		const struct referred *r = &page->list[i];
		const int64_t parts[] = { r->user, r->username != NULL,
			r->bonus, r->paid_at, (int64_t)r->state };

		h = hash_fast(h, parts, sizeof(parts));
		if (r->username != NULL)
			h = hash_fast(h, r->username, strlen(r->username) + 1);
	}
	return req_etag(req, 6, req->actor.user, page->invited, page->paid,
	    page->earned, (int64_t)page->more, (int64_t)h);
}

static enum rc
referrals(struct req *req)
{
	const struct paged *in = req->query;
	struct cursor c = { .order = 0 };
	struct json_write *j = &req->j;
	struct referral_page page;
	size_t i;
	enum rc rc;

	rc = paging_cursor_read(req, PAGING_REFERRALS, in->pages.cursor, &c);
	if (rc == RC_OK)
		rc = referral_list(req->db, &req->arena,
		    req->actor.user, c.given ? c.id :
		    INT64_MAX, in->pages.per_page,
		    paging_offset(&in->pages, &c), &page);
	if (rc == RC_OK)
		rc = etag(req, &page);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_str(j, "referral_code", page.code);
	json_write_int(j, "invited", page.invited);
	json_write_int(j, "paid", page.paid);
	json_write_int(j, "earned", page.earned);
	json_write_str(j, "currency", req->conf->currency);
	json_write_arr(j, "referrals");
	for (i = 0; i < page.n; i++) {
		wallet_json_referred(j, &page.list[i]);
		c.id = page.list[i].user;
	}
	json_write_arr_end(j);
	paging_render(req, &in->pages, page.invited, page.more, page.more ?
	    paging_cursor_write(req, PAGING_REFERRALS, &c) : NULL);
	json_write_obj_end(j);
	return RC_OK;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/promotions", .prefix = PREFIX_APP,
	    .role = ROLE_CUSTOMER, .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .handler = list_promotions },
	{ .method = "POST", .path = "/promotions/redeem", .prefix = PREFIX_APP,
	    .role = ROLE_CUSTOMER, .tx = TX_WRITE, .flags = ROUTE_IDEMPOTENT,
	    .body = &redeem_table, .handler = redeem },
	{ .method = "GET", .path = "/referrals", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_READ, .query = &paged_table,
	    .handler = referrals },
};
const struct route_table promotions_routes = ROUTE_TABLE(routes);
