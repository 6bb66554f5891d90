/*
 * checkout_routes: the HTML pages of a payment: the checkout of the sandbox,
 * and the page to which the payer returns. The key in the link authorizes
 * access.
 */
#include "base/hash.h"
#include "base/str.h"
#include "domain/money/sandbox.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/money/checkout_page.h"
#include "providers/provider.h"

struct key_query {
	const char *key;
};

static const struct field key_fields[] = {
	{ .name = "key", .type = F_STR, .off = offsetof(struct key_query,
	    key) },
};
static const struct field_table key_table =
    FIELD_TABLE(key_fields, struct key_query);

struct submit_body {
	int button;
};

static const struct field submit_fields[] = {
	{ .name = "do", .type = F_ENUM, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct submit_body, button), .dflt = -1,
	    .words = sandbox_buttons },
};
static const struct field_table submit_table =
    FIELD_TABLE(submit_fields, struct submit_body);

static enum rc
find_checkout(struct req *req, struct payment *p)
{
	const struct key_query *q = req->query;
	uint8_t key[sizeof(p->page_key)];
	int64_t id;

	if (!req_path_arg_int(req, 0, &id) || q->key == NULL ||
	    !hash_unhex(q->key, key, sizeof(key)))
		return err_set(&req->err, RC_NOT_FOUND, NULL,
		    "Payment not found");
	return payment_of_page(req->db, &req->arena, id, key, p, &req->err);
}

/*
 * If the sandbox provider is not enabled, its pages are not found. Otherwise
 * users could create money.
 */
static enum rc
find_sandbox(struct req *req, struct payment *p)
{
	enum rc rc = find_checkout(req, p);

	if (rc == RC_OK && (p->provider != PROVIDER_SANDBOX ||
	    !provider_on(req->conf, PROVIDER_SANDBOX)))
		return err_set(&req->err, RC_NOT_FOUND, NULL,
		    "Payment not found");
	return rc;
}

static enum rc
checkout(struct req *req)
{
	struct payment p;
	enum rc rc = find_sandbox(req, &p);

	if (rc == RC_OK)
		checkout_page_checkout(req, &p);
	return rc;
}

static enum rc
submit(struct req *req)
{
	const struct submit_body *b = req->body;
	struct payment p;
	enum rc rc = find_sandbox(req, &p);

	if (rc == RC_OK && p.status == PAYMENT_PENDING)
		rc = sandbox_press(req->db, p.id, p.amount,
		    (enum sandbox_button)b->button, req->now, &req->err);
	if (rc != RC_OK)
		return rc;
	req->content_type_out = "text/html; charset=utf-8";
	req->location = checkout_page_return_url(req, &p);
	return RC_SEE_OTHER;
}

static enum rc
return_page(struct req *req)
{
	struct payment p;
	enum rc rc = find_checkout(req, &p);

	if (rc == RC_OK)
		checkout_page_return(req, &p);
	return rc;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/pay/sandbox/{payment_id}",
	    .prefix = PREFIX_NONE, .role = ROLE_OPEN, .tx = TX_READ,
	    .flags = ROUTE_PAGE | ROUTE_NO_STORE, .query = &key_table,
	    .handler = checkout },
	{ .method = "POST", .path = "/pay/sandbox/{payment_id}",
	    .prefix = PREFIX_NONE, .role = ROLE_OPEN, .tx = TX_WRITE,
	    .flags = ROUTE_PAGE | ROUTE_FORM, .query = &key_table,
	    .body = &submit_table, .handler = submit },
	{ .method = "GET", .path = "/pay/return/{payment_id}",
	    .prefix = PREFIX_NONE, .role = ROLE_OPEN, .tx = TX_READ,
	    .flags = ROUTE_PAGE | ROUTE_NO_STORE, .query = &key_table,
	    .handler = return_page },
};

const struct route_table checkout_routes = ROUTE_TABLE(routes);
