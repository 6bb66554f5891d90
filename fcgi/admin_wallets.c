/*
 * admin_wallets: money that an administrator gives or takes.
 */
#include "fcgi/groups.h"
#include "fcgi/wallet_json.h"

struct adjustment {
	int64_t amount;
	const char *reason;
};

static const struct field adjust_fields[] = {
	{ .name = "amount", .type = F_INT, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct adjustment, amount),
	    .min = -WALLET_BY_HAND_MAX, .max = WALLET_BY_HAND_MAX },
	{ .name = "reason", .type = F_STR,
	    .flags = FIELD_REQUIRED | FIELD_TRIM,
	    .off = offsetof(struct adjustment, reason), .min = 1,
	    .max = 500 },
};
static const struct field_table adjust_table =
    FIELD_TABLE(adjust_fields, struct adjustment);

static enum rc
adjust(struct req *req, const void *arg)
{
	const struct adjustment *in = req->body;
	const struct audit_by by = { .actor = req->actor.user,
	    .request_id = req->id, .now = req->now };
	struct wallet w;
	int64_t user;
	enum rc rc;

	(void)arg;
	/* What is wrong with the body comes first. */
	if (in->amount == 0)
		return err_field(&req->err, "amount", "must not be 0");
	if (!req_seg_int(req, 0, &user))
		return err_set(&req->err, RC_NOT_FOUND, NULL,
		    "User not found");
	rc = wallet_adjust(req->db, &req->arena, user, in->amount, in->reason,
	    &by, &req->err);
	if (rc == RC_OK)
		rc = wallet_get(req->db, user, &w);
	if (rc != RC_OK)
		return rc;
	jout_obj(&req->j, NULL);
	jout_int(&req->j, "user_id", user);
	wallet_members(&req->j, req->conf, &w, true);
	jout_obj_end(&req->j);
	return RC_OK;
}

static const struct route routes[] = {
	{ "POST", "/admin/wallets/{user_id}/adjust", PREFIX_APP, ROLE_ADMIN,
	    TX_WRITE, ROUTE_IDEMPOTENT, NULL, &adjust_table, adjust, NULL,
	    NULL },
};

const struct route_table admin_wallets_routes = ROUTE_TABLE(routes);
