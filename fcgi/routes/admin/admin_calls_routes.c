/*
 * admin_calls_routes: lists and ends the calls of all users.
 */
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/calls/call_json.h"

#define REASON_MAX 500

struct list_in {
	struct pages pages;
	int64_t user_id;
	int state, live;
};
static const struct field list_fields[] = {
	PAGING_FIELDS(struct list_in, pages),
	{ .name = "user_id", .type = F_INT,
	    .off = offsetof(struct list_in, user_id), .min = 1,
	    .max = FIELD_INT_MAX },
	{ .name = "state", .type = F_ENUM, .words = call_state_names,
	    .off = offsetof(struct list_in, state), .dflt = -1 },
	{ .name = "live", .type = F_BOOL,
	    .off = offsetof(struct list_in, live) },
};
static const struct field_table list_table =
    FIELD_TABLE(list_fields, struct list_in);

static void
render_admin_call(struct req *req, const struct call *c)
{
	json_write_obj(&req->j, NULL);
	call_json_members(req, c);
	json_write_obj_end(&req->j);
}

static enum rc
list_admin_calls(struct req *req)
{
	const struct list_in *in = req->query;
	struct call_query query = { .user = in->user_id, .state = in->state,
	    .live = in->live != 0, .limit = in->pages.per_page };
	struct paging_list list = { .tag = PAGING_ADMIN_CALLS,
	    .pages = &in->pages,
	    .cursor.order = (in->state + 1) * 2 + query.live };
	struct call_page page;
	enum rc rc;

	if (query.live && in->state > CALL_ACCEPTED)
		return err_field(&req->err, "live",
		    "is not allowed with a state of ended calls");
	rc = paging_list_begin(req, &list);
	if (rc != RC_OK)
		return rc;
	query.before = list.before;
	query.offset = list.offset;
	rc = call_list(req->db, &req->arena, &query, &page);
	if (rc != RC_OK)
		return rc;
	paging_list_open(req, "calls");
	for (size_t i = 0; i < page.n; i++) {
		render_admin_call(req, &page.calls[i]);
		list.cursor.id = page.calls[i].id;
	}
	return paging_list_end(req, &list, page.total, page.more);
}

struct end_in {
	const char *reason;
};
static const struct field end_fields[] = {
	{ .name = "reason", .type = F_STR,
	    .flags = FIELD_REQUIRED | FIELD_TRIM,
	    .off = offsetof(struct end_in, reason), .min = 1,
	    .max = REASON_MAX },
};
static const struct field_table end_table =
    FIELD_TABLE(end_fields, struct end_in);

static enum rc
end_admin_call(struct req *req)
{
	const struct end_in *in = req->body;
	const struct audit_by by = req_by(req);
	struct call c;
	int64_t id;
	enum rc rc;

	rc = req_path_id(req, &id, "Call not found");
	if (rc != RC_OK)
		return rc;
	rc = call_stop(req->db, &req->arena, id, in->reason, &by, &c,
	    &req->err);
	if (rc == RC_OK)
		render_admin_call(req, &c);
	return rc;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/admin/calls", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN, .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .query = &list_table, .handler = list_admin_calls },
	{ .method = "POST", .path = "/admin/calls/{id}/end",
	    .prefix = PREFIX_APP, .role = ROLE_ADMIN, .tx = TX_WRITE,
	    .flags = ROUTE_NO_STORE, .body = &end_table,
	    .handler = end_admin_call },
};

const struct route_table admin_calls_routes = ROUTE_TABLE(routes);
