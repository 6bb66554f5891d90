#include "base/str.h"
#include "domain/money/payment.h"
#include "fcgi/routes/calls/session_json.h"
#include "fcgi/routes/money/payment_json.h"
#include "fcgi/routes/money/wallet_json.h"
#include "fcgi/routes/ops/export_routes.h"

#define PAGE	100

enum rc
export_wallet(struct req *req, struct arena *a, struct export_place *p,
    bool *more)
{
	struct wallet w;
	enum rc rc = wallet_get(req->db, req->actor.user, &w);

	(void)a;
	(void)p;
	*more = false;
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, "wallet");
	wallet_json_members(&req->j, req->conf, &w, true);
	json_write_obj_end(&req->j);
	return RC_OK;
}

enum rc
export_lines(struct req *req, struct arena *a, struct export_place *p,
    bool *more)
{
	struct wallet_query query = { .user = req->actor.user,
	    .from = INT64_MIN, .to = INT64_MAX, .limit = PAGE,
	    .given = p->given, .before_at = p->at, .before_id = p->id };
	struct wallet_page page;
	enum rc rc = wallet_entries(req->db, a, &query, &page);

	for (size_t i = 0; rc == RC_OK && i < page.n; i++) {
		wallet_json_entry(&req->j, &page.entries[i]);
		p->at = page.entries[i].at;
		p->id = page.entries[i].id;
	}
	*more = rc == RC_OK && page.more;
	return rc;
}

enum rc
export_payments(struct req *req, struct arena *a, struct export_place *p,
    bool *more)
{
	struct payment_query query = { .user = req->actor.user, .status = -1,
	    .limit = PAGE, .before = p->given ? p->id : INT64_MAX };
	struct payment_page page;
	enum rc rc = payment_list(req->db, a, &query, &page);

	for (size_t i = 0; rc == RC_OK && i < page.n; i++) {
		json_write_obj(&req->j, NULL);
		payment_json_members(&req->j, &page.payments[i]);
		json_write_obj_end(&req->j);
		p->id = page.payments[i].id;
	}
	*more = rc == RC_OK && page.more;
	return rc;
}

enum rc
export_sessions(struct req *req, struct arena *a, struct export_place *p,
    bool *more)
{
	struct session_query query = { .side = SESSION_SIDE_EITHER,
	    .user = req->actor.user, .state = -1, .limit = PAGE,
	    .before = p->given ? p->id : INT64_MAX };
	struct session_page page;
	enum rc rc = session_list(req->db, a, &query, &page);

	for (size_t i = 0; rc == RC_OK && i < page.n; i++) {
		const struct session *s = &page.sessions[i];

		json_write_obj(&req->j, NULL);
		session_json_members(req, s, session_json_viewer_of(req, s));
		json_write_obj_end(&req->j);
		p->id = s->id;
	}
	*more = rc == RC_OK && page.more;
	return rc;
}
