/*
 * wallet_routes: the balance and the wallet entries of the caller.
 */
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/money/wallet_json.h"

static enum rc
balance(struct req *req)
{
	bool listener = (req->actor.roles & ROLE_LISTENER) != 0;
	int64_t user = req->actor.user;
	struct wallet w;
	enum rc rc;

	rc = wallet_get(req->db, user, &w);
	if (rc == RC_OK)
		rc = req_etag(req, 8, user, w.wallet, w.bonus, w.held, w.owed,
		    w.free_minutes, w.earnings, (int64_t)listener);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	wallet_json_members(&req->j, req->conf, &w, listener);
	json_write_obj_end(&req->j);
	return RC_OK;
}

static enum rc
transactions(struct req *req)
{
	return wallet_json_entries(req, PAGING_TRANSACTIONS, req->actor.user);
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/user/balance", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_READ, .handler = balance },
	{ .method = "GET", .path = "/user/transactions", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_READ, .query = &wallet_entries_in_table,
	    .handler = transactions },
};

const struct route_table wallet_routes = ROUTE_TABLE(routes);
