/*
 * admin_approvals_routes: lists, approves and rejects adjustments and refunds of
 * other administrators.
 */
#include "domain/calls/approval.h"
#include "domain/money/ledger.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"

struct list_in {
	struct pages pages;
	int state;
};
static const struct field list_fields[] = {
	PAGING_FIELDS(struct list_in, pages),
	{ .name = "state", .type = F_ENUM, .words = approval_state_names,
	    .off = offsetof(struct list_in, state), .dflt = -1 },
};
static const struct field_table list_table =
    FIELD_TABLE(list_fields, struct list_in);

static void
render_approval(struct json_write *j, const struct approval *p)
{
	const struct approval_request *r = &p->request;
	static const char *const targets[] = {
		[APPROVAL_ADJUST] = "user_id",
		[APPROVAL_SESSION_REFUND] = "session_id",
		[APPROVAL_PAYMENT_REFUND] = "payment_id",
	};

	json_write_obj(j, NULL);
	json_write_int(j, "approval_id", p->id);
	json_write_str(j, "kind", approval_kind_names[r->kind - 1]);
	json_write_str(j, "state", approval_state_names[p->state]);
	json_write_int(j, targets[r->kind], r->target);
	if (r->kind == APPROVAL_ADJUST)
		json_write_str(j, "account", ledger_kind_names[r->account]);
	json_write_int(j, "amount", r->amount);
	if (r->kind == APPROVAL_SESSION_REFUND)
		json_write_int(j, "earnings", r->earnings);
	if (r->kind == APPROVAL_PAYMENT_REFUND)
		json_write_bool(j, "even_if_spent", r->even_if_spent);
	json_write_str(j, "reason", r->reason);
	json_write_int(j, "requested_by", p->requested_by);
	json_write_time(j, "requested_at", p->requested_at);
	json_write_opt(j, "decided_by", p->decided_by);
	json_write_time(j, "decided_at", p->decided_at);
	json_write_str(j, "note", p->note);
	json_write_obj_end(j);
}

static enum rc
list_approvals(struct req *req)
{
	const struct list_in *in = req->query;
	struct approval_query query = { .state = in->state,
	    .limit = in->pages.per_page };
	struct paging_list list = { .tag = PAGING_ADMIN_APPROVALS,
	    .pages = &in->pages, .cursor.order = in->state + 1 };
	struct approval_page page;
	struct json_write *j = &req->j;
	enum rc rc;

	rc = paging_list_begin(req, &list);
	if (rc != RC_OK)
		return rc;
	query.before = list.before;
	query.offset = list.offset;
	rc = approval_list(req->db, &req->arena, &query, &page);
	if (rc != RC_OK)
		return rc;
	paging_list_open(req, "approvals");
	for (size_t i = 0; i < page.n; i++) {
		render_approval(j, &page.approvals[i]);
		list.cursor.id = page.approvals[i].id;
	}
	return paging_list_end(req, &list, page.total, page.more);
}

struct decision {
	const char *note;
};
static const struct field decision_fields[] = {
	{ .name = "note", .type = F_STR, .flags = FIELD_TRIM,
	    .off = offsetof(struct decision, note), .max = 500 },
};
static const struct field_table decision_table =
    FIELD_TABLE(decision_fields, struct decision);

typedef enum rc decide_fn(struct db *, struct arena *, int64_t id,
    const char *note, const struct audit_by *, struct approval *,
    struct err *);

static enum rc
decide(struct req *req, decide_fn *f)
{
	const struct decision *in = req->body;
	const struct audit_by by = req_by(req);
	struct approval p;
	int64_t id;
	enum rc rc = req_path_id(req, &id, "Approval not found");

	if (rc == RC_OK)
		rc = f(req->db, &req->arena, id, in->note, &by, &p, &req->err);
	if (rc == RC_OK)
		render_approval(&req->j, &p);
	return rc;
}

static enum rc
approve(struct req *req)
{
	return decide(req, approval_approve);
}

static enum rc
reject(struct req *req)
{
	return decide(req, approval_reject);
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/admin/approvals", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN, .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .query = &list_table, .handler = list_approvals },
	{ .method = "POST", .path = "/admin/approvals/{id}/approve",
	    .prefix = PREFIX_APP, .role = ROLE_ADMIN, .tx = TX_WRITE,
	    .flags = ROUTE_BODY_OPT, .body = &decision_table,
	    .handler = approve },
	{ .method = "POST", .path = "/admin/approvals/{id}/reject",
	    .prefix = PREFIX_APP, .role = ROLE_ADMIN, .tx = TX_WRITE,
	    .flags = ROUTE_BODY_OPT, .body = &decision_table,
	    .handler = reject },
};

const struct route_table admin_approvals_routes = ROUTE_TABLE(routes);
