/*
 * link_routes: uses one-time links. A sign-in link signs its account in, and may
 * set a password.
 */
#include "crypto/password.h"
#include "domain/accounts/sign_in_link.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/accounts/sign_in_json.h"

struct link_in {
	const char *token, *password;
};

static const struct field link_fields[] = {
	{ .name = "token", .type = F_STR, .flags = FIELD_REQUIRED | FIELD_TRIM,
	    .off = offsetof(struct link_in, token), .min = 1, .max = 100 },
	{ .name = "password", .type = F_STR, .flags = FIELD_CTL,
	    .off = offsetof(struct link_in, password), .min = 0,
	    .max = PASSWORD_MAX },
};
static const struct field_table link_table =
    FIELD_TABLE(link_fields, struct link_in);

/* Finds the link before the password is hashed, so that others cost little. */
static enum rc
find_link(struct req *req)
{
	const struct link_in *in = req->body;
	struct one_time_link link;
	enum rc rc = db_read(req->db);

	if (rc != RC_OK)
		return rc;
	rc = one_time_link_find(req->db, in->token, req->now, &link, &req->err);
	db_read_end(req->db);
	return rc;
}

/* Replaces the password by its hash. */
static enum rc
before_link(struct req *req)
{
	struct link_in *in = req->body;
	const char *why;
	enum rc rc = find_link(req);

	if (rc != RC_OK || in->password == NULL)
		return rc;
	why = password_weak(in->password, NULL);
	if (why != NULL)
		return err_field(&req->err, "password", why);
	in->password = password_hash(&req->arena, in->password);
	return in->password == NULL ? err_set(&req->err, RC_BUSY, NULL, NULL) :
	    RC_OK;
}

static enum rc
use_link(struct req *req)
{
	const struct link_in *body = req->body;
	const struct sign_in_link in = { .token = body->token,
	    .password = body->password, .from = req->remote_addr,
	    .user_agent = req->user_agent, .request_id = req->id };
	struct token_pair pair;
	enum rc rc;

	rc = sign_in_link_use(req->db, &req->arena, req->conf, &in, req->now,
	    &pair, &req->err);
	return rc == RC_OK ? sign_in_json_render(req, &pair) : rc;
}

static const struct route routes[] = {
	{ .method = "POST", .path = "/auth/link", .prefix = PREFIX_APP,
	    .role = ROLE_OPEN, .tx = TX_WRITE, .flags = ROUTE_NO_STORE,
	    .body = &link_table, .handler = use_link, .before = before_link },
};

const struct route_table link_routes = ROUTE_TABLE(routes);
