/*
 * admin_accounts_routes: manages accounts and listeners.
 */
#include "domain/accounts/account_admin.h"
#include "domain/accounts/account_ban.h"
#include "domain/accounts/profile.h"
#include "domain/calls/call.h"
#include "domain/common/actor.h"
#include "domain/common/role.h"
#include "domain/listeners/listener_approval.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/accounts/account_json.h"
#include "fcgi/routes/listeners/availability_json.h"
#include "fcgi/routes/listeners/listener_json.h"

#define REASON_MAX 500

static void
user_members(struct json_write *j, const struct admin_user *u)
{
	json_write_int(j, "user_id", u->id);
	json_write_uuid(j, "uuid", &u->uuid);
	json_write_str(j, "username", u->username);
	json_write_str(j, "email", u->email);
	json_write_bool(j, "email_verified", u->email != NULL && u->email_ok);
	json_write_str(j, "phone", u->phone);
	json_write_bool(j, "phone_verified", u->phone != NULL && u->phone_ok);
	json_write_str(j, "country", u->country);
	account_json_roles(j, u->roles);
	json_write_str(j, "status", user_status_names[u->status]);
	json_write_time(j, "banned_until", u->banned_until);
	json_write_str(j, "ban_reason", u->ban_reason);
	json_write_time(j, "created_at", u->created_at);
}

struct users_query {
	struct pages pages;
	const char *q;
	int role, status;
};

static const struct field users_fields[] = {
	PAGING_FIELDS(struct users_query, pages),
	{ .name = "q", .type = F_STR, .flags = FIELD_TRIM,
	    .off = offsetof(struct users_query, q), .min = 1, .max = 200 },
	{ .name = "role", .type = F_ENUM, .words = role_names,
	    .off = offsetof(struct users_query, role), .dflt = -1 },
	{ .name = "status", .type = F_ENUM, .words = user_status_names,
	    .off = offsetof(struct users_query, status), .dflt = -1 },
};
static const struct field_table users_table =
    FIELD_TABLE(users_fields, struct users_query);

static enum rc
list_users(struct req *req)
{
	const struct users_query *in = req->query;
	struct cursor c = { .order = account_admin_by_name(in->q) };
	struct admin_users_query query = { .q = in->q, .status = in->status,
	    .role = in->role < 0 ? 0 : 1u << in->role,
	    .limit = in->pages.per_page };
	struct admin_users list;
	enum rc rc;

	rc = paging_cursor_read(req, PAGING_ADMIN_USERS, in->pages.cursor, &c);
	if (rc != RC_OK)
		return rc;
	query.before = c.given ? c.id : INT64_MAX;
	query.after = c.given ? c.text : NULL;
	query.offset = paging_offset(&in->pages, &c);
	rc = account_admin_list(req->db, &req->arena, &query, &list);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_arr(&req->j, "users");
	for (size_t i = 0; i < list.n; i++) {
		json_write_obj(&req->j, NULL);
		user_members(&req->j, &list.users[i]);
		json_write_obj_end(&req->j);
		c.id = list.users[i].id;
	}
	json_write_arr_end(&req->j);
	c.text = list.last;
	paging_render(req, &in->pages, list.total, list.more,
	    list.more ? paging_cursor_write(req, PAGING_ADMIN_USERS, &c) :
	    NULL);
	json_write_obj_end(&req->j);
	return RC_OK;
}

/*
 * Writes the listener profile and the availability of the user, as their owner
 * sees them, or null.
 */
static enum rc
user_listener(struct req *req, int64_t user)
{
	struct listener_availability *a;
	struct listener_item *items;
	size_t n;
	enum rc rc;

	rc = listener_items(req->db, &req->arena, &user, 1, 0, req->now,
	    &items, &n);
	if (rc != RC_OK)
		return rc;
	if (n == 0) {
		json_write_null(&req->j, "listener");
		json_write_null(&req->j, "availability");
		return RC_OK;
	}
	json_write_obj(&req->j, "listener");
	listener_json_members(&req->j, req->conf, items, LISTENER_JSON_OWN);
	json_write_obj_end(&req->j);
	a = arena_alloc(&req->arena, sizeof(*a));
	rc = listener_availability_get(req->db, &req->arena, user, req->now, a,
	    &req->err);
	if (rc == RC_OK)
		availability_json_render(&req->j, "availability", a);
	return rc;
}

static enum rc
get_user(struct req *req)
{
	struct json_write *j = &req->j;
	struct admin_user u;
	int64_t id;
	enum rc rc;

	rc = req_path_id(req, &id, "User not found");
	if (rc == RC_OK)
		rc = account_admin_get(req->db, &req->arena, id, &u, &req->err);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	user_members(j, &u);
	json_write_str(j, "sex", u.sex);
	json_write_str(j, "bio", u.bio);
	json_write_strv(j, "interests", &u.interests);
	listener_json_image(j, req->conf, u.image);
	json_write_str(j, "preferred_language", u.preferred_language);
	json_write_str(j, "referral_code", u.referral_code);
	json_write_time(j, "last_seen", u.last_seen);
	json_write_int(j, "favorites_count", u.favorites);
	json_write_int(j, "sessions_count", u.sessions);
	rc = user_listener(req, id);
	json_write_obj_end(j);
	return rc;
}

/* Responds with the account after the change. */
static enum rc
respond_user(struct req *req, int64_t id)
{
	struct admin_user u;
	enum rc rc;

	rc = account_admin_get(req->db, &req->arena, id, &u, &req->err);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	user_members(&req->j, &u);
	json_write_obj_end(&req->j);
	return RC_OK;
}

struct ban {
	int64_t user_id, until;
	const char *reason;
};

#define BAN_USER \
	{ .name = "user_id", .type = F_INT, \
	    .flags = FIELD_REQUIRED, .off = offsetof(struct ban, user_id), \
	    .min = 1, .max = FIELD_INT_MAX }

static const struct field ban_fields[] = {
	BAN_USER,
	{ .name = "reason", .type = F_STR,
	    .flags = FIELD_REQUIRED | FIELD_TRIM,
	    .off = offsetof(struct ban, reason), .min = 1, .max = REASON_MAX },
	{ .name = "until", .type = F_TIME, .off = offsetof(struct ban, until),
	    .dflt = FIELD_NONE },
};
static const struct field_table ban_table = FIELD_TABLE(ban_fields, struct ban);
static const struct field unban_fields[] = { BAN_USER };
static const struct field_table unban_table =
    FIELD_TABLE(unban_fields, struct ban);

static enum rc
ban(struct req *req)
{
	const struct ban *in = req->body;
	struct audit_by who = req_by(req);
	enum rc rc;

	rc = account_ban_add(req->db, &req->arena, in->user_id, in->reason,
	    in->until, &who, &req->err);
	return rc == RC_OK ? respond_user(req, in->user_id) : rc;
}

static enum rc
unban(struct req *req)
{
	const struct ban *in = req->body;
	struct audit_by who = req_by(req);
	enum rc rc;

	rc = account_ban_lift(req->db, &req->arena, in->user_id, &who,
	    &req->err);
	return rc == RC_OK ? respond_user(req, in->user_id) : rc;
}

struct listeners_query {
	struct pages pages;
	int verification;
};

static const struct field listeners_fields[] = {
	PAGING_FIELDS(struct listeners_query, pages),
	{ .name = "verification", .type = F_ENUM, .words = verification_names,
	    .off = offsetof(struct listeners_query, verification),
	    .dflt = -1 },
};
static const struct field_table listeners_table =
    FIELD_TABLE(listeners_fields, struct listeners_query);

static void
render_listener(struct req *req, const struct listener_item *item)
{
	json_write_obj(&req->j, NULL);
	listener_json_members(&req->j, req->conf, item, LISTENER_JSON_OWN);
	json_write_str(&req->j, "status", user_status_names[item->status]);
	json_write_obj_end(&req->j);
}

static enum rc
list_listeners(struct req *req)
{
	const struct listeners_query *in = req->query;
	struct cursor c = { .order = in->verification + 1 };
	struct listener_approval_query query = {
	    .verification = in->verification,
	    .limit = in->pages.per_page,
	    .offset = (in->pages.page - 1) * in->pages.per_page };
	struct listener_approval_page page;
	enum rc rc;

	rc = paging_cursor_read(req, PAGING_ADMIN_LISTENERS, in->pages.cursor,
	    &c);
	if (rc != RC_OK)
		return rc;
	query.after = c.given;
	query.key = c.key;
	query.id = c.id;
	rc = listener_approval_list(req->db, &req->arena, &query, req->now,
	    &page);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_arr(&req->j, "listeners");
	for (size_t i = 0; i < page.n; i++)
		render_listener(req, &page.items[i]);
	json_write_arr_end(&req->j);
	c.key = page.key;
	c.id = page.id;
	paging_render(req, &in->pages, page.total, page.more,
	    page.more ? paging_cursor_write(req, PAGING_ADMIN_LISTENERS, &c) :
	    NULL);
	json_write_obj_end(&req->j);
	return RC_OK;
}

static enum rc
respond_listener(struct req *req, int64_t id)
{
	struct listener_item item;
	enum rc rc;

	rc = listener_own(req->db, &req->arena, id, req->now, &item,
	    &req->err);
	if (rc == RC_OK)
		render_listener(req, &item);
	return rc;
}

static enum rc
verify(struct req *req)
{
	struct audit_by who = req_by(req);
	int64_t id;
	enum rc rc;

	rc = req_path_id(req, &id, "Listener not found");
	if (rc == RC_OK)
		rc = listener_approval_verify(req->db, &req->arena, id, &who,
		    &req->err);
	return rc == RC_OK ? respond_listener(req, id) : rc;
}

struct given_reason {
	const char *reason;
};

static const struct field reason_fields[] = {
	{ .name = "reason", .type = F_STR, .flags = FIELD_TRIM,
	    .off = offsetof(struct given_reason, reason), .min = 1,
	    .max = REASON_MAX },
};
static const struct field_table reason_table =
    FIELD_TABLE(reason_fields, struct given_reason);

static enum rc
reject(struct req *req)
{
	const struct given_reason *in = req->body;
	struct audit_by who = req_by(req);
	int64_t id;
	enum rc rc;

	rc = req_path_id(req, &id, "Listener not found");
	if (rc == RC_OK)
		rc = listener_approval_reject(req->db, &req->arena, id,
		    in->reason, &who, &req->err);
	if (rc == RC_OK)
		rc = call_end_listener(req->db, id, req->now, &req->err);
	return rc == RC_OK ? respond_listener(req, id) : rc;
}

/* Removes the profile picture of a user. */
static enum rc
remove_image(struct req *req)
{
	const struct given_reason *in = req->body;
	struct audit_by who = req_by(req);
	int64_t id;
	enum rc rc;

	rc = req_path_id(req, &id, "User not found");
	if (rc == RC_OK)
		rc = profile_moderate_image(req->db, &req->arena, id,
		    in->reason, &who, &req->err);
	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/admin/users", .prefix = PREFIX_APP,
	    .role = ROLE_STAFF, .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .query = &users_table, .handler = list_users },
	{ .method = "GET", .path = "/admin/users/{id}", .prefix = PREFIX_APP,
	    .role = ROLE_STAFF, .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .handler = get_user },
	{ .method = "DELETE", .path = "/admin/users/{id}/image",
	    .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN | ROLE_MODERATOR,
	    .tx = TX_WRITE,
	    .flags = ROUTE_BODY_OPT, .body = &reason_table,
	    .handler = remove_image },
	{ .method = "POST", .path = "/admin/ban-user", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN | ROLE_MODERATOR,
	    .tx = TX_WRITE, .body = &ban_table,
	    .handler = ban },
	{ .method = "POST", .path = "/admin/unban-user", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN | ROLE_MODERATOR,
	    .tx = TX_WRITE, .body = &unban_table,
	    .handler = unban },
	{ .method = "GET", .path = "/admin/listeners", .prefix = PREFIX_APP,
	    .role = ROLE_STAFF, .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .query = &listeners_table, .handler = list_listeners },
	{ .method = "POST", .path = "/admin/listeners/{id}/verify",
	    .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN | ROLE_MODERATOR,
	    .tx = TX_WRITE,
	    .handler = verify },
	{ .method = "POST", .path = "/admin/listeners/{id}/reject",
	    .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN | ROLE_MODERATOR,
	    .tx = TX_WRITE,
	    .flags = ROUTE_BODY_OPT, .body = &reason_table, .handler = reject },
};

const struct route_table admin_accounts_routes = ROUTE_TABLE(routes);
