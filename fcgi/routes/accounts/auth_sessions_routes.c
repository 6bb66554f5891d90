/*
 * auth_sessions_routes: shows, renews, lists and ends the login sessions of the
 * caller.
 */
#include "base/hash.h"
#include "domain/accounts/account.h"
#include "domain/accounts/auth_session.h"
#include "domain/accounts/security_log.h"
#include "domain/accounts/session_cookie.h"
#include "fcgi/core/cookie.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/accounts/account_json.h"

/* Writes the session of the cookie of the request. */
static enum rc
render_cookie(struct req *req)
{
	char csrf[SESSION_COOKIE_TEXT];
	struct session_cookie found;
	struct json_write *j = &req->j;
	enum rc rc;

	rc = session_cookie_find(req->db, req->conf, req->cookie,
	    req->cookie_kind == COOKIE_STAFF, req->now, &found);
	if (rc == RC_NOT_FOUND || !session_cookie_csrf(req->cookie, csrf))
		return err_set(&req->err, RC_AUTH, NULL, NULL);
	if (rc != RC_OK)
		return rc;
	json_write_str(j, "csrf_token", csrf);
	json_write_time(j, "expires_at", found.expires_at);
	json_write_time(j, "renew_at", found.renew_at);
	return RC_OK;
}

/*
 * Writes the session and the account of the caller; null: none. A page also
 * needs to know by which addresses users can sign in.
 */
static enum rc
render_current(struct req *req)
{
	struct json_write *j = &req->j;
	struct account acc;
	enum rc rc = RC_OK;

	if (req->actor.user != 0)
		rc = account_get(req->db, &req->arena, req->actor.user, &acc);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	if (req->cookie != NULL) {
		rc = render_cookie(req);
		if (rc != RC_OK)
			return rc;
	} else {
		json_write_null(j, "csrf_token");
		json_write_null(j, "expires_at");
		json_write_null(j, "renew_at");
	}
	if (req->actor.user != 0)
		account_json_render(req, "user", &acc);
	else
		json_write_null(j, "user");
	json_write_bool(j, "sends_sms", req->conf->sms_by != SMS_NONE);
	json_write_obj_end(j);
	return RC_OK;
}

/* Makes the cookie of the request valid for its full lifetime again. */
static enum rc
renew(struct req *req)
{
	enum rc rc;

	if (req->cookie == NULL)
		return err_set(&req->err, RC_CONFLICT, "no_cookie",
		    "Only sessions with a cookie are renewed here");
	rc = session_cookie_renew(req->db, req->actor.session, req->now);
	if (rc == RC_OK && req->cookie_kind == COOKIE_USER)
		cookie_set(req, COOKIE_USER, req->cookie,
		    req->conf->refresh_ttl);
	return rc == RC_OK ? render_current(req) : rc;
}

/*
 * Ends a session of the caller. If another request has just ended it, this is a
 * success too.
 */
static enum rc
end_one(struct req *req, int64_t user, int64_t session)
{
	enum rc rc = auth_session_revoke(req->db, user, session, req->now);

	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* Ends the session of the other cookie of this browser, and deletes both. */
static enum rc
end_other_cookie(struct req *req)
{
	enum cookie_kind kind = req->cookie_kind == COOKIE_USER ? COOKIE_STAFF :
	    COOKIE_USER;
	const char *text = cookie_sent(req, kind);
	struct session_cookie other;
	enum rc rc;

	cookie_clear(req);
	if (text == NULL)
		return RC_OK;
	rc = session_cookie_find(req->db, req->conf, text,
	    kind == COOKIE_STAFF, req->now, &other);
	if (rc == RC_NOT_FOUND)
		return RC_OK;
	return rc == RC_OK ? end_one(req, other.who.user, other.who.session) :
	    rc;
}

static enum rc
logout(struct req *req)
{
	enum rc rc = end_one(req, req->actor.user, req->actor.session);

	if (rc == RC_OK && req->cookie != NULL)
		rc = end_other_cookie(req);
	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

struct logout_all_in {
	int keep_current;
};
static const struct field logout_all_fields[] = {
	{ .name = "keep_current", .type = F_BOOL,
	    .off = offsetof(struct logout_all_in, keep_current) },
};
static const struct field_table logout_all_table =
    FIELD_TABLE(logout_all_fields, struct logout_all_in);

static enum rc
logout_all(struct req *req)
{
	const struct logout_all_in *in = req->body;
	enum rc rc;

	rc = in->keep_current ? auth_session_revoke_others(req->db,
	    req->actor.user, req->actor.session, req->now) :
	    auth_session_revoke_all(req->db, req->actor.user, req->now);
	if (rc == RC_OK)
		rc = security_log_add(req->db, req->actor.user,
		    SECURITY_SIGNED_OUT_EVERYWHERE, req->actor.session, NULL,
		    req->now);
	if (rc == RC_OK && req->cookie != NULL && !in->keep_current)
		rc = end_other_cookie(req);
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
	{ .method = "GET", .path = "/auth/session", .prefix = PREFIX_APP,
	    .role = ROLE_MAYBE, .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .handler = render_current },
	{ .method = "GET", .path = "/auth/session/staff", .prefix = PREFIX_APP,
	    .role = ROLE_MAYBE, .tx = TX_READ,
	    .flags = ROUTE_NO_STORE | ROUTE_STAFF_COOKIE,
	    .handler = render_current },
	{ .method = "POST", .path = "/auth/session", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_WRITE, .flags = ROUTE_NO_STORE,
	    .handler = renew },
	{ .method = "POST", .path = "/auth/logout", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_WRITE,
	    .flags = ROUTE_NO_STORE | ROUTE_INACTIVE, .handler = logout },
	{ .method = "POST", .path = "/auth/logout-all", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_WRITE,
	    .flags = ROUTE_NO_STORE | ROUTE_INACTIVE | ROUTE_BODY_OPT,
	    .body = &logout_all_table, .handler = logout_all },
	{ .method = "GET", .path = "/auth/sessions", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_READ, .query = &paged_table,
	    .handler = auth_sessions },
	{ .method = "DELETE", .path = "/auth/sessions/{id}",
	    .prefix = PREFIX_APP, .role = ROLE_ANY, .tx = TX_WRITE,
	    .flags = ROUTE_NO_STORE, .handler = end_session },
};

const struct route_table auth_sessions_routes = ROUTE_TABLE(routes);
