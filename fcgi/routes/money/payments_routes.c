/*
 * payments_routes: lists the payments of the caller. payment_create_routes.c
 * starts payments, payment_webhooks_routes.c completes them.
 */
#include "base/hash.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/money/payment_json.h"

struct list_query {
	struct pages pages;
	int status;
};

static const struct field list_fields[] = {
	PAGING_FIELDS(struct list_query, pages),
	{ .name = "status", .type = F_ENUM, .words = payment_status_names,
	    .off = offsetof(struct list_query, status), .dflt = -1 },
};
static const struct field_table list_table =
    FIELD_TABLE(list_fields, struct list_query);

/* Returns a hash of the members that can change. */
static int64_t
payment_version(int64_t seed, const struct payment *p)
{
	const int64_t v[] = { p->id, (int64_t)p->status, p->refunded,
	    p->disputed, p->updated_at };

	return (int64_t)hash_fast((uint64_t)seed, v, sizeof(v));
}

static enum rc
list_payments(struct req *req)
{
	const struct list_query *in = req->query;
	struct payment_query query = { .user = req->actor.user,
	    .status = in->status, .limit = in->pages.per_page };
	struct paging_list list = { .tag = PAGING_PAYMENTS,
	    .pages = &in->pages, .cursor.order = in->status + 1 };
	struct payment_page page;
	struct json_write *j = &req->j;
	int64_t seed = 0;
	size_t i;
	enum rc rc;

	rc = paging_list_begin(req, &list);
	if (rc != RC_OK)
		return rc;
	query.before = list.before;
	query.offset = list.offset;
	rc = payment_list(req->db, &req->arena, &query, &page);
	for (i = 0; i < page.n && rc == RC_OK; i++)
		seed = payment_version(seed, &page.payments[i]);
	if (rc == RC_OK)
		rc = req_etag(req, 4, req->actor.user, page.total,
		    (int64_t)page.more, seed);
	if (rc != RC_OK)
		return rc;
	paging_list_open(req, "payments");
	for (i = 0; i < page.n; i++) {
		json_write_obj(j, NULL);
		payment_json_members(j, &page.payments[i]);
		json_write_obj_end(j);
		list.cursor.id = page.payments[i].id;
	}
	return paging_list_end(req, &list, page.total, page.more);
}

static enum rc
get_payment(struct req *req)
{
	struct payment p;
	int64_t id;
	enum rc rc;

	rc = req_path_id(req, &id, "Payment not found");
	if (rc != RC_OK)
		return rc;
	rc = payment_get(req->db, &req->arena, id, req->actor.user, &p,
	    &req->err);
	if (rc == RC_OK)
		rc = req_etag(req, 1, payment_version(0, &p));
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	payment_json_members(&req->j, &p);
	/* A client that was closed meanwhile can continue the payment. */
	if (p.status == PAYMENT_PENDING && p.ref != NULL)
		payment_json_checkout(req, &p);
	json_write_obj_end(&req->j);
	return RC_OK;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/payments", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_READ, .query = &list_table,
	    .handler = list_payments },
	{ .method = "GET", .path = "/payments/{id}", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_READ, .handler = get_payment },
};

const struct route_table payments_routes = ROUTE_TABLE(routes);
