#include "fcgi/routes/accounts/sign_in_json.h"

#include "base/clock.h"
#include "base/hash.h"
#include "crypto/jwt.h"
#include "domain/accounts/account.h"
#include "domain/accounts/session_cookie.h"
#include "fcgi/core/cookie.h"
#include "fcgi/routes/accounts/account_json.h"

const char *const sign_in_sessions[] = {
	"token", "cookie", "staff_cookie", NULL
};

enum rc
sign_in_json_check(struct req *req, int session)
{
	return session == SIGN_IN_TOKEN ? RC_OK : cookie_check_origin(req);
}

void
sign_in_json_pair(struct req *req, const struct token_pair *p)
{
	struct claims claims = { .user = p->user, .session = p->session,
	    .issued = p->issued, .expires = p->expires };
	int64_t left = (p->expires - req->now + SECOND - 1) / SECOND;
	struct hash hash = hash_sha256(p->refresh, strlen(p->refresh));
	char id[HASH_B64_LEN(12)];

	/*
	 * The id is derived from the refresh token. Tokens of two pairs differ
	 * even if they were issued in the same second.
	 */
	hash_b64(hash.b, 12, id);
	claims.id = id;
	json_write_str(&req->j, "access_token", jwt_sign(&req->arena, &claims));
	json_write_str(&req->j, "refresh_token", p->refresh);
	json_write_str(&req->j, "token_type", "Bearer");
	json_write_int(&req->j, "expires_in", left > 0 ? left : 1);
}

/* Ends the session of the cookie that the client sent, if it is valid. */
static enum rc
end_replaced(struct req *req, enum cookie_kind kind)
{
	const char *text = cookie_sent(req, kind);
	struct session_cookie old;
	enum rc rc;

	if (text == NULL)
		return RC_OK;
	rc = session_cookie_find(req->db, req->conf, text,
	    kind == COOKIE_STAFF, req->now, &old);
	if (rc == RC_OK)
		rc = auth_session_revoke(req->db, old.who.user,
		    old.who.session, req->now);
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* Gives the session of a pair a cookie instead of its tokens. */
static enum rc
set_cookie(struct req *req, const struct token_pair *p, enum cookie_kind kind)
{
	char text[SESSION_COOKIE_TEXT], csrf[SESSION_COOKIE_TEXT];
	bool staff = kind == COOKIE_STAFF;
	enum rc rc;

	rc = end_replaced(req, kind);
	if (rc == RC_OK)
		rc = session_cookie_issue(req->db, p->session, staff, text);
	if (rc != RC_OK)
		return rc;
	if (!session_cookie_csrf(text, csrf))
		BUG("a new cookie is malformed");
	cookie_set(req, kind, text, staff ? 0 : req->conf->refresh_ttl);
	json_write_str(&req->j, "csrf_token", csrf);
	return RC_OK;
}

/* Writes the members of the session. */
static enum rc
render_session(struct req *req, const struct token_pair *p, int session)
{
	if (session != SIGN_IN_TOKEN)
		return set_cookie(req, p, session == SIGN_IN_STAFF_COOKIE ?
		    COOKIE_STAFF : COOKIE_USER);
	sign_in_json_pair(req, p);
	return RC_OK;
}

/* is_new: NULL: no such member. */
static enum rc
render_response(struct req *req, const struct token_pair *p, int session,
    const bool *is_new)
{
	struct account acc;
	enum rc rc;

	rc = account_get(req->db, &req->arena, p->user, &acc);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	rc = render_session(req, p, session);
	if (rc != RC_OK)
		return rc;
	account_json_render(req, "user", &acc);
	if (is_new != NULL)
		json_write_bool(&req->j, "is_new", *is_new);
	json_write_obj_end(&req->j);
	return is_new != NULL && *is_new ? RC_CREATED : RC_OK;
}

enum rc
sign_in_json_render(struct req *req, const struct token_pair *p, int session)
{
	return render_response(req, p, session, NULL);
}

enum rc
sign_in_json_code(struct req *req, const struct token_pair *p, int session,
    bool is_new)
{
	return render_response(req, p, session, &is_new);
}

enum rc
sign_in_json_user(struct req *req, int64_t user)
{
	struct account acc;
	enum rc rc;

	rc = account_get(req->db, &req->arena, user, &acc);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	account_json_render(req, "user", &acc);
	json_write_obj_end(&req->j);
	return RC_OK;
}
