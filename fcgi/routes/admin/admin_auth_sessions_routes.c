/*
 * admin_auth_sessions_routes: where somebody is signed in, and signing them out.
 */
#include "domain/accounts/auth_session.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/accounts/account_json.h"

static enum rc
list(struct req *req, const void *arg)
{
	const struct paged *in = req->query;
	struct device_page page = { .limit = in->pages.per_page };
	struct jout *j = &req->j;
	struct cursor c = { 0 };
	int64_t user;
	enum rc rc;

	(void)arg;
	rc = account_path_id(req, &user);
	if (rc == RC_OK)
		rc = cursor_read(req, PAGE_ADMIN_DEVICES, in->pages.cursor,
		    &c);
	if (rc != RC_OK)
		return rc;
	page.before = c.given ? c.id : INT64_MAX;
	page.offset = pages_offset(&in->pages, &c);
	rc = token_devices(req->db, &req->arena, req->conf, user, req->now,
	    &page);
	if (rc != RC_OK)
		return rc;
	jout_obj(j, NULL);
	jout_arr(j, "devices");
	for (size_t i = 0; i < page.n; i++) {
		jout_obj(j, NULL);
		jout_int(j, "id", page.v[i].id);
		jout_str(j, "user_agent", page.v[i].user_agent);
		jout_time(j, "created_at", page.v[i].created_at);
		jout_time(j, "last_used_at", page.v[i].used_at);
		jout_obj_end(j);
		c.id = page.v[i].id;
	}
	jout_arr_end(j);
	pages_render(req, &in->pages, page.total, page.more, page.more ?
	    cursor_write(req, PAGE_ADMIN_DEVICES, &c) : NULL);
	jout_obj_end(j);
	return RC_OK;
}

static enum rc
sign_out(struct req *req, const void *arg)
{
	const struct audit_by by = req_by(req);
	int64_t user, device;
	enum rc rc;

	(void)arg;
	rc = account_path_id(req, &user);
	if (rc != RC_OK)
		return rc;
	if (!req_seg_int(req, 1, &device))
		return err_set(&req->err, RC_NOT_FOUND, NULL,
		    "Device not found");
	rc = token_sign_out(req->db, &req->arena, user, device, &by,
	    &req->err);
	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

static const struct route routes[] = {
	{ "GET", "/admin/users/{id}/devices", PREFIX_APP, ROLE_ADMIN, TX_READ,
	    ROUTE_NO_STORE, &paged_table, NULL, list, NULL, NULL },
	{ "DELETE", "/admin/users/{id}/devices/{device_id}", PREFIX_APP,
	    ROLE_ADMIN, TX_WRITE, ROUTE_NO_STORE, NULL, NULL, sign_out, NULL,
	    NULL },
};

const struct route_table admin_devices_routes = ROUTE_TABLE(routes);
