#include "domain/accounts/identity.h"
#include "domain/accounts/mfa.h"
#include "domain/calls/call.h"
#include "domain/money/referral.h"
#include "fcgi/routes/accounts/account_json.h"
#include "fcgi/routes/calls/call_json.h"
#include "fcgi/routes/messaging/notification_json.h"
#include "fcgi/routes/money/wallet_json.h"
#include "fcgi/routes/ops/export_routes.h"

#define PAGE	100

enum rc
export_account_settings(struct req *req, struct arena *a,
    struct export_place *p, bool *more)
{
	struct json_write *j = &req->j;
	struct preference preference;
	struct mfa_state mfa;
	struct settings settings;
	enum rc rc = settings_get(req->db, a, req->actor.user, &settings);

	(void)p;
	*more = false;
	if (rc == RC_OK)
		rc = preference_get(req->db, req->actor.user, &preference);
	if (rc == RC_OK)
		rc = mfa_state_get(req->db, req->actor.user, &mfa);
	if (rc != RC_OK)
		return rc;
	account_json_settings(j, "settings", &settings);
	notification_json_preference(j, "notification_preferences",
	    &preference, req->now);
	json_write_obj(j, "second_factor");
	json_write_bool(j, "totp", mfa.totp);
	json_write_int(j, "recovery_codes", mfa.totp ? mfa.recovery_codes : 0);
	json_write_obj_end(j);
	return RC_OK;
}

enum rc
export_account_identities(struct req *req, struct arena *a,
    struct export_place *p, bool *more)
{
	struct json_write *j = &req->j;
	struct identity *v;
	size_t n;
	enum rc rc = identity_list(req->db, a, req->actor.user, &v, &n);

	(void)p;
	*more = false;
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		json_write_obj(j, NULL);
		json_write_int(j, "id", v[i].id);
		json_write_str(j, "provider", v[i].provider);
		json_write_str(j, "issuer", v[i].issuer);
		json_write_str(j, "subject", v[i].subject);
		json_write_time(j, "created_at", v[i].created_at);
		json_write_time(j, "last_used_at", v[i].used_at);
		json_write_obj_end(j);
	}
	return rc;
}

enum rc
export_account_security(struct req *req, struct arena *a,
    struct export_place *p, bool *more)
{
	struct security_page page = { .before = p->given ? p->id : INT64_MAX,
	    .limit = PAGE };
	enum rc rc = security_log_list(req->db, a, req->actor.user, &page);

	for (size_t i = 0; rc == RC_OK && i < page.n; i++) {
		account_json_security(&req->j, &page.v[i]);
		p->id = page.v[i].id;
	}
	*more = rc == RC_OK && page.more;
	return rc;
}

enum rc
export_account_calls(struct req *req, struct arena *a, struct export_place *p,
    bool *more)
{
	const struct call_query query = { .user = req->actor.user,
	    .state = -1, .before = p->given ? p->id : INT64_MAX,
	    .limit = PAGE };
	struct call_page page;
	enum rc rc = call_list(req->db, a, &query, &page);

	for (size_t i = 0; rc == RC_OK && i < page.n; i++) {
		json_write_obj(&req->j, NULL);
		call_json_members(req, &page.calls[i]);
		json_write_obj_end(&req->j);
		p->id = page.calls[i].id;
	}
	*more = rc == RC_OK && page.more;
	return rc;
}

enum rc
export_account_referrals(struct req *req, struct arena *a,
    struct export_place *p, bool *more)
{
	struct referral_page page;
	enum rc rc = referral_list(req->db, a, req->actor.user,
	    p->given ? p->id : INT64_MAX, PAGE, 0, &page);

	for (size_t i = 0; rc == RC_OK && i < page.n; i++) {
		wallet_json_referred(&req->j, &page.list[i]);
		p->id = page.list[i].user;
	}
	*more = rc == RC_OK && page.more;
	return rc;
}
