/*
 * admin_wallets_routes: shows and adjusts the wallets of users, and reports the
 * last check of the ledger.
 */
#include "domain/money/wallet_close.h"
#include "domain/ops/chain_check_log.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/accounts/account_json.h"
#include "fcgi/routes/admin/approval_json.h"
#include "fcgi/routes/money/wallet_json.h"

/* The accounts that can be adjusted, in the order of `accounts`. */
static const char *const account_names[] = {
	"wallet", "bonus", "earnings", NULL
};
static const enum ledger_kind accounts[] = {
	LEDGER_WALLET, LEDGER_BONUS, LEDGER_EARNINGS
};

struct adjustment {
	int64_t amount;
	int account;
	const char *reason;
};

static const struct field adjust_fields[] = {
	{ .name = "amount", .type = F_INT, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct adjustment, amount),
	    .min = -WALLET_BY_HAND_MAX, .max = WALLET_BY_HAND_MAX },
	{ .name = "account", .type = F_ENUM, .words = account_names,
	    .off = offsetof(struct adjustment, account) },
	{ .name = "reason", .type = F_STR,
	    .flags = FIELD_REQUIRED | FIELD_TRIM,
	    .off = offsetof(struct adjustment, reason), .min = 1,
	    .max = 500 },
};
static const struct field_table adjust_table =
    FIELD_TABLE(adjust_fields, struct adjustment);

/* Writes the wallet with the id of its user. */
static enum rc
render_admin_wallet(struct req *req, int64_t user)
{
	struct wallet_close_state closed;
	struct wallet w;
	enum rc rc = wallet_get(req->db, user, &w);

	if (rc == RC_OK)
		rc = wallet_close_get(req->db, &req->arena, user, &closed);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_int(&req->j, "user_id", user);
	wallet_json_members(&req->j, req->conf, &w, true);
	if (closed.closed) {
		json_write_str(&req->j, "payout_contact",
		    closed.payout_contact);
		json_write_time(&req->j, "payable_until", closed.expires_at);
	}
	json_write_obj_end(&req->j);
	return RC_OK;
}

static enum rc
get_admin_wallet(struct req *req)
{
	int64_t user;
	enum rc rc = account_json_path_id(req, &user);

	return rc == RC_OK ? render_admin_wallet(req, user) : rc;
}

static enum rc
transactions(struct req *req)
{
	int64_t user;
	enum rc rc = account_json_path_id(req, &user);

	return rc == RC_OK ?
	    wallet_json_entries(req, PAGING_ADMIN_TRANSACTIONS, user) : rc;
}

/* Reports the last check of the ledger, which earmark-jobs runs. */
static enum rc
ledger(struct req *req)
{
	struct json_write *j = &req->j;
	char head[2 * sizeof(struct hash) + 1];
	struct chain_check p;
	enum rc rc = chain_check_log_get(req->db, &req->arena,
	    CHAIN_CHECK_LEDGER, &p);

	if (rc != RC_OK)
		return rc;
	hash_hex(p.head.b, sizeof(p.head.b), head);
	json_write_obj(j, NULL);
	if (p.checked_at == INT64_MIN)
		json_write_null(j, "ok");
	else
		json_write_bool(j, "ok", p.first_wrong == NULL);
	json_write_time(j, "checked_at", p.checked_at);
	json_write_time(j, "whole_at", p.whole_at);
	json_write_int(j, "transfers", p.links);
	json_write_int(j, "entries", p.entries);
	json_write_str(j, "head", p.checked_at == INT64_MIN ? NULL : head);
	json_write_str(j, "first_wrong", p.first_wrong);
	json_write_obj_end(j);
	return RC_OK;
}

static enum rc
adjust(struct req *req)
{
	const struct adjustment *in = req->body;
	const struct audit_by by = req_by(req);
	struct approval_result done;
	int64_t user;
	enum rc rc;

	/* Check the body before the path. */
	if (in->amount == 0)
		return err_field(&req->err, "amount", "must not be 0");
	rc = req_path_id(req, &user, "User not found");
	if (rc != RC_OK)
		return rc;
	rc = approval_submit(req->db, &req->arena, req->conf,
	    &(const struct approval_request){ .kind = APPROVAL_ADJUST,
	    .target = user, .account = (int)accounts[in->account],
	    .amount = in->amount, .reason = in->reason }, &by, &done,
	    &req->err);
	if (rc == RC_OK && done.approval != 0)
		return approval_json_stored(req, &done);
	return rc == RC_OK ? render_admin_wallet(req, user) : rc;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/admin/ledger", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN | ROLE_FINANCE,
	    .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .handler = ledger },
	{ .method = "GET", .path = "/admin/wallets/{user_id}",
	    .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN | ROLE_FINANCE | ROLE_SUPPORT,
	    .tx = TX_READ,
	    .flags = ROUTE_NO_STORE, .handler = get_admin_wallet },
	{ .method = "GET", .path = "/admin/wallets/{user_id}/transactions",
	    .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN | ROLE_FINANCE | ROLE_SUPPORT,
	    .tx = TX_READ,
	    .query = &wallet_entries_in_table, .handler = transactions },
	{ .method = "POST", .path = "/admin/wallets/{user_id}/adjust",
	    .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN | ROLE_FINANCE,
	    .tx = TX_WRITE,
	    .flags = ROUTE_IDEMPOTENT | ROUTE_STEP_UP, .body = &adjust_table,
	    .handler = adjust },
};

const struct route_table admin_wallets_routes = ROUTE_TABLE(routes);
