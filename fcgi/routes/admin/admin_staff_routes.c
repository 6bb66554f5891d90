/*
 * admin_staff_routes: lists staff, changes their roles, signs them out, and
 * invites new members.
 */
#include "domain/accounts/staff.h"
#include "domain/common/actor.h"
#include "domain/common/role.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/accounts/account_json.h"

struct roles_in {
	struct strv roles;
};

static const struct field roles_fields[] = {
	{ .name = "roles", .type = F_STRV, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct roles_in, roles), .min = 0, .max = 4,
	    .max2 = 20 },
};
static const struct field_table roles_table =
    FIELD_TABLE(roles_fields, struct roles_in);

static const struct field invite_fields[] = {
	{ .name = "roles", .type = F_STRV, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct roles_in, roles), .min = 1, .max = 4,
	    .max2 = 20 },
};
static const struct field_table invite_table =
    FIELD_TABLE(invite_fields, struct roles_in);

/* Converts the names of roles of staff to a set. */
static enum rc
read_roles(struct req *req, unsigned *roles)
{
	const struct roles_in *in = req->body;
	unsigned bit;
	size_t i;

	*roles = 0;
	for (i = 0; i < in->roles.n; i++) {
		bit = role_bit(in->roles.v[i]);
		if (!(bit & ROLES_STAFF))
			return err_field(&req->err, "roles", "must be admin, "
			    "finance, support or moderator");
		*roles |= bit;
	}
	return RC_OK;
}

static void
render_staff(struct json_write *j, const struct staff *s)
{
	json_write_obj(j, NULL);
	json_write_int(j, "user_id", s->id);
	json_write_str(j, "username", s->username);
	json_write_str(j, "email", s->email);
	account_json_roles(j, s->roles & ROLES_STAFF);
	json_write_str(j, "status", user_status_names[s->status]);
	json_write_arr(j, "factors");
	if (s->totp)
		json_write_str(j, NULL, "totp");
	json_write_arr_end(j);
	json_write_int(j, "recovery_codes", s->recovery_codes);
	json_write_time(j, "last_sign_in_at", s->last_sign_in);
	json_write_int(j, "sessions", s->sessions);
	json_write_time(j, "created_at", s->created_at);
	json_write_obj_end(j);
}

static void
render_invitation(struct json_write *j, const char *key,
    const struct one_time_link *link, const char *url)
{
	json_write_obj(j, key);
	json_write_int(j, "invitation_id", link->id);
	if (url != NULL)
		json_write_str(j, "url", url);
	account_json_roles(j, link->roles);
	json_write_opt(j, "created_by", link->created_by == 0 ? INT64_MIN :
	    link->created_by);
	json_write_time(j, "created_at", link->created_at);
	json_write_time(j, "expires_at", link->expires_at);
	json_write_obj_end(j);
}

/* Mixes all members that the list shows. */
static enum rc
staff_etag(struct req *req, const struct staff_page *page,
    const struct one_time_link *links, size_t n)
{
	uint64_t h = HASH_FAST_SEED;
	size_t i;

	for (i = 0; i < page->n; i++) {
		const struct staff *s = &page->v[i];
		const int64_t v[] = { s->id, s->roles, s->status, s->totp,
		    s->recovery_codes, s->last_sign_in, s->sessions };

		h = hash_fast(h, v, sizeof(v));
		h = hash_fast(h, s->username, strlen(s->username) + 1);
		if (s->email != NULL)
			h = hash_fast(h, s->email, strlen(s->email) + 1);
	}
	for (i = 0; i < n; i++)
		h = hash_fast(h, &links[i].id, sizeof(links[i].id));
	return req_etag(req, 3, page->total, (int64_t)page->more, (int64_t)h);
}

static enum rc
list_staff(struct req *req)
{
	const struct paged *in = req->query;
	struct staff_page page = { .limit = in->pages.per_page };
	struct paging_list list = { .tag = PAGING_ADMIN_STAFF,
	    .pages = &in->pages };
	struct one_time_link *links;
	struct json_write *j = &req->j;
	size_t n, i;
	enum rc rc = paging_list_begin(req, &list);

	if (rc != RC_OK)
		return rc;
	page.before = list.before;
	page.offset = list.offset;
	rc = staff_list(req->db, &req->arena, &page);
	if (rc == RC_OK)
		rc = staff_invitations(req->db, &req->arena, req->now, &links,
		    &n);
	if (rc == RC_OK)
		rc = staff_etag(req, &page, links, n);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_arr(j, "invitations");
	for (i = 0; i < n; i++)
		render_invitation(j, NULL, &links[i], NULL);
	json_write_arr_end(j);
	json_write_arr(j, "staff");
	for (i = 0; i < page.n; i++) {
		render_staff(j, &page.v[i]);
		list.cursor.id = page.v[i].id;
	}
	return paging_list_end(req, &list, page.total, page.more);
}

static enum rc
set_roles(struct req *req)
{
	const struct audit_by by = req_by(req);
	unsigned roles;
	struct staff s;
	int64_t user;
	enum rc rc = account_json_path_id(req, &user);

	if (rc == RC_OK)
		rc = read_roles(req, &roles);
	if (rc == RC_OK)
		rc = staff_set_roles(req->db, &req->arena, user, roles, &by,
		    &req->err);
	if (rc == RC_OK)
		rc = staff_get(req->db, &req->arena, user, &s, &req->err);
	if (rc == RC_OK)
		render_staff(&req->j, &s);
	return rc;
}

static enum rc
end_sessions(struct req *req)
{
	const struct audit_by by = req_by(req);
	int64_t user;
	enum rc rc = account_json_path_id(req, &user);

	if (rc == RC_OK)
		rc = staff_sign_out(req->db, &req->arena, user, &by,
		    &req->err);
	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

static enum rc
invite(struct req *req)
{
	const struct audit_by by = req_by(req);
	struct one_time_link link;
	unsigned roles;
	const char *url;
	enum rc rc = read_roles(req, &roles);

	if (rc == RC_OK)
		rc = staff_invite(req->db, &req->arena, req->conf, roles, &by,
		    &link, &url, &req->err);
	if (rc != RC_OK)
		return rc;
	render_invitation(&req->j, NULL, &link, url);
	return RC_CREATED;
}

static enum rc
uninvite(struct req *req)
{
	const struct audit_by by = req_by(req);
	int64_t id;
	enum rc rc = req_path_id(req, &id, "Invitation not found");

	if (rc == RC_OK)
		rc = staff_uninvite(req->db, &req->arena, id, &by, &req->err);
	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/admin/staff", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN, .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .query = &paged_table, .handler = list_staff },
	{ .method = "PUT", .path = "/admin/staff/{id}", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN, .tx = TX_WRITE,
	    .flags = ROUTE_NO_STORE | ROUTE_STEP_UP, .body = &roles_table,
	    .handler = set_roles },
	{ .method = "DELETE", .path = "/admin/staff/{id}/sessions",
	    .prefix = PREFIX_APP, .role = ROLE_ADMIN, .tx = TX_WRITE,
	    .flags = ROUTE_NO_STORE | ROUTE_STEP_UP, .handler = end_sessions },
	{ .method = "POST", .path = "/admin/staff/invitations",
	    .prefix = PREFIX_APP, .role = ROLE_ADMIN, .tx = TX_WRITE,
	    .flags = ROUTE_NO_STORE | ROUTE_STEP_UP, .body = &invite_table,
	    .handler = invite },
	{ .method = "DELETE", .path = "/admin/invitations/{id}",
	    .prefix = PREFIX_APP, .role = ROLE_ADMIN, .tx = TX_WRITE,
	    .flags = ROUTE_NO_STORE, .handler = uninvite },
};

const struct route_table admin_staff_routes = ROUTE_TABLE(routes);
