/*
 * auth_mfa_routes: completes a sign-in by the second factor, or raises a login
 * session for actions that move money out or change staff.
 */
#include "base/clock.h"
#include "fcgi/core/guard.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/accounts/mfa_check.h"
#include "fcgi/routes/accounts/sign_in_json.h"

struct mfa_in {
	const char *mfa_token, *code;
	int session;
};
static const struct field mfa_fields[] = {
	{ .name = "mfa_token", .type = F_STR, .flags = FIELD_TRIM,
	    .off = offsetof(struct mfa_in, mfa_token), .min = 1, .max = 100 },
	{ .name = "code", .type = F_STR, .flags = FIELD_REQUIRED | FIELD_TRIM,
	    .off = offsetof(struct mfa_in, code), .min = 1, .max = 40 },
	SIGN_IN_FIELD(struct mfa_in, session),
};
static const struct field_table mfa_table =
    FIELD_TABLE(mfa_fields, struct mfa_in);

static enum rc
complete_sign_in(struct req *req, const struct mfa_in *in)
{
	struct token_pair pair;
	struct mfa_code code;
	int64_t user;
	enum rc rc;

	rc = sign_in_json_check(req, in->session);
	if (rc == RC_OK)
		rc = mfa_challenge_find(req->db, in->mfa_token, req->now, &user,
		    &req->err);
	if (rc == RC_OK)
		rc = mfa_check(req, user, in->code, &code);
	if (rc == RC_OK)
		rc = mfa_sign_in(req->db, &req->arena, req->conf, in->mfa_token,
		    &code, req->user_agent, req->now, &pair, &req->err);
	return rc == RC_OK ? sign_in_json_render(req, &pair, in->session) :
	    rc;
}

static enum rc
step_up(struct req *req, const struct mfa_in *in)
{
	struct mfa_code code;
	enum rc rc;

	if (req->actor.session == 0)
		return err_set(&req->err, RC_AUTH, "token_required",
		    "Send mfa_token, or the access token of a session");
	rc = mfa_check(req, req->actor.user, in->code, &code);
	if (rc == RC_OK)
		rc = mfa_step_up(req->db, req->conf, req->actor.user,
		    req->actor.session, &code, req->now, &req->err);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_time(&req->j, "step_up_until", req->now + GUARD_STEP_UP);
	json_write_obj_end(&req->j);
	return RC_OK;
}

static enum rc
send_mfa(struct req *req)
{
	const struct mfa_in *in = req->body;

	req->keep_writes = true;
	return in->mfa_token != NULL ? complete_sign_in(req, in) :
	    step_up(req, in);
}

static const struct route routes[] = {
	{ .method = "POST", .path = "/auth/mfa", .prefix = PREFIX_APP,
	    .role = ROLE_MAYBE, .tx = TX_WRITE, .flags = ROUTE_NO_STORE,
	    .body = &mfa_table, .handler = send_mfa },
};

const struct route_table auth_mfa_routes = ROUTE_TABLE(routes);
