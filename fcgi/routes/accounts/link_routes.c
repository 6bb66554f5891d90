/*
 * link_routes: uses one-time links. A sign-in link signs its account in, and may
 * set a password. An invitation grants roles of staff to the caller, or to a new
 * account. A preview describes a link without using it.
 */
#include "crypto/password.h"
#include "domain/accounts/network.h"
#include "domain/accounts/sign_in_link.h"
#include "domain/accounts/staff.h"
#include "domain/common/identifier.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/accounts/account_json.h"
#include "fcgi/routes/accounts/sign_in_json.h"

struct link_in {
	const char *token, *username, *password;
	int session, preview;
};

static const struct field link_fields[] = {
	{ .name = "token", .type = F_STR, .flags = FIELD_REQUIRED | FIELD_TRIM,
	    .off = offsetof(struct link_in, token), .min = 1, .max = 100 },
	{ .name = "username", .type = F_STR, .flags = FIELD_TRIM,
	    .off = offsetof(struct link_in, username), .min = 0, .max = 100 },
	{ .name = "password", .type = F_STR, .flags = FIELD_CTL,
	    .off = offsetof(struct link_in, password), .min = 0,
	    .max = PASSWORD_MAX },
	SIGN_IN_FIELD(struct link_in, session),
	{ .name = "preview", .type = F_BOOL,
	    .off = offsetof(struct link_in, preview) },
};
static const struct field_table link_table =
    FIELD_TABLE(link_fields, struct link_in);

/* Finds the link before the password is hashed, so that others cost little. */
static enum rc
find_link(struct req *req, struct one_time_link *link)
{
	const struct link_in *in = req->body;
	enum rc rc = db_read(req->db);

	if (rc != RC_OK)
		return rc;
	rc = one_time_link_find(req->db, in->token, req->now, link, &req->err);
	db_read_end(req->db);
	return rc;
}

/* Checks the fields that a new account needs. */
static void
check_new(struct req *req)
{
	struct link_in *in = req->body;

	if (in->username == NULL)
		err_field(&req->err, "username", "is required");
	else
		identifier_check_username(&req->arena, &in->username,
		    &req->err);
	if (in->password == NULL)
		err_field(&req->err, "password", "is required");
}

/* Replaces the password by its hash. */
static enum rc
before_link(struct req *req)
{
	struct link_in *in = req->body;
	struct one_time_link link;
	const char *why;
	enum rc rc = sign_in_json_check(req, in->session);

	if (rc == RC_OK)
		rc = find_link(req, &link);
	if (rc != RC_OK || in->preview)
		return rc;
	if (link.kind == ONE_TIME_LINK_STAFF && req->actor.user == 0)
		check_new(req);
	why = in->password == NULL ? NULL :
	    password_weak(in->password, req->conf, in->username, NULL);
	if (why != NULL)
		err_field(&req->err, "password", why);
	if (req->err.fields != NULL)
		return RC_INVALID;
	if (in->password == NULL || (link.kind == ONE_TIME_LINK_STAFF &&
	    req->actor.user != 0))
		return RC_OK;
	in->password = password_hash(&req->arena, in->password);
	return in->password == NULL ? err_set(&req->err, RC_BUSY, NULL, NULL) :
	    RC_OK;
}

/* Accepts an invitation; *user: the account that has the roles now. */
static enum rc
accept_invitation(struct req *req, const struct one_time_link *link,
    int64_t *user)
{
	const struct link_in *in = req->body;
	const struct staff_new new = { .username = in->username,
	    .password = in->password };

	return staff_accept(req->db, &req->arena, link, req->actor.user, &new,
	    req->id, req->now, user, &req->err);
}

static enum rc
use_sign_in_link(struct req *req, struct token_pair *pair)
{
	const struct link_in *body = req->body;
	const struct sign_in_link in = { .token = body->token,
	    .password = body->password, .from = req->remote_addr,
	    .user_agent = req->user_agent, .request_id = req->id };

	return sign_in_link_use(req->db, &req->arena, req->conf, &in, req->now,
	    pair, &req->err);
}

static enum rc
render_preview(struct req *req, const struct one_time_link *link)
{
	struct json_write *j = &req->j;

	json_write_obj(j, NULL);
	json_write_str(j, "kind", link->kind == ONE_TIME_LINK_STAFF ?
	    "invitation" : "sign_in");
	account_json_roles(j, link->roles);
	json_write_time(j, "expires_at", link->expires_at);
	json_write_obj_end(j);
	return RC_OK;
}

static enum rc
use_link(struct req *req)
{
	const struct link_in *in = req->body;
	struct one_time_link link;
	struct token_pair pair;
	int64_t user;
	enum rc rc;

	rc = one_time_link_find(req->db, in->token, req->now, &link,
	    &req->err);
	if (rc != RC_OK)
		return rc;
	if (in->preview)
		return render_preview(req, &link);
	if (link.kind == ONE_TIME_LINK_SIGN_IN) {
		rc = use_sign_in_link(req, &pair);
		/* The link was used. The second factor completes the sign-in. */
		req->keep_writes = rc == RC_AUTH;
		return rc == RC_OK ? sign_in_json_render(req, &pair,
		    in->session) : rc;
	}
	rc = accept_invitation(req, &link, &user);
	if (rc == RC_OK && req->actor.user != 0)
		return sign_in_json_user(req, user);
	/* A new account has no second factor. */
	if (rc == RC_OK)
		rc = auth_session_issue(req->db, &req->arena, req->conf, user,
		    false, req->user_agent, req->now, &pair, &req->err);
	if (rc == RC_OK)
		rc = network_signed_in(req->db, req->conf, user,
		    req->remote_addr, req->now);
	return rc == RC_OK ? sign_in_json_render(req, &pair, in->session) : rc;
}

static const struct route routes[] = {
	{ .method = "POST", .path = "/auth/link", .prefix = PREFIX_APP,
	    .role = ROLE_MAYBE, .tx = TX_WRITE, .flags = ROUTE_NO_STORE,
	    .body = &link_table, .handler = use_link, .before = before_link },
};

const struct route_table link_routes = ROUTE_TABLE(routes);
