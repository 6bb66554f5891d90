/*
 * identities_routes: sign-in with ID tokens of OpenID providers, and the
 * identities of the caller.
 *
 * before() reads the provider's key in the database and verifies the token,
 * outside of any lock. If the key is not stored, the handler requests it and the
 * client repeats its request: a worker never waits for a provider.
 */
#include "base/conf_oidc.h"
#include "crypto/password.h"
#include "domain/accounts/identity.h"
#include "domain/accounts/oidc_key.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/accounts/reauth_request.h"
#include "fcgi/routes/accounts/sign_in_json.h"
#include "providers/id_token.h"

struct body {
	const char *provider, *id_token, *nonce, *password;
	int session;			/* enum sign_in_session */
	/* set by before() */
	struct identity_token token;
	bool known;			/* the key of the token is stored */
	struct reauth reauth;
};

#define TEXT(n, member, more, upper) \
	{ .name = (n), .type = F_STR, .flags = (more), \
	    .off = offsetof(struct body, member), .min = 1, .max = (upper) }
#define TOKEN_FIELDS \
	TEXT("provider", provider, FIELD_REQUIRED, 100), \
	TEXT("id_token", id_token, FIELD_REQUIRED | FIELD_TRIM, \
	    ID_TOKEN_BYTES), \
	TEXT("nonce", nonce, 0, 255)

static const struct field sign_in_fields[] = {
	TOKEN_FIELDS,
	SIGN_IN_FIELD(struct body, session),
};
static const struct field_table sign_in_table =
    FIELD_TABLE(sign_in_fields, struct body);

static const struct field link_fields[] = {
	TOKEN_FIELDS,
	TEXT("password", password, FIELD_CTL, PASSWORD_MAX),
};
static const struct field_table link_table =
    FIELD_TABLE(link_fields, struct body);

/* Reads the key of a token. *found: false: it is not stored. */
static enum rc
read_key(struct req *req, const struct conf_oidc *p, const struct id_token *t,
    struct public_key *key, bool *found)
{
	struct oidc_key k = { .kid = t->kid, .type = (int)t->type };
	enum rc rc = db_read(req->db);

	if (rc != RC_OK)
		return rc;
	rc = oidc_key_find(req->db, &req->arena, p, &k, found);
	db_read_end(req->db);
	*key = (struct public_key){ .type = t->type, .first = k.first,
	    .first_len = k.first_len, .second = k.second,
	    .second_len = k.second_len };
	return rc;
}

static enum rc
before_token(struct req *req)
{
	struct body *in = req->body;
	const struct conf_oidc *p = conf_oidc_find(req->conf, in->provider);
	struct public_key key;
	struct id_token t;
	enum rc rc;

	if (p == NULL)
		return err_field(&req->err, "provider", "is not configured");
	in->token.provider = p;
	rc = id_token_parse(&req->arena, in->id_token, &t, &req->err);
	if (rc == RC_OK)
		rc = read_key(req, p, &t, &key, &in->known);
	if (rc != RC_OK || !in->known)
		return rc;
	rc = id_token_verify(&req->arena, p, &key, in->nonce, req->now, &t,
	    &req->err);
	in->token.subject = t.subject;
	in->token.email = t.email;
	in->token.hash = t.hash;
	in->token.expires_at = t.expires_at;
	return rc;
}

static enum rc
before_sign_in(struct req *req)
{
	const struct body *in = req->body;
	enum rc rc = sign_in_json_check(req, in->session);

	return rc == RC_OK ? before_token(req) : rc;
}

static enum rc
sign_in(struct req *req)
{
	const struct body *in = req->body;
	struct identity_sign_in s = { .token = in->token,
	    .from = req->remote_addr, .user_agent = req->user_agent };
	struct token_pair pair;
	enum rc rc;

	req->keep_writes = true;
	if (!in->known)
		return oidc_key_want(req->db, &req->arena, in->token.provider,
		    req->now, &req->err);
	rc = identity_sign_in(req->db, &req->arena, req->conf, &s, req->now,
	    &pair, &req->err);
	return rc == RC_OK ? sign_in_json_code(req, &pair, in->session,
	    s.created) : rc;
}

static enum rc
before_link(struct req *req)
{
	struct body *in = req->body;
	enum rc rc = before_token(req);

	return rc == RC_OK && in->known ? reauth_request(req, in->password,
	    &in->reauth) : rc;
}

static void
render_identity(struct json_write *j, const struct identity *v)
{
	json_write_obj(j, NULL);
	json_write_int(j, "id", v->id);
	json_write_str(j, "provider", v->provider);
	json_write_time(j, "created_at", v->created_at);
	json_write_time(j, "last_used_at", v->used_at);
	json_write_obj_end(j);
}

static enum rc
list_identities(struct req *req)
{
	struct identity *v;
	size_t n, i;
	enum rc rc;

	rc = identity_list(req->db, &req->arena, req->actor.user, &v, &n);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_arr(&req->j, "identities");
	for (i = 0; i < n; i++)
		render_identity(&req->j, &v[i]);
	json_write_arr_end(&req->j);
	json_write_obj_end(&req->j);
	return RC_OK;
}

static enum rc
link_identity(struct req *req)
{
	const struct body *in = req->body;
	struct identity *v;
	int64_t id;
	size_t n, i;
	bool added;
	enum rc rc;

	req->keep_writes = true;
	if (!in->known)
		return oidc_key_want(req->db, &req->arena, in->token.provider,
		    req->now, &req->err);
	rc = reauth_settle(req->db, req->conf, &in->reauth, req->now,
	    &req->err);
	if (rc == RC_OK)
		rc = identity_link(req->db, &req->arena, req->conf, &in->token,
		    req->actor.user, req->actor.session, req->now, &id, &added,
		    &req->err);
	if (rc == RC_OK)
		rc = identity_list(req->db, &req->arena, req->actor.user, &v,
		    &n);
	if (rc != RC_OK)
		return rc;
	for (i = 0; i < n; i++)
		if (v[i].id == id)
			render_identity(&req->j, &v[i]);
	return added ? RC_CREATED : RC_OK;
}

static enum rc
unlink_identity(struct req *req)
{
	int64_t id;
	enum rc rc;

	if (!req_path_arg_int(req, 0, &id))
		return err_set(&req->err, RC_NOT_FOUND, NULL, NULL);
	rc = identity_unlink(req->db, &req->arena, req->conf, req->actor.user,
	    id, req->actor.session, req->now, &req->err);
	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

static const struct route routes[] = {
	{ .method = "POST", .path = "/auth/id-token", .prefix = PREFIX_APP,
	    .role = ROLE_OPEN, .tx = TX_WRITE,
	    .flags = ROUTE_NO_STORE | ROUTE_PADDED,
	    .body = &sign_in_table, .handler = sign_in,
	    .before = before_sign_in },
	{ .method = "GET", .path = "/auth/identities", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .handler = list_identities },
	{ .method = "POST", .path = "/auth/identities", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_WRITE, .flags = ROUTE_NO_STORE,
	    .body = &link_table, .handler = link_identity,
	    .before = before_link },
	{ .method = "DELETE", .path = "/auth/identities/{id}",
	    .prefix = PREFIX_APP, .role = ROLE_ANY, .tx = TX_WRITE,
	    .flags = ROUTE_NO_STORE, .handler = unlink_identity },
};

const struct route_table identities_routes = ROUTE_TABLE(routes);
