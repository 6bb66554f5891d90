/*
 * contact_routes: the username of the caller.
 */
#include "domain/accounts/username.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/accounts/account_json.h"

struct body {
	const char *username;
};

static const struct field username_fields[] = {
	{ .name = "username", .type = F_STR,
	    .flags = FIELD_REQUIRED | FIELD_TRIM,
	    .off = offsetof(struct body, username), .max = 100 },
};
static const struct field_table username_table =
    FIELD_TABLE(username_fields, struct body);

static enum rc
respond_account(struct req *req)
{
	struct account acc;
	enum rc rc;

	rc = account_get(req->db, &req->arena, req->actor.user, &acc);
	if (rc == RC_OK)
		account_json_render(req, NULL, &acc);
	return rc;
}

static enum rc
set_username(struct req *req)
{
	const struct body *in = req->body;
	enum rc rc;

	rc = username_choose(req->db, &req->arena, req->actor.user,
	    in->username, req->now, &req->err);
	return rc == RC_OK ? respond_account(req) : rc;
}

static const struct route routes[] = {
	{ .method = "POST", .path = "/user/username", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_WRITE, .body = &username_table,
	    .handler = set_username },
};

const struct route_table contact_routes = ROUTE_TABLE(routes);
