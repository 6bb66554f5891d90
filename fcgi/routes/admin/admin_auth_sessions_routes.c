/*
 * admin_auth_sessions_routes: lists and ends the login sessions of a user.
 */
#include "domain/accounts/auth_session.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/accounts/account_json.h"

static enum rc
list_admin_auth_sessions(struct req *req)
{
	const struct paged *in = req->query;
	struct auth_session_page page = { .limit = in->pages.per_page };
	struct json_write *j = &req->j;
	struct paging_list list = { .tag = PAGING_ADMIN_DEVICES,
	    .pages = &in->pages };
	int64_t user;
	enum rc rc;

	rc = account_json_path_id(req, &user);
	if (rc == RC_OK)
		rc = paging_list_begin(req, &list);
	if (rc != RC_OK)
		return rc;
	page.before = list.before;
	page.offset = list.offset;
	rc = auth_session_list(req->db, &req->arena, req->conf, user, req->now,
	    &page);
	if (rc != RC_OK)
		return rc;
	paging_list_open(req, "devices");
	for (size_t i = 0; i < page.n; i++) {
		json_write_obj(j, NULL);
		json_write_int(j, "id", page.v[i].id);
		json_write_str(j, "user_agent", page.v[i].user_agent);
		json_write_time(j, "created_at", page.v[i].created_at);
		json_write_time(j, "last_used_at", page.v[i].used_at);
		json_write_obj_end(j);
		list.cursor.id = page.v[i].id;
	}
	return paging_list_end(req, &list, page.total, page.more);
}

static enum rc
sign_out(struct req *req)
{
	const struct audit_by by = req_by(req);
	int64_t user, device;
	enum rc rc;

	rc = account_json_path_id(req, &user);
	if (rc != RC_OK)
		return rc;
	if (!req_path_arg_int(req, 1, &device))
		return err_set(&req->err, RC_NOT_FOUND, NULL,
		    "Device not found");
	rc = auth_session_sign_out(req->db, &req->arena, user, device, &by,
	    &req->err);
	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/admin/users/{id}/devices",
	    .prefix = PREFIX_APP, .role = ROLE_ADMIN, .tx = TX_READ,
	    .flags = ROUTE_NO_STORE, .query = &paged_table,
	    .handler = list_admin_auth_sessions },
	{ .method = "DELETE", .path = "/admin/users/{id}/devices/{device_id}",
	    .prefix = PREFIX_APP, .role = ROLE_ADMIN, .tx = TX_WRITE,
	    .flags = ROUTE_NO_STORE, .handler = sign_out },
};

const struct route_table admin_auth_sessions_routes = ROUTE_TABLE(routes);
