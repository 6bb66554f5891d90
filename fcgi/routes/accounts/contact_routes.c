/*
 * contact_routes: changes of the caller's username, e-mail address, phone number
 * and password.
 *
 * Argon2 runs in before(). Failures that count an attempt are committed.
 */
#include "base/clock.h"
#include "crypto/password.h"
#include "domain/accounts/contact.h"
#include "domain/accounts/username.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/accounts/account_json.h"
#include "fcgi/routes/accounts/reauth_request.h"

/* The bodies of all routes in this file. */
struct body {
	const char *username, *email, *phone, *code, *token;
	const char *password, *new_password;
	/* set by before() */
	struct reauth reauth;
	const char *hash;
};

#define TEXT(n, member, more, min_len, max_len) \
	{ .name = (n), .type = F_STR, .flags = (more), \
	    .off = offsetof(struct body, member), .min = (min_len), \
	    .max = (max_len) }
#define PASSWORD(n) TEXT(n, password, FIELD_CTL, 1, PASSWORD_MAX)

static const struct field username_fields[] = {
	TEXT("username", username, FIELD_REQUIRED | FIELD_TRIM, 0, 100),
};
static const struct field_table username_table =
    FIELD_TABLE(username_fields, struct body);

static const struct field email_fields[] = {
	TEXT("email", email, FIELD_REQUIRED | FIELD_TRIM, 0, EMAIL_MAX),
	PASSWORD("password"),
};
static const struct field_table email_table =
    FIELD_TABLE(email_fields, struct body);

static const struct field phone_fields[] = {
	TEXT("phone", phone, FIELD_REQUIRED | FIELD_TRIM, 0, 64),
	PASSWORD("password"),
};
static const struct field_table phone_table =
    FIELD_TABLE(phone_fields, struct body);

static const struct field code_fields[] = {
	TEXT("code", code, FIELD_REQUIRED, 1, 40),
};
static const struct field_table code_table =
    FIELD_TABLE(code_fields, struct body);

static const struct field password_fields[] = {
	PASSWORD("current_password"),
	TEXT("new_password", new_password, FIELD_REQUIRED | FIELD_CTL, 0,
	    PASSWORD_MAX),
};
static const struct field_table password_table =
    FIELD_TABLE(password_fields, struct body);

static const struct field restore_fields[] = {
	TEXT("token", token, FIELD_REQUIRED, 1, 200),
};
static const struct field_table restore_table =
    FIELD_TABLE(restore_fields, struct body);

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

/* ---- addresses */

/* The route's argument: the channel of the address. */
static const enum outbox_channel by_email = OUTBOX_EMAIL, by_phone = OUTBOX_SMS;

static struct contact_change
change_of(struct req *req)
{
	const enum outbox_channel *channel = req->route->arg;
	const struct body *in = req->body;

	return (struct contact_change){ .user = req->actor.user,
	    .session = req->actor.session, .channel = *channel,
	    .address = *channel == OUTBOX_SMS ? in->phone : in->email,
	    .code = in->code, .from = req->remote_addr };
}

static enum rc
before_address(struct req *req)
{
	struct body *in = req->body;

	if (in->email != NULL)
		identifier_check_email(&req->arena, &in->email, &req->err);
	if (in->phone != NULL && identifier_check_phone(&req->arena,
	    req->conf->default_country, &in->phone, &req->err))
		otp_limits_check_phone(req->conf, "phone", in->phone,
		    &req->err);
	if (req->err.fields != NULL)
		return RC_INVALID;
	return reauth_request(req, in->password, &in->reauth);
}

static enum rc
request_change(struct req *req)
{
	struct contact_change c = change_of(req);
	const struct body *in = req->body;
	struct json_write *j = &req->j;
	struct otp_sent sent;
	enum rc rc;

	rc = reauth_settle(req->db, req->conf, &in->reauth, req->now,
	    &req->err);
	req->keep_writes = rc == RC_FORBIDDEN;
	if (rc == RC_OK)
		rc = contact_begin(req->db, &req->arena, req->conf, &c,
		    req->now, &sent, &req->err);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_str(j, "message", "If the address can be used, a code was "
	    "sent to it");
	json_write_time(j, "expires_at", sent.expires_at);
	json_write_int(j, "resend_after",
	    (sent.resend_after - req->now + SECOND - 1) / SECOND);
	json_write_obj_end(j);
	return RC_ACCEPTED;
}

static enum rc
before_verify(struct req *req)
{
	struct body *in = req->body;

	in->code = identifier_clean_code(&req->arena, in->code);
	if (strlen(in->code) == OTP_DIGITS &&
	    strspn(in->code, "0123456789") == OTP_DIGITS)
		return RC_OK;
	return err_field(&req->err, "code", "must be six digits");
}

static enum rc
verify_change(struct req *req)
{
	struct contact_change c = change_of(req);
	enum rc rc;

	req->keep_writes = true;
	rc = contact_verify(req->db, &req->arena, req->conf, &c, req->now,
	    &req->err);
	return rc == RC_OK ? respond_account(req) : rc;
}

static enum rc
restore(struct req *req)
{
	const struct body *in = req->body;
	enum rc rc;

	rc = contact_restore(req->db, &req->arena, in->token, req->now,
	    &req->err);
	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

/* ---- password */

static enum rc
before_password(struct req *req)
{
	struct body *in = req->body;
	struct account acc;
	const char *why;
	enum rc rc = db_read(req->db);

	if (rc != RC_OK)
		return rc;
	rc = account_get(req->db, &req->arena, req->actor.user, &acc);
	db_read_end(req->db);
	if (rc != RC_OK)
		return rc;
	why = password_weak(in->new_password, req->conf, acc.username,
	    acc.email);
	if (why != NULL)
		return err_field(&req->err, "new_password", why);
	rc = reauth_request(req, in->password, &in->reauth);
	/* A wrong password costs one hash only. */
	if (rc != RC_OK || (in->reauth.tried && !in->reauth.matched))
		return rc;
	in->hash = password_hash(&req->arena, in->new_password);
	return in->hash == NULL ? err_set(&req->err, RC_BUSY, NULL, NULL) :
	    RC_OK;
}

/* A recent sign-in replaces the password only if the account has none. */
static enum rc
set_password(struct req *req)
{
	const struct body *in = req->body;
	struct account acc;
	enum rc rc;

	rc = account_get(req->db, &req->arena, req->actor.user, &acc);
	if (rc != RC_OK)
		return rc;
	if (acc.password != NULL && in->password == NULL)
		return err_field(&req->err, "current_password", "is required");
	rc = reauth_settle(req->db, req->conf, &in->reauth, req->now,
	    &req->err);
	req->keep_writes = rc == RC_FORBIDDEN;
	if (rc == RC_OK)
		rc = contact_password(req->db, &req->arena, req->actor.user,
		    req->actor.session, in->hash, req->now);
	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

#define POST(name, table, run, run_before, more) \
	{ .method = "POST", .path = "/user/" name, .prefix = PREFIX_APP, \
	    .role = ROLE_ANY, .tx = TX_WRITE, \
	    .flags = ROUTE_NO_STORE | ROUTE_PADDED, \
	    .body = (table), .handler = (run), .before = (run_before), \
	    .arg = (more) }

static const struct route routes[] = {
	POST("username", &username_table, set_username, NULL, NULL),
	POST("email", &email_table, request_change, before_address, &by_email),
	POST("email/verify", &code_table, verify_change, before_verify,
	    &by_email),
	POST("phone", &phone_table, request_change, before_address, &by_phone),
	POST("phone/verify", &code_table, verify_change, before_verify,
	    &by_phone),
	POST("password", &password_table, set_password, before_password, NULL),
	{ .method = "POST", .path = "/user/restore", .prefix = PREFIX_APP,
	    .role = ROLE_OPEN, .tx = TX_WRITE, .flags = ROUTE_NO_STORE,
	    .body = &restore_table, .handler = restore },
};

const struct route_table contact_routes = ROUTE_TABLE(routes);
