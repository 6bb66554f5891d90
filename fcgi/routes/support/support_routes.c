/*
 * support_routes: support tickets and feedback of the caller.
 */
#include "domain/support/feedback.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/support/ticket_json.h"

struct open_in {
	const char *subject, *body;
	int category;
	int64_t session;
};
static const struct field open_fields[] = {
	{ .name = "subject", .type = F_STR,
	    .flags = FIELD_REQUIRED | FIELD_TRIM,
	    .off = offsetof(struct open_in, subject), .min = 1,
	    .max = TICKET_SUBJECT },
	{ .name = "body", .type = F_STR,
	    .flags = FIELD_REQUIRED | FIELD_TRIM | FIELD_CTL,
	    .off = offsetof(struct open_in, body), .min = 1,
	    .max = TICKET_BODY },
	{ .name = "category", .type = F_ENUM, .words = ticket_category_names,
	    .off = offsetof(struct open_in, category), .dflt = -1 },
	{ .name = "session_id", .type = F_INT,
	    .off = offsetof(struct open_in, session), .min = 1,
	    .max = FIELD_INT_MAX, .dflt = FIELD_NONE },
};
static const struct field_table open_table =
    FIELD_TABLE(open_fields, struct open_in);

/* Returns the last category, "other", which is the default. */
static int
category_other(void)
{
	int n = 0;

	while (ticket_category_names[n] != NULL)
		n++;
	return n;
}

static enum rc
open_ticket(struct req *req)
{
	const struct open_in *in = req->body;
	struct ticket t = { .subject = in->subject, .body = in->body,
		.category = in->category < 0 ? category_other() :
		    in->category + 1, .session = in->session };
	enum rc rc;

	rc = ticket_open(req->db, &req->arena, req->conf, req->actor.user,
	    req->now, &t, &req->err);
	if (rc != RC_OK)
		return rc;
	req->location = arena_fmt(&req->arena,
	    "%s/api/v1/support/tickets/%lld", req->conf->base_url,
	    (long long)t.id);
	json_write_obj(&req->j, NULL);
	ticket_json_members(&req->j, &t, false);
	json_write_str(&req->j, "body", t.body);
	json_write_obj_end(&req->j);
	return RC_CREATED;
}

struct list_in {
	struct pages pages;
	int status;
};
static const struct field list_fields[] = {
	PAGING_FIELDS(struct list_in, pages),
	{ .name = "status", .type = F_ENUM, .words = ticket_status_names,
	    .off = offsetof(struct list_in, status), .dflt = -1 },
};
static const struct field_table list_table =
    FIELD_TABLE(list_fields, struct list_in);

static enum rc
list_tickets(struct req *req)
{
	const struct list_in *in = req->query;
	struct ticket_query query = { .user = req->actor.user,
	    .status = in->status + 1, .assignee = INT64_MIN };

	return ticket_json_render_list(req, PAGING_TICKETS, &in->pages,
	    in->status + 1, &query, false);
}

static enum rc
get_ticket(struct req *req)
{
	struct ticket t;
	int64_t id;
	enum rc rc = ticket_json_path_id(req, &id);

	if (rc == RC_OK)
		rc = ticket_get(req->db, &req->arena, id, req->actor.user, &t,
		    &req->err);
	return rc == RC_OK ? ticket_json_detail(req, PAGING_REPLIES, &t,
	    false) : rc;
}

struct reply_in {
	const char *body;
};
static const struct field reply_fields[] = {
	{ .name = "body", .type = F_STR,
	    .flags = FIELD_REQUIRED | FIELD_TRIM | FIELD_CTL,
	    .off = offsetof(struct reply_in, body), .min = 1,
	    .max = TICKET_BODY },
};
static const struct field_table reply_table =
    FIELD_TABLE(reply_fields, struct reply_in);

static enum rc
reply(struct req *req)
{
	const struct reply_in *in = req->body;
	struct ticket_reply r = { .body = in->body };
	struct ticket t;
	int64_t id;
	enum rc rc = ticket_json_path_id(req, &id);

	if (rc == RC_OK)
		rc = ticket_say(req->db, &req->arena, req->conf, id,
		    req->actor.user, req->now, &r, &t, &req->err);
	return rc == RC_OK ? ticket_json_reply_added(req, &t, &r, false) : rc;
}

struct feedback_in {
	const char *body, *app;
	int kind;
	int64_t rating;
};
static const struct field feedback_fields[] = {
	{ .name = "body", .alias = "message", .type = F_STR,
	    .flags = FIELD_REQUIRED | FIELD_TRIM | FIELD_CTL,
	    .off = offsetof(struct feedback_in, body), .min = 1,
	    .max = FEEDBACK_BODY },
	{ .name = "kind", .type = F_ENUM, .words = feedback_kind_names,
	    .off = offsetof(struct feedback_in, kind), .dflt = -1 },
	{ .name = "rating", .type = F_INT,
	    .off = offsetof(struct feedback_in, rating), .min = 1, .max = 5,
	    .dflt = 0 },
	{ .name = "app_version", .type = F_STR,
	    .flags = FIELD_TRIM, .off = offsetof(struct feedback_in, app),
	    .min = 1, .max = FEEDBACK_APP },
};
static const struct field_table feedback_table =
    FIELD_TABLE(feedback_fields, struct feedback_in);

static enum rc
feedback(struct req *req)
{
	const struct feedback_in *in = req->body;
	struct feedback f = { .user = req->actor.user, .body = in->body,
		.app = in->app, .rating = in->rating,
		.kind = in->kind < 0 ? 4 : in->kind + 1 };
	enum rc rc;

	rc = feedback_add(req->db, req->conf, &f, req->now, &req->err);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_int(&req->j, "feedback_id", f.id);
	json_write_time(&req->j, "created_at", f.created_at);
	json_write_obj_end(&req->j);
	return RC_CREATED;
}

static const struct route routes[] = {
	{ .method = "POST", .path = "/support/ticket", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_WRITE, .flags = ROUTE_IDEMPOTENT,
	    .body = &open_table, .handler = open_ticket },
	{ .method = "GET", .path = "/support/tickets", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_READ, .query = &list_table,
	    .handler = list_tickets },
	{ .method = "GET", .path = "/support/tickets/{id}",
	    .prefix = PREFIX_APP, .role = ROLE_ANY, .tx = TX_READ,
	    .query = &paged_table, .handler = get_ticket },
	{ .method = "POST", .path = "/support/tickets/{id}/replies",
	    .prefix = PREFIX_APP, .role = ROLE_ANY, .tx = TX_WRITE,
	    .flags = ROUTE_IDEMPOTENT, .body = &reply_table, .handler = reply },
	{ .method = "POST", .path = "/support/feedback", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_WRITE, .flags = ROUTE_IDEMPOTENT,
	    .body = &feedback_table, .handler = feedback },
};

const struct route_table support_routes = ROUTE_TABLE(routes);
