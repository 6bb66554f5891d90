/*
 * admin_payments_routes: lists payments with their events, refunds and unflags
 * them.
 */
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/admin/approval_json.h"
#include "fcgi/routes/money/payment_json.h"

struct list_query {
	struct pages pages;
	int64_t user;
	int status, flagged;
};

static const struct field list_fields[] = {
	PAGING_FIELDS(struct list_query, pages),
	{ .name = "user_id", .type = F_INT,
	    .off = offsetof(struct list_query, user), .min = 1,
	    .max = FIELD_INT_MAX },
	{ .name = "status", .type = F_ENUM, .words = payment_status_names,
	    .off = offsetof(struct list_query, status), .dflt = -1 },
	{ .name = "flagged", .type = F_BOOL,
	    .off = offsetof(struct list_query, flagged) },
};
static const struct field_table list_table =
    FIELD_TABLE(list_fields, struct list_query);

static void
render_members(struct json_write *j, const struct payment *p)
{
	payment_json_members(j, p);
	json_write_int(j, "user_id", p->user);
	json_write_str(j, "username", p->username);
	json_write_str(j, "ref", p->ref);
	json_write_str(j, "paid_ref", p->paid_ref);
	json_write_opt(j, "requested_amount", p->requested);
	json_write_str(j, "flag", p->flag);
	json_write_raw(j, "flags", p->flags == NULL ? "[]" : p->flags);
}

/*
 * Returns a number for the filters of the list. A cursor is valid only with the
 * same filters.
 */
static int64_t
filter_order(const struct list_query *in)
{
	return in->user * 16 + (in->status + 1) * 2 + in->flagged;
}

static enum rc
list_admin_payments(struct req *req)
{
	const struct list_query *in = req->query;
	struct payment_query query = { .user = in->user, .status = in->status,
	    .flagged = in->flagged != 0, .limit = in->pages.per_page };
	struct paging_list list = { .tag = PAGING_ADMIN_PAYMENTS,
	    .pages = &in->pages, .cursor.order = filter_order(in) };
	struct payment_page page;
	struct json_write *j = &req->j;
	enum rc rc;

	rc = paging_list_begin(req, &list);
	if (rc != RC_OK)
		return rc;
	query.before = list.before;
	query.offset = list.offset;
	rc = payment_list(req->db, &req->arena, &query, &page);
	if (rc != RC_OK)
		return rc;
	paging_list_open(req, "payments");
	for (size_t i = 0; i < page.n; i++) {
		json_write_obj(j, NULL);
		render_members(j, &page.payments[i]);
		json_write_obj_end(j);
		list.cursor.id = page.payments[i].id;
	}
	return paging_list_end(req, &list, page.total, page.more);
}

static void
return_render(struct json_write *j, const struct payment_reversal *r)
{
	json_write_obj(j, NULL);
	json_write_int(j, "return_id", r->id);
	json_write_int(j, "payment_id", r->payment);
	json_write_str(j, "kind", r->dispute ? "dispute" : "refund");
	json_write_str(j, "state", payment_reversal_state_names[r->state]);
	json_write_str(j, "ref", r->ref);
	json_write_int(j, "amount", r->amount);
	json_write_int(j, "taken", r->taken);
	json_write_int(j, "taken_bonus", r->taken_bonus);
	json_write_int(j, "lost", r->lost);
	json_write_str(j, "reason", r->reason);
	json_write_str(j, "error", r->error);
	json_write_int(j, "attempts", r->attempts);
	json_write_time(j, "created_at", r->created_at);
	json_write_time(j, "updated_at", r->updated_at);
	json_write_obj_end(j);
}

static enum rc
admin_payment_path_id(struct req *req, int64_t *id)
{
	return req_path_id(req, id, "Payment not found");
}

static enum rc
get_admin_payment(struct req *req)
{
	struct payment_reversal *returns;
	struct payment_notice *events;
	struct json_write *j = &req->j;
	size_t nreturns, nevents, i;
	struct payment p;
	int64_t id;
	enum rc rc;

	rc = admin_payment_path_id(req, &id);
	if (rc == RC_OK)
		rc = payment_get(req->db, &req->arena, id, 0, &p, &req->err);
	if (rc == RC_OK)
		rc = payment_reversals(req->db, &req->arena, id, &returns,
		    &nreturns);
	if (rc == RC_OK)
		rc = payment_events(req->db, &req->arena, id, &events,
		    &nevents);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	render_members(j, &p);
	json_write_arr(j, "returns");
	for (i = 0; i < nreturns; i++)
		return_render(j, &returns[i]);
	json_write_arr_end(j);
	json_write_arr(j, "events");
	for (i = 0; i < nevents; i++) {
		json_write_obj(j, NULL);
		json_write_str(j, "event_id", events[i].event_id);
		json_write_str(j, "type", events[i].type);
		json_write_str(j, "outcome",
		    payment_outcome_names[events[i].outcome]);
		json_write_str(j, "detail", events[i].detail);
		json_write_time(j, "received_at", events[i].received_at);
		json_write_obj_end(j);
	}
	json_write_arr_end(j);
	json_write_obj_end(j);
	return RC_OK;
}

struct refund {
	int64_t amount;
	const char *reason;
	int even_if_spent;
};

static const struct field refund_fields[] = {
	{ .name = "amount", .type = F_INT,
	    .off = offsetof(struct refund, amount), .min = 1,
	    .max = INT64_C(1000000000000) },
	{ .name = "reason", .type = F_STR,
	    .flags = FIELD_REQUIRED | FIELD_TRIM,
	    .off = offsetof(struct refund, reason), .min = 1, .max = 500 },
	{ .name = "even_if_spent", .type = F_BOOL,
	    .off = offsetof(struct refund, even_if_spent) },
};
static const struct field_table refund_table =
    FIELD_TABLE(refund_fields, struct refund);

static enum rc
refund(struct req *req)
{
	const struct audit_by by = req_by(req);
	const struct refund *in = req->body;
	struct approval_result done;
	int64_t id;
	enum rc rc;

	rc = admin_payment_path_id(req, &id);
	if (rc == RC_OK)
		rc = approval_submit(req->db, &req->arena, req->conf,
		    &(const struct approval_request){ .target = id,
		    .kind = APPROVAL_PAYMENT_REFUND, .amount = in->amount,
		    .even_if_spent = in->even_if_spent != 0,
		    .reason = in->reason }, &by, &done, &req->err);
	if (rc != RC_OK)
		return rc;
	if (done.approval != 0)
		return approval_json_stored(req, &done);
	return_render(&req->j, &done.reversal);
	return RC_ACCEPTED;
}

struct seen {
	const char *note;
};

static const struct field seen_fields[] = {
	{ .name = "note", .type = F_STR, .flags = FIELD_REQUIRED | FIELD_TRIM,
	    .off = offsetof(struct seen, note), .min = 1, .max = 500 },
};
static const struct field_table seen_table =
    FIELD_TABLE(seen_fields, struct seen);

static enum rc
unflag(struct req *req)
{
	const struct audit_by by = req_by(req);
	const struct seen *in = req->body;
	struct payment p;
	int64_t id;
	enum rc rc;

	rc = admin_payment_path_id(req, &id);
	if (rc == RC_OK)
		rc = payment_unflag(req->db, &req->arena, id, in->note, &by,
		    &p, &req->err);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	render_members(&req->j, &p);
	json_write_obj_end(&req->j);
	return RC_OK;
}

struct accept {
	int64_t amount;
	const char *note;
};

static const struct field accept_fields[] = {
	{ .name = "amount", .type = F_INT,
	    .off = offsetof(struct accept, amount), .min = 1,
	    .max = INT64_C(1000000000000) },
	{ .name = "note", .type = F_STR, .flags = FIELD_REQUIRED | FIELD_TRIM,
	    .off = offsetof(struct accept, note), .min = 1, .max = 500 },
};
static const struct field_table accept_table =
    FIELD_TABLE(accept_fields, struct accept);

/* Credits a captured amount that differs from the payment. */
static enum rc
accept_captured(struct req *req)
{
	const struct audit_by by = req_by(req);
	const struct accept *in = req->body;
	struct payment p;
	int64_t id;
	enum rc rc;

	rc = admin_payment_path_id(req, &id);
	if (rc == RC_OK)
		rc = payment_accept(req->db, &req->arena, req->conf, id,
		    in->amount, in->note, &by, &p, &req->err);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	render_members(&req->j, &p);
	json_write_obj_end(&req->j);
	return RC_OK;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/admin/payments", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN, .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .query = &list_table, .handler = list_admin_payments },
	{ .method = "GET", .path = "/admin/payments/{id}", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN, .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .handler = get_admin_payment },
	{ .method = "POST", .path = "/admin/payments/{id}/refund",
	    .prefix = PREFIX_APP, .role = ROLE_ADMIN, .tx = TX_WRITE,
	    .flags = ROUTE_IDEMPOTENT, .body = &refund_table,
	    .handler = refund },
	{ .method = "POST", .path = "/admin/payments/{id}/accept",
	    .prefix = PREFIX_APP, .role = ROLE_ADMIN, .tx = TX_WRITE,
	    .flags = ROUTE_IDEMPOTENT, .body = &accept_table,
	    .handler = accept_captured },
	{ .method = "POST", .path = "/admin/payments/{id}/unflag",
	    .prefix = PREFIX_APP, .role = ROLE_ADMIN, .tx = TX_WRITE,
	    .body = &seen_table, .handler = unflag },
};

const struct route_table admin_payments_routes = ROUTE_TABLE(routes);
