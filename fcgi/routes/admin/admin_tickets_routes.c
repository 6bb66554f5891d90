/*
 * admin_tickets_routes: support tickets and feedback of all users.
 */
#include "base/str.h"
#include "domain/support/feedback.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/support/ticket_json.h"
#include "json/json_read_only.h"

struct list_in {
	struct pages pages;
	const char *q, *assignee;
	int status, category;
	int64_t user;
};
static const struct field list_fields[] = {
	PAGING_FIELDS(struct list_in, pages),
	{ .name = "q", .type = F_STR, .flags = FIELD_TRIM,
	    .off = offsetof(struct list_in, q), .max = 200 },
	{ .name = "status", .type = F_ENUM, .words = ticket_status_names,
	    .off = offsetof(struct list_in, status), .dflt = -1 },
	{ .name = "category", .type = F_ENUM, .words = ticket_category_names,
	    .off = offsetof(struct list_in, category), .dflt = -1 },
	{ .name = "assignee", .alias = "assignee_id", .type = F_ID,
	    .off = offsetof(struct list_in, assignee) },
	{ .name = "user_id", .type = F_INT,
	    .off = offsetof(struct list_in, user), .min = 1,
	    .max = FIELD_INT_MAX },
};
static const struct field_table list_table =
    FIELD_TABLE(list_fields, struct list_in);

/* Parses "me", "none" or an id. *id is INT64_MIN if text is NULL. */
static enum rc
read_assignee(struct req *req, const char *text, int64_t *id)
{
	*id = INT64_MIN;
	if (text == NULL)
		return RC_OK;
	if (str_eq(text, "me"))
		*id = req->actor.user;
	else if (str_eq(text, "none"))
		*id = 0;
	else if (!str_int(text, id) || *id < 1 || *id > FIELD_INT_MAX)
		return err_field(&req->err, "assignee",
		    "must be an id, me or none");
	return RC_OK;
}

static enum rc
list_admin_tickets(struct req *req)
{
	const struct list_in *in = req->query;
	struct ticket_query query = { .user = in->user,
		.status = in->status + 1, .category = in->category + 1,
		.q = in->q != NULL && *in->q != '\0' ? in->q : NULL };
	enum rc rc = read_assignee(req, in->assignee, &query.assignee);

	return rc != RC_OK ? rc : ticket_json_render_list(req,
	    PAGING_ADMIN_TICKETS, &in->pages, query.status * 8 + query.category,
	    &query, true);
}

static enum rc
get_admin_ticket(struct req *req)
{
	struct ticket t;
	int64_t id;
	enum rc rc = ticket_json_path_id(req, &id);

	if (rc == RC_OK)
		rc = ticket_get(req->db, &req->arena, id, 0, &t, &req->err);
	return rc == RC_OK ? ticket_json_detail(req, PAGING_ADMIN_REPLIES, &t,
	    true) : rc;
}

struct reply_in {
	const char *body;
	int internal, status;
};
static const struct field reply_fields[] = {
	{ .name = "body", .type = F_STR,
	    .flags = FIELD_REQUIRED | FIELD_TRIM | FIELD_CTL,
	    .off = offsetof(struct reply_in, body), .min = 1,
	    .max = TICKET_BODY },
	{ .name = "internal", .type = F_BOOL,
	    .off = offsetof(struct reply_in, internal) },
	{ .name = "status", .type = F_ENUM, .words = ticket_status_names,
	    .off = offsetof(struct reply_in, status), .dflt = -1 },
};
static const struct field_table reply_table =
    FIELD_TABLE(reply_fields, struct reply_in);

static enum rc
reply(struct req *req)
{
	const struct reply_in *in = req->body;
	struct ticket_reply r = { .body = in->body,
		.kind = in->internal == 1 ? REPLY_NOTE : REPLY_STAFF };
	struct audit_by who = req_by(req);
	struct ticket t;
	int64_t id;
	enum rc rc = ticket_json_path_id(req, &id);

	if (rc == RC_OK)
		rc = ticket_answer(req->db, &req->arena, id,
		    (enum ticket_status)(in->status + 1), &who, &r, &t,
		    &req->err);
	return rc == RC_OK ? ticket_json_reply_added(req, &t, &r, true) : rc;
}

struct change_in {
	int status, category;
	int64_t assignee;
};
static const struct field change_fields[] = {
	{ .name = "status", .type = F_ENUM, .words = ticket_status_names,
	    .off = offsetof(struct change_in, status), .dflt = -1 },
	{ .name = "category", .type = F_ENUM, .words = ticket_category_names,
	    .off = offsetof(struct change_in, category), .dflt = -1 },
	{ .name = "assignee", .alias = "assignee_id", .type = F_INT,
	    .flags = FIELD_CLEAR, .off = offsetof(struct change_in, assignee),
	    .min = 1, .max = FIELD_INT_MAX, .dflt = FIELD_NONE },
};
static const struct field_table change_table =
    FIELD_TABLE(change_fields, struct change_in);

static enum rc
change_admin_ticket(struct req *req)
{
	const struct change_in *in = req->body;
	const struct ticket_edit edit = { .status = in->status + 1,
		.category = in->category + 1, .assignee = in->assignee };
	struct audit_by who = req_by(req);
	struct ticket t;
	int64_t id;
	enum rc rc = ticket_json_path_id(req, &id);

	if (rc == RC_OK)
		rc = ticket_change(req->db, &req->arena, id, &edit, &who, &t,
		    &req->err);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	ticket_json_members(&req->j, &t, true);
	json_write_obj_end(&req->j);
	return RC_OK;
}

struct feedback_in {
	struct pages pages;
	int kind;
	int64_t rating;
};
static const struct field feedback_fields[] = {
	PAGING_FIELDS(struct feedback_in, pages),
	{ .name = "kind", .type = F_ENUM, .words = feedback_kind_names,
	    .off = offsetof(struct feedback_in, kind), .dflt = -1 },
	{ .name = "rating", .type = F_INT,
	    .off = offsetof(struct feedback_in, rating), .min = 0, .max = 5,
	    .dflt = -1 },
};
static const struct field_table feedback_table =
    FIELD_TABLE(feedback_fields, struct feedback_in);

static void
render_feedback(struct json_write *j, const struct feedback *f)
{
	json_write_obj(j, NULL);
	json_write_int(j, "id", f->id);
	json_write_int(j, "user_id", f->user);
	json_write_str(j, "username", f->username);
	json_write_str(j, "kind", feedback_kind_names[f->kind - 1]);
	json_write_opt(j, "rating", f->rating == 0 ? INT64_MIN : f->rating);
	json_write_str(j, "body", f->body);
	json_write_str(j, "app_version", f->app);
	json_write_time(j, "created_at", f->created_at);
	json_write_obj_end(j);
}

static enum rc
feedback(struct req *req)
{
	const struct feedback_in *in = req->query;
	struct feedback_query query = { .kind = in->kind + 1,
		.rating = in->rating, .limit = in->pages.per_page };
	struct paging_list list = { .tag = PAGING_FEEDBACK,
	    .pages = &in->pages,
	    .cursor.order = query.kind * 8 + in->rating + 1 };
	struct feedback_page page;
	struct json_write *j = &req->j;
	enum rc rc;

	rc = paging_list_begin(req, &list);
	if (rc != RC_OK)
		return rc;
	query.before = list.before;
	query.offset = list.offset;
	rc = feedback_list(req->db, &req->arena, &query, &page);
	if (rc != RC_OK)
		return rc;
	paging_list_open(req, "feedback");
	for (size_t i = 0; i < page.n; i++) {
		render_feedback(j, &page.v[i]);
		list.cursor.id = page.v[i].id;
	}
	return paging_list_end(req, &list, page.total, page.more);
}

static const struct json_read_only ticket_read_only[] = {
	{ "id", JSON_READ_ONLY_FIXED },
	{ "user_id", JSON_READ_ONLY_FIXED },
	{ "username", JSON_READ_ONLY_FIXED },
	{ "session_id", JSON_READ_ONLY_FIXED },
	{ "subject", JSON_READ_ONLY_FIXED },
	{ "created_at", JSON_READ_ONLY_FIXED },
	{ "assignee_id", "cannot be changed, send assignee" },
	{ NULL, NULL }
};

static const struct route routes[] = {
	{ .method = "GET", .path = "/admin/tickets", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN, .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .query = &list_table, .handler = list_admin_tickets },
	{ .method = "GET", .path = "/admin/tickets/{id}", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN, .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .query = &paged_table, .handler = get_admin_ticket },
	{ .method = "PUT", .path = "/admin/tickets/{id}", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN, .tx = TX_WRITE, .body = &change_table,
	    .handler = change_admin_ticket, .read_only = ticket_read_only },
	{ .method = "POST", .path = "/admin/tickets/{id}/replies",
	    .prefix = PREFIX_APP, .role = ROLE_ADMIN, .tx = TX_WRITE,
	    .flags = ROUTE_IDEMPOTENT, .body = &reply_table, .handler = reply },
	{ .method = "GET", .path = "/admin/feedback", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN, .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .query = &feedback_table, .handler = feedback },
};

const struct route_table admin_tickets_routes = ROUTE_TABLE(routes);
