/*
 * user_mfa_routes: sets up and removes the second factor of the caller.
 */
#include "base/random.h"
#include "base/str.h"
#include "crypto/password.h"
#include "crypto/qr_code.h"
#include "crypto/secret_box.h"
#include "crypto/totp.h"
#include "domain/accounts/account.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/accounts/mfa_check.h"
#include "fcgi/routes/accounts/reauth_request.h"

static enum rc
get_mfa(struct req *req)
{
	struct json_write *j = &req->j;
	struct mfa_state s;
	enum rc rc = mfa_state_get(req->db, req->actor.user, &s);

	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_bool(j, "totp", s.totp);
	json_write_int(j, "recovery_codes", s.totp ? s.recovery_codes : 0);
	json_write_bool(j, "required",
	    req->conf->staff_mfa == STAFF_MFA_REQUIRED &&
	    (req->actor.roles & ROLE_STAFF) != 0);
	json_write_obj_end(j);
	return RC_OK;
}

struct setup {
	const char *password;
};
static const struct field setup_fields[] = {
	{ .name = "password", .type = F_STR, .flags = FIELD_CTL,
	    .off = offsetof(struct setup, password), .min = 1,
	    .max = PASSWORD_MAX },
};
static const struct field_table setup_table =
    FIELD_TABLE(setup_fields, struct setup);

static enum rc
before_setup(struct req *req)
{
	const struct setup *in = req->body;
	struct reauth *r = arena_new(&req->arena, struct reauth);

	req->prepared = r;
	return reauth_request(req, in->password, r);
}

/*
 * Returns the name of this service for authenticator apps: app_name, or the
 * host if it is empty.
 */
static const char *
issuer(struct req *req)
{
	const char *host = strstr(req->conf->base_url, "://");

	if (req->conf->app_name[0] != '\0')
		return req->conf->app_name;
	host = host == NULL ? req->conf->base_url : host + 3;
	return arena_strn(&req->arena, host, strcspn(host, "/"));
}

static enum rc
render_secret(struct req *req, const uint8_t secret[TOTP_SECRET])
{
	struct json_write *j = &req->j;
	const char *text, *uri, *svg;
	struct account acc;
	enum rc rc = account_get(req->db, &req->arena, req->actor.user, &acc);

	if (rc != RC_OK)
		return rc;
	text = totp_text(&req->arena, secret, TOTP_SECRET);
	uri = totp_uri(&req->arena, issuer(req), acc.username, text);
	svg = qr_code_svg(&req->arena, uri);
	if (svg == NULL)
		return RC_FAULT;
	json_write_obj(j, NULL);
	json_write_str(j, "secret", text);
	json_write_str(j, "otpauth_uri", uri);
	json_write_str(j, "qr_svg", svg);
	json_write_obj_end(j);
	return RC_OK;
}

static enum rc
setup_totp(struct req *req)
{
	struct hash key = mfa_key(req->conf);
	struct mfa_factor f = { .user = req->actor.user,
	    .n = TOTP_SECRET + SECRET_BOX_MORE };
	uint8_t secret[TOTP_SECRET];
	enum rc rc = reauth_settle(req->db, req->conf, req->prepared, req->now,
	    &req->err);

	req->keep_writes = rc == RC_FORBIDDEN;
	if (rc != RC_OK)
		return rc;
	random_bytes(secret, sizeof(secret));
	secret_box_seal(&key, f.user, secret, sizeof(secret), f.sealed);
	rc = mfa_totp_add(req->db, &f, req->now, &req->err);
	if (rc == RC_OK)
		rc = render_secret(req, secret);
	explicit_bzero(secret, sizeof(secret));
	return rc;
}

struct confirm {
	const char *code;
};
static const struct field confirm_fields[] = {
	{ .name = "code", .type = F_STR, .flags = FIELD_REQUIRED | FIELD_TRIM,
	    .off = offsetof(struct confirm, code), .min = 1, .max = 40 },
};
static const struct field_table confirm_table =
    FIELD_TABLE(confirm_fields, struct confirm);

static enum rc
confirm_totp(struct req *req)
{
	const struct confirm *in = req->body;
	const char *codes[MFA_RECOVERY_CODES];
	struct json_write *j = &req->j;
	struct mfa_code code;
	enum rc rc;
	int i;

	rc = mfa_check(req, req->actor.user, in->code, &code);
	if (rc == RC_OK)
		rc = mfa_totp_confirm(req->db, &req->arena, req->conf,
		    req->actor.user, req->actor.session, &code, req->now,
		    codes, &req->err);
	req->keep_writes = rc == RC_BAD;
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_arr(j, "recovery_codes");
	for (i = 0; i < MFA_RECOVERY_CODES; i++)
		json_write_str(j, NULL, codes[i]);
	json_write_arr_end(j);
	json_write_obj_end(j);
	return RC_OK;
}

static enum rc
remove_totp(struct req *req)
{
	enum rc rc = mfa_totp_remove(req->db, &req->arena, req->actor.user,
	    req->actor.session, req->now, &req->err);

	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/user/mfa", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .handler = get_mfa },
	{ .method = "POST", .path = "/user/mfa/totp", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_WRITE,
	    .flags = ROUTE_NO_STORE | ROUTE_BODY_OPT, .body = &setup_table,
	    .handler = setup_totp, .before = before_setup },
	{ .method = "POST", .path = "/user/mfa/totp/verify",
	    .prefix = PREFIX_APP, .role = ROLE_ANY, .tx = TX_WRITE,
	    .flags = ROUTE_NO_STORE, .body = &confirm_table,
	    .handler = confirm_totp },
	{ .method = "DELETE", .path = "/user/mfa/totp", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_WRITE,
	    .flags = ROUTE_NO_STORE | ROUTE_STEP_UP, .handler = remove_totp },
};

const struct route_table user_mfa_routes = ROUTE_TABLE(routes);
