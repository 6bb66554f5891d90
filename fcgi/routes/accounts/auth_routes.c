/*
 * auth_routes: registration, one-time codes, login and tokens. The login
 * sessions are in auth_sessions_routes.c.
 *
 * Argon2 runs in the rows' before(), outside of any lock, and stores its result
 * in the body or in req->prepared. Some failures must be committed, such as a
 * counted wrong code or a revoked session. Their handlers set req->keep_writes.
 */
#include "base/clock.h"
#include "crypto/password.h"
#include "domain/accounts/login.h"
#include "domain/accounts/otp.h"
#include "domain/accounts/signup.h"
#include "domain/common/identifier.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/accounts/sign_in_json.h"

static const char *const sexes[] = { "male", "female", "other", NULL };

/*
 * The bodies of all routes in this file. The field table of a route selects the
 * accepted members.
 */
struct body {
	const char *identifier, *password, *new_password, *code, *refresh;
	const char *referral_code;
	int purpose, sex, session;
	struct signup in;
};

#define TEXT(n, member, more, min_len, max_len) \
	{ .name = (n), .type = F_STR, .flags = (more), \
	    .off = offsetof(struct body, member), .min = (min_len), \
	    .max = (max_len) }
#define IDENTIFIER \
	TEXT("identifier", identifier, FIELD_REQUIRED | FIELD_TRIM, 1, \
	    IDENTIFIER_MAX)
#define CODE \
	TEXT("code", code, FIELD_REQUIRED, 1, 40)
#define PURPOSE(more) \
	{ .name = "purpose", .type = F_ENUM, .flags = (more), \
	    .off = offsetof(struct body, purpose), .words = otp_purposes, \
	    .dflt = -1 }

static const struct field register_fields[] = {
	TEXT("username", in.username, FIELD_REQUIRED | FIELD_TRIM, 0, 100),
	TEXT("password", password, FIELD_REQUIRED | FIELD_CTL, 0,
	    PASSWORD_MAX),
	TEXT("email", in.email, FIELD_TRIM, 0, EMAIL_MAX),
	TEXT("phone", in.phone, FIELD_TRIM, 0, 64),
	{ .name = "sex", .type = F_ENUM, .off = offsetof(struct body, sex),
	    .words = sexes, .dflt = -1 },
	TEXT("country", in.country, FIELD_TRIM, 1, 20),
	TEXT("preferred_language", in.preferred_language, FIELD_TRIM, 1, 35),
	TEXT("referral_code", in.referral_code, FIELD_TRIM, 1, 32),
};
static const struct field_table register_table =
    FIELD_TABLE(register_fields, struct body);

static const struct field verify_fields[] = {
	IDENTIFIER, CODE, PURPOSE(0),
	TEXT("referral_code", referral_code, FIELD_TRIM, 1, 32),
	SIGN_IN_FIELD(struct body, session),
};
static const struct field_table verify_table =
    FIELD_TABLE(verify_fields, struct body);

static const struct field resend_fields[] = {
	IDENTIFIER, PURPOSE(FIELD_REQUIRED)
};
static const struct field_table resend_table =
    FIELD_TABLE(resend_fields, struct body);

static const struct field login_fields[] = {
	IDENTIFIER,
	TEXT("password", password, FIELD_CTL, 1, PASSWORD_MAX),
	SIGN_IN_FIELD(struct body, session),
};
static const struct field_table login_table =
    FIELD_TABLE(login_fields, struct body);

static const struct field refresh_fields[] = {
	TEXT("refresh_token", refresh, FIELD_REQUIRED, 1, 512),
};
static const struct field_table refresh_table =
    FIELD_TABLE(refresh_fields, struct body);

static const struct field identifier_fields[] = { IDENTIFIER };
static const struct field_table identifier_table =
    FIELD_TABLE(identifier_fields, struct body);

static const struct field reset_fields[] = {
	IDENTIFIER, CODE,
	TEXT("new_password", new_password, FIELD_REQUIRED | FIELD_CTL, 0,
	    PASSWORD_MAX),
};
static const struct field_table reset_table =
    FIELD_TABLE(reset_fields, struct body);

/* Responses */

static int64_t
seconds_until(int64_t then, int64_t now)
{
	return then <= now ? 0 : (then - now + SECOND - 1) / SECOND;
}

static enum rc
render_code_sent(struct req *req, enum otp_purpose purpose,
    const struct otp_sent *sent)
{
	json_write_obj(&req->j, NULL);
	json_write_str(&req->j, "message", purpose == OTP_CONTINUE ?
	    "If the identifier can receive a code, one was sent" :
	    "If the account exists, a code was sent");
	json_write_time(&req->j, "expires_at", sent->expires_at);
	json_write_int(&req->j, "resend_after",
	    seconds_until(sent->resend_after, req->now));
	json_write_obj_end(&req->j);
	return RC_ACCEPTED;
}

/* Shared helpers */

/* Checks the code and replaces it by its normal form. */
static enum rc
check_code(struct req *req, const char **code)
{
	*code = identifier_clean_code(&req->arena, *code);
	if (strlen(*code) == OTP_DIGITS &&
	    strspn(*code, "0123456789") == OTP_DIGITS)
		return RC_OK;
	return err_field(&req->err, "code", "must be six digits");
}

/* Rejects a text that no account can have. This reveals no account. */
static enum rc
check_identifier(struct req *req, const char *identifier)
{
	char *text;

	if (identifier_read(&req->arena, req->conf->default_country,
	    identifier, &text) != ID_NONE)
		return RC_OK;
	return err_field(&req->err, "identifier", "must be a username, an "
	    "e-mail address or a phone number such as +919876543210");
}

/*
 * Adds an error for an identifier that gets no code of purpose OTP_CONTINUE: a
 * number without a country code, which would count as a username, or a number
 * that gets no codes. This reveals no account.
 */
static void
check_continue(struct req *req, const char *identifier)
{
	const char *country = req->conf->default_country;
	char *text;

	if (identifier_lacks_country(&req->arena, country, identifier))
		err_field(&req->err, "identifier", "add the country code, for "
		    "example +91 98765 43210");
	else if (check_identifier(req, identifier) == RC_OK &&
	    identifier_read(&req->arena, country, identifier, &text) ==
	    ID_PHONE)
		otp_limits_check_phone(req->conf, "identifier", text,
		    &req->err);
}

/* Hashes a new password into *hash. Returns RC_BUSY if that fails. */
static enum rc
make_hash(struct req *req, const char *password, const char **hash)
{
	*hash = password_hash(&req->arena, password);
	return *hash == NULL ? err_set(&req->err, RC_BUSY, NULL, NULL) : RC_OK;
}

static enum rc
send_code(struct req *req, enum otp_purpose purpose, const char *identifier)
{
	struct otp_sent sent;
	enum rc rc;

	rc = otp_request(req->db, &req->arena, req->conf, purpose, identifier,
	    req->remote_addr, req->now, &sent, &req->err);
	return rc == RC_OK ? render_code_sent(req, purpose, &sent) : rc;
}

/* Registration */

/*
 * Sets in->repeated and in->password if the client repeats a pending
 * registration: the username and the password are the same.
 */
static enum rc
find_repeated(struct req *req, const char *password, struct signup *in)
{
	const char *hash;
	enum rc rc;

	rc = db_read(req->db);
	if (rc != RC_OK)
		return rc;
	rc = signup_pending(req->db, &req->arena, in->username, &hash);
	db_read_end(req->db);
	if (rc != RC_OK || hash == NULL)
		return rc;
	rc = password_verify(hash, password);
	if (rc == RC_OK) {
		in->repeated = true;
		in->password = hash;
	}
	return rc == RC_AUTH ? RC_OK : rc;
}

static enum rc
before_register(struct req *req)
{
	struct body *body = req->body;
	struct signup *in = &body->in;
	const char *why;
	enum rc rc;

	in->from = req->remote_addr;
	in->sex = body->sex < 0 ? NULL : sexes[body->sex];
	signup_check(&req->arena, req->conf, in, &req->err);
	why = password_weak(body->password, req->conf, in->username,
	    in->email);
	if (why != NULL)
		err_field(&req->err, "password", why);
	if (req->err.fields != NULL)
		return RC_INVALID;
	rc = find_repeated(req, body->password, in);
	if (rc != RC_OK || in->repeated)
		return rc;
	return make_hash(req, body->password, &in->password);
}

static enum rc
do_register(struct req *req)
{
	struct body *body = req->body;
	struct signup *in = &body->in;
	struct json_write *j = &req->j;
	enum rc rc;

	rc = signup(req->db, &req->arena, req->conf, in, req->now, &req->err);
	req->keep_writes = in->keep;
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_int(j, "user_id", in->id);
	json_write_str(j, "username", in->username);
	json_write_str(j, "status", "pending_verification");
	json_write_obj(j, "otp");
	json_write_str(j, "channel", in->channel == OUTBOX_SMS ? "sms" :
	    "email");
	json_write_str(j, "sent_to", identifier_mask(&req->arena, in->address));
	json_write_time(j, "expires_at", in->sent.expires_at);
	json_write_int(j, "resend_after",
	    seconds_until(in->sent.resend_after, req->now));
	json_write_obj_end(j);
	json_write_obj_end(j);
	return RC_CREATED;
}

/* One-time codes */

/* Also runs before handlers whose body has no code. */
static enum rc
before_identifier(struct req *req)
{
	struct body *body = req->body;

	check_identifier(req, body->identifier);
	if (body->code != NULL)
		check_code(req, &body->code);
	return req->err.fields != NULL ? RC_INVALID :
	    sign_in_json_check(req, body->session);
}

static enum rc
verify(struct req *req)
{
	const struct body *body = req->body;
	struct login_code in = { .purpose = body->purpose,
	    .identifier = body->identifier, .code = body->code,
	    .referral_code = body->referral_code, .from = req->remote_addr,
	    .user_agent = req->user_agent };
	struct token_pair pair;
	enum rc rc;

	req->keep_writes = true;
	rc = login_code(req->db, &req->arena, req->conf, &in, req->now, &pair,
	    &req->err);
	return rc == RC_OK ? sign_in_json_code(req, &pair, body->session,
	    in.created) : rc;
}

static enum rc
before_resend(struct req *req)
{
	const struct body *body = req->body;

	if (body->purpose == OTP_CONTINUE)
		check_continue(req, body->identifier);
	else
		check_identifier(req, body->identifier);
	return req->err.fields == NULL ? RC_OK : RC_INVALID;
}

static enum rc
resend(struct req *req)
{
	const struct body *body = req->body;

	return send_code(req, (enum otp_purpose)body->purpose,
	    body->identifier);
}

/* One form for sign-in and registration */

static enum rc
before_continue(struct req *req)
{
	const struct body *body = req->body;

	check_continue(req, body->identifier);
	return req->err.fields == NULL ? RC_OK : RC_INVALID;
}

static enum rc
start(struct req *req)
{
	const struct body *body = req->body;

	return send_code(req, OTP_CONTINUE, body->identifier);
}

/* Login */

static enum rc
before_login(struct req *req)
{
	const struct body *body = req->body;
	const char *hash;
	struct login *l;
	enum rc rc;
	size_t i;

	rc = check_identifier(req, body->identifier);
	if (rc == RC_OK)
		rc = sign_in_json_check(req, body->session);
	if (rc != RC_OK || body->password == NULL)
		return rc;
	req->prepared = l = arena_new(&req->arena, struct login);
	l->identifier = body->identifier;
	l->from = req->remote_addr;
	rc = db_read(req->db);
	if (rc != RC_OK)
		return rc;
	rc = login_find(req->db, &req->arena, req->conf, req->now, l,
	    &req->err);
	db_read_end(req->db);
	for (i = 0; rc == RC_OK && i < l->n; i++) {
		rc = password_verify(l->hash[i], body->password);
		if (rc == RC_OK && l->matched < 0)
			l->matched = (int)i;
		else if (rc == RC_AUTH)
			rc = RC_OK;
	}
	if (rc != RC_OK || l->matched < 0 || l->blocked[l->matched])
		return rc;
	hash = l->hash[l->matched];
	return password_old(hash) ? make_hash(req, body->password, &l->rehash) :
	    RC_OK;
}

static enum rc
login(struct req *req)
{
	const struct body *body = req->body;
	struct token_pair pair;
	enum rc rc;

	if (body->password == NULL)
		return send_code(req, OTP_LOGIN, body->identifier);
	req->keep_writes = true;
	rc = login_settle(req->db, &req->arena, req->conf, req->prepared,
	    req->user_agent, req->now, &pair, &req->err);
	return rc == RC_OK ? sign_in_json_render(req, &pair, body->session) :
	    rc;
}

static enum rc
refresh(struct req *req)
{
	const struct body *body = req->body;
	struct token_pair pair;
	enum rc rc;

	req->keep_writes = true;
	rc = auth_session_refresh(req->db, &req->arena, req->conf,
	    body->refresh, req->now, &pair, &req->err);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	sign_in_json_pair(req, &pair);
	json_write_obj_end(&req->j);
	return RC_OK;
}

/* Password reset */

static enum rc
forgot(struct req *req)
{
	const struct body *body = req->body;

	return send_code(req, OTP_RESET, body->identifier);
}

static enum rc
before_reset(struct req *req)
{
	struct body *body = req->body;
	const char *why;

	check_identifier(req, body->identifier);
	check_code(req, &body->code);
	/* The identifier is a username or an address. */
	why = password_weak(body->new_password, req->conf, body->identifier,
	    body->identifier);
	if (why != NULL)
		err_field(&req->err, "new_password", why);
	if (req->err.fields != NULL)
		return RC_INVALID;
	return make_hash(req, body->new_password, &body->in.password);
}

static enum rc
reset(struct req *req)
{
	const struct body *body = req->body;
	enum rc rc;

	req->keep_writes = true;
	rc = login_reset(req->db, &req->arena, req->conf, body->identifier,
	    body->code, body->in.password, req->remote_addr, req->now,
	    &req->err);
	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

/* Routes */

#define POST(name, table, run, run_before) \
	{ .method = "POST", .path = "/auth/" name, .prefix = PREFIX_APP, \
	    .role = ROLE_OPEN, .tx = TX_WRITE, \
	    .flags = ROUTE_NO_STORE | ROUTE_PADDED, \
	    .body = (table), .handler = (run), .before = (run_before) }

static const struct route routes[] = {
	POST("register", &register_table, do_register, before_register),
	POST("verify-otp", &verify_table, verify, before_identifier),
	POST("resend-otp", &resend_table, resend, before_resend),
	POST("continue", &identifier_table, start, before_continue),
	POST("login", &login_table, login, before_login),
	POST("password/forgot", &identifier_table, forgot, before_identifier),
	POST("password/reset", &reset_table, reset, before_reset),
	{ .method = "POST", .path = "/auth/refresh-token",
	    .prefix = PREFIX_APP, .role = ROLE_OPEN, .tx = TX_WRITE,
	    .flags = ROUTE_NO_STORE, .body = &refresh_table,
	    .handler = refresh },
};

const struct route_table auth_routes = ROUTE_TABLE(routes);
