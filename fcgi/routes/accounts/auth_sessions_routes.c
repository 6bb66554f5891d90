/*
 * auth_sessions_routes: lists and ends the login sessions of the caller.
 */
#include "base/hash.h"
#include "domain/accounts/auth_session.h"
#include "domain/accounts/security_log.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"

static enum rc
logout(struct req *req)
{
	enum rc rc;

	rc = auth_session_revoke(req->db, req->actor.user, req->actor.session,
	    req->now);
	/*
	 * If another request has just ended the session, this is a success too.
	 */
	return rc == RC_OK || rc == RC_NOT_FOUND ? RC_NO_CONTENT : rc;
}

static enum rc
logout_all(struct req *req)
{
	enum rc rc;

	rc = auth_session_revoke_all(req->db, req->actor.user, req->now);
	if (rc == RC_OK)
		rc = security_log_add(req->db, req->actor.user,
		    SECURITY_SIGNED_OUT_EVERYWHERE, req->actor.session, NULL,
		    req->now);
	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

static enum rc
sessions_etag(struct req *req, const struct auth_session_page *page)
{
	uint64_t h = HASH_FAST_SEED;
	size_t i;

	for (i = 0; i < page->n; i++) {
		h = hash_fast(h, &page->v[i].id, sizeof(page->v[i].id));
		h = hash_fast(h, &page->v[i].used_at,
		    sizeof(page->v[i].used_at));
	}
	return req_etag(req, 5, req->actor.user, req->actor.session,
	    page->total, (int64_t)page->more, (int64_t)h);
}

static enum rc
auth_sessions(struct req *req)
{
	const struct paged *in = req->query;
	struct auth_session_page page = { .limit = in->pages.per_page };
	struct cursor c = { 0 };
	const char *next = NULL;
	struct json_write *j = &req->j;
	enum rc rc;
	size_t i;

	rc = paging_cursor_read(req, PAGING_DEVICES, in->pages.cursor, &c);
	if (rc != RC_OK)
		return rc;
	page.before = c.given ? c.id : INT64_MAX;
	page.offset = paging_offset(&in->pages, &c);
	rc = auth_session_list(req->db, &req->arena, req->conf, req->actor.user,
	    req->now, &page);
	if (rc == RC_OK)
		rc = sessions_etag(req, &page);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_arr(j, "sessions");
	for (i = 0; i < page.n; i++) {
		json_write_obj(j, NULL);
		json_write_int(j, "id", page.v[i].id);
		json_write_str(j, "user_agent", page.v[i].user_agent);
		json_write_time(j, "created_at", page.v[i].created_at);
		json_write_time(j, "last_used_at", page.v[i].used_at);
		json_write_bool(j, "is_current",
		    page.v[i].id == req->actor.session);
		json_write_obj_end(j);
	}
	json_write_arr_end(j);
	if (page.more) {
		c = (struct cursor){ .id = page.v[page.n - 1].id };
		next = paging_cursor_write(req, PAGING_DEVICES, &c);
	}
	paging_render(req, &in->pages, page.total, page.more, next);
	json_write_obj_end(j);
	return RC_OK;
}

static enum rc
end_session(struct req *req)
{
	int64_t id;
	enum rc rc;

	if (!req_path_arg_int(req, 0, &id))
		return err_set(&req->err, RC_NOT_FOUND, NULL, NULL);
	rc = auth_session_revoke(req->db, req->actor.user, id, req->now);
	if (rc == RC_NOT_FOUND)
		return err_set(&req->err, rc, NULL, NULL);
	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

static const struct route routes[] = {
	{ .method = "POST", .path = "/auth/logout", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_WRITE,
	    .flags = ROUTE_NO_STORE | ROUTE_INACTIVE, .handler = logout },
	{ .method = "POST", .path = "/auth/logout-all", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_WRITE,
	    .flags = ROUTE_NO_STORE | ROUTE_INACTIVE, .handler = logout_all },
	{ .method = "GET", .path = "/auth/sessions", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_READ, .query = &paged_table,
	    .handler = auth_sessions },
	{ .method = "DELETE", .path = "/auth/sessions/{id}",
	    .prefix = PREFIX_APP, .role = ROLE_ANY, .tx = TX_WRITE,
	    .flags = ROUTE_NO_STORE, .handler = end_session },
};

const struct route_table auth_sessions_routes = ROUTE_TABLE(routes);
