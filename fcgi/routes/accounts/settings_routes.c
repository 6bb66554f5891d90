/*
 * settings_routes: the settings of the caller, and what happened to the security
 * of the account.
 */
#include "base/hash.h"
#include "domain/accounts/auth_session.h"
#include "domain/accounts/security_log.h"
#include "domain/accounts/settings.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/accounts/account_json.h"

#define DEVICES_SHOWN	100		/* newest devices in GET /user/security */

static const struct field change_fields[] = {
	{ .name = "language", .type = F_STR, .flags = FIELD_TRIM | FIELD_CLEAR,
	    .off = offsetof(struct settings_change, language), .max = 35 },
	{ .name = "time_zone", .type = F_STR, .flags = FIELD_TRIM | FIELD_CLEAR,
	    .off = offsetof(struct settings_change, time_zone), .max = 64 },
	{ .name = "show_last_seen", .type = F_BOOL, .dflt = -1,
	    .off = offsetof(struct settings_change, show_last_seen) },
	{ .name = "news", .type = F_BOOL, .dflt = -1,
	    .off = offsetof(struct settings_change, news) },
};
static const struct field_table change_table =
    FIELD_TABLE(change_fields, struct settings_change);

static enum rc
respond_settings(struct req *req, bool tagged)
{
	struct settings s;
	uint64_t zone;
	enum rc rc;

	rc = settings_get(req->db, &req->arena, req->actor.user, &s);
	if (rc != RC_OK)
		return rc;
	if (tagged) {
		zone = s.time_zone == NULL ? 0 : hash_fast(HASH_FAST_SEED,
		    s.time_zone, strlen(s.time_zone));
		rc = req_etag(req, 5, req->actor.user, s.version,
		    (int64_t)zone, (int64_t)s.show_last_seen, (int64_t)s.news);
	}
	if (rc != RC_OK)
		return rc;
	account_json_settings(&req->j, NULL, &s);
	return RC_OK;
}

static enum rc
get_settings(struct req *req)
{
	return respond_settings(req, true);
}

static enum rc
put_settings(struct req *req)
{
	enum rc rc;

	rc = settings_put(req->db, &req->arena, req->actor.user, req->body,
	    req->now, &req->err);
	return rc == RC_OK ? respond_settings(req, false) : rc;
}

static enum rc
security_etag(struct req *req, const struct security_page *page,
    const struct auth_session_page *devices)
{
	uint64_t h = HASH_FAST_SEED;
	size_t i;

	for (i = 0; i < page->n; i++)
		h = hash_fast(h, &page->v[i].id, sizeof(page->v[i].id));
	for (i = 0; i < devices->n; i++) {
		h = hash_fast(h, &devices->v[i].id, sizeof(devices->v[i].id));
		h = hash_fast(h, &devices->v[i].used_at,
		    sizeof(devices->v[i].used_at));
	}
	return req_etag(req, 5, req->actor.user, req->actor.session,
	    page->total, (int64_t)page->more, (int64_t)h);
}

static void
render_events(struct json_write *j, const struct security_page *page)
{
	size_t i;

	json_write_arr(j, "events");
	for (i = 0; i < page->n; i++)
		account_json_security(j, &page->v[i]);
	json_write_arr_end(j);
}

static void
render_devices(struct req *req, const struct auth_session_page *devices)
{
	struct json_write *j = &req->j;
	size_t i;

	json_write_arr(j, "devices");
	for (i = 0; i < devices->n; i++) {
		json_write_obj(j, NULL);
		json_write_int(j, "id", devices->v[i].id);
		json_write_str(j, "user_agent", devices->v[i].user_agent);
		json_write_time(j, "created_at", devices->v[i].created_at);
		json_write_time(j, "last_used_at", devices->v[i].used_at);
		json_write_bool(j, "is_current",
		    devices->v[i].id == req->actor.session);
		json_write_obj_end(j);
	}
	json_write_arr_end(j);
}

static enum rc
get_security(struct req *req)
{
	const struct paged *in = req->query;
	struct auth_session_page devices = { .limit = DEVICES_SHOWN,
	    .before = INT64_MAX };
	struct security_page page = { .limit = in->pages.per_page };
	struct cursor c = { 0 };
	const char *next = NULL;
	struct json_write *j = &req->j;
	enum rc rc;

	rc = paging_cursor_read(req, PAGING_SECURITY, in->pages.cursor, &c);
	if (rc != RC_OK)
		return rc;
	page.before = c.given ? c.id : INT64_MAX;
	page.offset = paging_offset(&in->pages, &c);
	rc = security_log_list(req->db, &req->arena, req->actor.user, &page);
	if (rc == RC_OK)
		rc = auth_session_list(req->db, &req->arena, req->conf,
		    req->actor.user, req->now, &devices);
	if (rc == RC_OK)
		rc = security_etag(req, &page, &devices);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	render_events(j, &page);
	render_devices(req, &devices);
	if (page.more) {
		c = (struct cursor){ .id = page.v[page.n - 1].id };
		next = paging_cursor_write(req, PAGING_SECURITY, &c);
	}
	paging_render(req, &in->pages, page.total, page.more, next);
	json_write_obj_end(j);
	return RC_OK;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/user/settings", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_READ, .handler = get_settings },
	{ .method = "PUT", .path = "/user/settings", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_WRITE, .body = &change_table,
	    .handler = put_settings },
	{ .method = "GET", .path = "/user/security", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_READ, .query = &paged_table,
	    .handler = get_security },
};

const struct route_table settings_routes = ROUTE_TABLE(routes);
