/*
 * admin_sessions_routes: lists, ends and refunds paid sessions of all users.
 */
#include "fcgi/core/routes.h"
#include "fcgi/routes/admin/approval_json.h"
#include "fcgi/routes/calls/receipt.h"
#include "fcgi/routes/calls/session_json.h"

#define REASON_MAX 500

static const enum session_json_viewer admin_viewer = SESSION_JSON_ADMIN;

struct list_in {
	struct pages pages;
	int64_t user_id;
	int state, live;
};
static const struct field list_fields[] = {
	PAGING_FIELDS(struct list_in, pages),
	{ .name = "user_id", .alias = "user", .type = F_INT,
	    .off = offsetof(struct list_in, user_id), .min = 1,
	    .max = FIELD_INT_MAX },
	{ .name = "state", .type = F_ENUM, .words = session_state_names,
	    .off = offsetof(struct list_in, state), .dflt = -1 },
	{ .name = "live", .type = F_BOOL,
	    .off = offsetof(struct list_in, live) },
};
static const struct field_table list_table =
    FIELD_TABLE(list_fields, struct list_in);

static enum rc
list_admin_sessions(struct req *req)
{
	const struct list_in *in = req->query;
	struct session_query query = {
	    .state = in->live ? SESSION_LIVE : in->state,
	    .side = in->user_id == 0 ? SESSION_SIDE_ALL : SESSION_SIDE_EITHER,
	    .user = in->user_id };

	if (in->live && in->state == SESSION_ENDED)
		return err_field(&req->err, "live",
		    "is not allowed with the state ended");
	return session_json_render_list(req, PAGING_ADMIN_SESSIONS, &in->pages,
	    &query, &admin_viewer);
}

/* Renders the receipt with the lines of both parties. */
static enum rc
receipt(struct req *req)
{
	struct session s;
	int64_t id;
	enum rc rc = session_json_path_id(req, &id);

	if (rc == RC_OK)
		rc = session_get(req->db, &req->arena, id, 0, &s, &req->err);
	return rc == RC_OK ? receipt_render(req, &s, SESSION_JSON_ADMIN) : rc;
}

struct refund_in {
	int64_t amount, earnings;
	const char *reason;
	int charge_listener;
};
static const struct field refund_fields[] = {
	{ .name = "amount", .type = F_INT,
	    .off = offsetof(struct refund_in, amount), .min = 0,
	    .max = FIELD_INT_MAX, .dflt = FIELD_NONE },
	{ .name = "earnings", .type = F_INT,
	    .off = offsetof(struct refund_in, earnings), .min = 0,
	    .max = FIELD_INT_MAX, .dflt = FIELD_NONE },
	{ .name = "reason", .type = F_STR,
	    .flags = FIELD_REQUIRED | FIELD_TRIM,
	    .off = offsetof(struct refund_in, reason), .min = 1,
	    .max = REASON_MAX },
	{ .name = "charge_listener", .type = F_BOOL,
	    .off = offsetof(struct refund_in, charge_listener), .dflt = 0 },
};
static const struct field_table refund_table =
    FIELD_TABLE(refund_fields, struct refund_in);

static enum rc
refund(struct req *req)
{
	const struct refund_in *in = req->body;
	const struct audit_by who = req_by(req);
	struct approval_result done;
	int64_t id, reversed;
	enum rc rc = session_json_path_id(req, &id);

	if (rc == RC_OK)
		rc = approval_submit(req->db, &req->arena, req->conf,
		    &(const struct approval_request){ .target = id,
		    .kind = APPROVAL_SESSION_REFUND, .amount = in->amount,
		    .earnings = in->earnings,
		    .charge_listener = in->charge_listener == 1,
		    .reason = in->reason }, &who, &done, &req->err);
	if (rc == RC_OK && done.approval != 0)
		return approval_json_stored(req, &done);
	if (rc == RC_OK)
		rc = session_reversed(req->db, id, &reversed);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	session_json_members(req, &done.session, SESSION_JSON_ADMIN);
	json_write_int(&req->j, "earnings_reversed", reversed);
	json_write_obj_end(&req->j);
	return RC_OK;
}

struct stop_in {
	const char *reason;
};
static const struct field stop_fields[] = {
	{ .name = "reason", .type = F_STR,
	    .flags = FIELD_REQUIRED | FIELD_TRIM,
	    .off = offsetof(struct stop_in, reason), .min = 1,
	    .max = REASON_MAX },
};
static const struct field_table stop_table =
    FIELD_TABLE(stop_fields, struct stop_in);

static enum rc
stop_session(struct req *req)
{
	const struct stop_in *in = req->body;
	const struct audit_by who = req_by(req);
	struct session s;
	int64_t id;
	enum rc rc = session_json_path_id(req, &id);

	if (rc == RC_OK)
		rc = session_stop(req->db, &req->arena, id, in->reason, &who,
		    &s, &req->err);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	session_json_members(req, &s, SESSION_JSON_ADMIN);
	json_write_obj_end(&req->j);
	return RC_OK;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/admin/sessions", .prefix = PREFIX_APP,
	    .role = ROLE_STAFF, .tx = TX_READ, .query = &list_table,
	    .handler = list_admin_sessions },
	{ .method = "GET", .path = "/admin/sessions/{id}/receipt",
	    .prefix = PREFIX_APP,
	    .role = ROLE_STAFF,
	    .tx = TX_READ,
	    .handler = receipt },
	{ .method = "POST", .path = "/admin/sessions/{id}/end",
	    .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN | ROLE_SUPPORT | ROLE_MODERATOR,
	    .tx = TX_WRITE,
	    .flags = ROUTE_IDEMPOTENT, .body = &stop_table,
	    .handler = stop_session },
	{ .method = "POST", .path = "/admin/sessions/{id}/refund",
	    .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN | ROLE_FINANCE,
	    .tx = TX_WRITE,
	    .flags = ROUTE_IDEMPOTENT | ROUTE_STEP_UP, .body = &refund_table,
	    .handler = refund },
};

const struct route_table admin_sessions_routes = ROUTE_TABLE(routes);
