/*
 * admin_moderation_routes: rate changes of a listener, reviews, reports.
 */
#include "domain/calls/review.h"
#include "domain/listeners/listener.h"
#include "domain/support/report.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/calls/id_field.h"
#include "fcgi/routes/listeners/listener_json.h"

/* Writes an object with the rate of each kind, or null if none is offered. */
static void
render_rates(struct json_write *j, const char *name,
    const struct listener_rates *rates)
{
	if (listener_rate_main(rates) == INT64_MIN) {
		json_write_null(j, name);
		return;
	}
	json_write_obj(j, name);
	for (int kind = 0; kind < LISTENER_KINDS; kind++)
		if (rates->v[kind] != INT64_MIN)
			json_write_int(j, listener_kind_names[kind],
			    rates->v[kind]);
	json_write_obj_end(j);
}

static enum rc
list_rates(struct req *req)
{
	const struct paged *in = req->query;
	struct cursor c = { .order = 0 };
	struct listener_rate_page page = { .limit = in->pages.per_page };
	struct listener_item item;
	struct json_write *j = &req->j;
	int64_t id;
	enum rc rc;

	rc = req_path_id(req, &id, "Listener not found");
	if (rc == RC_OK)
		rc = listener_own(req->db, &req->arena, id, req->now, &item,
		    &req->err);
	if (rc == RC_OK)
		rc = paging_cursor_read(req, PAGING_ADMIN_RATES,
		    in->pages.cursor, &c);
	if (rc != RC_OK)
		return rc;
	page.before = c.given ? c.id : INT64_MAX;
	page.offset = paging_offset(&in->pages, &c);
	rc = listener_rate_list(req->db, &req->arena, id, &page);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_arr(j, "rates");
	for (size_t i = 0; i < page.n; i++) {
		const struct listener_rate_change *change = &page.v[i];

		json_write_obj(j, NULL);
		json_write_int(j, "id", change->id);
		json_write_str(j, "cause", change->registration ?
		    "registration" : "change");
		render_rates(j, "before", &change->before);
		render_rates(j, "after", &change->after);
		json_write_time(j, "changed_at", change->at);
		json_write_obj_end(j);
		c.id = change->id;
	}
	json_write_arr_end(j);
	json_write_str(j, "currency", req->conf->currency);
	paging_render(req, &in->pages, page.total, page.more, page.more ?
	    paging_cursor_write(req, PAGING_ADMIN_RATES, &c) : NULL);
	json_write_obj_end(j);
	return RC_OK;
}

/* ---- reviews */

struct reviews_in {
	struct pages pages;
	int64_t listener_id;
	int hidden;
};
static const struct field reviews_fields[] = {
	PAGING_FIELDS(struct reviews_in, pages),
	ID_FIELD(struct reviews_in, listener_id, 0, 0),
	{ .name = "hidden", .type = F_BOOL,
	    .off = offsetof(struct reviews_in, hidden), .dflt = -1 },
};
static const struct field_table reviews_table =
    FIELD_TABLE(reviews_fields, struct reviews_in);

static void
render_review(struct json_write *j, const struct review *r)
{
	json_write_obj(j, NULL);
	json_write_int(j, "review_id", r->session);
	json_write_int(j, "session_id", r->session);
	json_write_int(j, "listener_id", r->listener);
	json_write_str(j, "listener_username", r->listener_name);
	json_write_int(j, "customer_id", r->customer);
	json_write_str(j, "customer_username", r->username);
	json_write_int(j, "rating", r->rating);
	json_write_str(j, "comment", r->comment);
	json_write_bool(j, "is_hidden", r->hidden);
	json_write_bool(j, "counts", r->counts);
	json_write_time(j, "created_at", r->created_at);
	json_write_obj_end(j);
}

static enum rc
list_reviews(struct req *req)
{
	const struct reviews_in *in = req->query;
	struct paging_list list = { .tag = PAGING_ADMIN_REVIEWS,
	    .pages = &in->pages, .cursor.order = in->hidden + 1 };
	struct review_query query = { .listener = in->listener_id,
		.hidden = in->hidden, .limit = in->pages.per_page };
	struct review_page page;
	enum rc rc;

	rc = paging_list_begin(req, &list);
	if (rc != RC_OK)
		return rc;
	query.before = list.before;
	query.offset = list.offset;
	rc = review_list_all(req->db, &req->arena, &query, &page);
	if (rc != RC_OK)
		return rc;
	paging_list_open(req, "reviews");
	for (size_t i = 0; i < page.n; i++) {
		render_review(&req->j, &page.reviews[i]);
		list.cursor.id = page.reviews[i].session;
	}
	return paging_list_end(req, &list, page.total, page.more);
}

struct moderate_in {
	const char *reason;
};
static const struct field moderate_fields[] = {
	{ .name = "reason", .type = F_STR, .flags = FIELD_TRIM,
	    .off = offsetof(struct moderate_in, reason), .min = 1,
	    .max = REPORT_NOTE },
};
static const struct field_table moderate_table =
    FIELD_TABLE(moderate_fields, struct moderate_in);

/* Hides a review; unhides it if the route has an argument. */
static enum rc
moderate_review(struct req *req)
{
	const struct moderate_in *in = req->body;
	struct audit_by by = req_by(req);
	struct review r;
	int64_t id;
	enum rc rc = req_path_id(req, &id, "Review not found");

	if (rc == RC_OK)
		rc = review_moderate(req->db, &req->arena, id,
		    req->route->arg == NULL, in->reason, &by, &r, &req->err);
	if (rc == RC_OK)
		render_review(&req->j, &r);
	return rc;
}

/* ---- reports */

struct reports_in {
	struct pages pages;
	int64_t user_id;
	int status;
};
static const struct field reports_fields[] = {
	PAGING_FIELDS(struct reports_in, pages),
	ID_FIELD(struct reports_in, user_id, 0, 0),
	{ .name = "status", .type = F_ENUM, .words = report_status_names,
	    .off = offsetof(struct reports_in, status), .dflt = -1 },
};
static const struct field_table reports_table =
    FIELD_TABLE(reports_fields, struct reports_in);

static void
render_report(struct req *req, const struct report *r)
{
	struct json_write *j = &req->j;

	json_write_obj(j, NULL);
	json_write_int(j, "report_id", r->id);
	json_write_opt(j, "reporter_id", r->reporter);
	json_write_str(j, "reporter_username", r->reporter_name);
	json_write_int(j, "user_id", r->user);
	json_write_str(j, "username", r->username);
	json_write_str(j, "reason", r->reason);
	json_write_str(j, "text", r->text);
	json_write_opt(j, "call_id", r->call);
	json_write_opt(j, "review_id", r->review);
	json_write_opt(j, "flyer_id", r->flyer);
	json_write_str(j, "flyer_title", r->flyer_title);
	listener_json_image(j, req->conf, r->image);
	json_write_str(j, "status", report_status_names[r->status - 1]);
	json_write_str(j, "action", r->action == 0 ? NULL :
	    report_action_names[r->action - 1]);
	json_write_str(j, "note", r->note);
	json_write_opt(j, "decided_by", r->decided_by);
	json_write_time(j, "decided_at", r->decided_at);
	json_write_int(j, "open_reports", r->open_reports);
	json_write_time(j, "created_at", r->created_at);
	json_write_obj_end(j);
}

static enum rc
list_reports(struct req *req)
{
	const struct reports_in *in = req->query;
	struct paging_list list = { .tag = PAGING_ADMIN_REPORTS,
	    .pages = &in->pages, .cursor.order = in->status + 1 };
	struct report_query query = { .user = in->user_id,
		.status = in->status + 1, .limit = in->pages.per_page };
	struct report_page page;
	enum rc rc;

	rc = paging_list_begin(req, &list);
	if (rc != RC_OK)
		return rc;
	query.before = list.before;
	query.offset = list.offset;
	rc = report_list(req->db, &req->arena, &query, &page);
	if (rc != RC_OK)
		return rc;
	paging_list_open(req, "reports");
	for (size_t i = 0; i < page.n; i++) {
		render_report(req, &page.v[i]);
		list.cursor.id = page.v[i].id;
	}
	return paging_list_end(req, &list, page.total, page.more);
}

static enum rc
get_report(struct req *req)
{
	struct report r;
	int64_t id;
	enum rc rc = req_path_id(req, &id, "Report not found");

	if (rc == RC_OK)
		rc = report_get(req->db, &req->arena, id, &r, &req->err);
	if (rc == RC_OK)
		render_report(req, &r);
	return rc;
}

struct decide_in {
	const char *note;
	int64_t until;
	int action;
};
static const struct field decide_fields[] = {
	{ .name = "action", .type = F_ENUM, .flags = FIELD_REQUIRED,
	    .words = report_action_names,
	    .off = offsetof(struct decide_in, action), .dflt = -1 },
	{ .name = "note", .type = F_STR, .flags = FIELD_TRIM,
	    .off = offsetof(struct decide_in, note), .min = 1,
	    .max = REPORT_NOTE },
	{ .name = "until", .type = F_TIME,
	    .off = offsetof(struct decide_in, until), .dflt = FIELD_NONE },
};
static const struct field_table decide_table =
    FIELD_TABLE(decide_fields, struct decide_in);

static enum rc
decide_report(struct req *req)
{
	const struct decide_in *in = req->body;
	const struct report_decision decision = {
		.action = (enum report_action)(in->action + 1),
		.note = in->note, .until = in->until };
	struct audit_by by = req_by(req);
	struct report r;
	int64_t id;
	enum rc rc = req_path_id(req, &id, "Report not found");

	if (rc == RC_OK && decision.action != REPORT_BAN &&
	    in->until != FIELD_NONE)
		rc = err_field(&req->err, "until", "applies to ban only");
	if (rc == RC_OK)
		rc = report_decide(req->db, &req->arena, id, &decision, &by,
		    &r, &req->err);
	if (rc == RC_OK)
		render_report(req, &r);
	return rc;
}

static const bool unhides = true;

static const struct route routes[] = {
	{ .method = "GET", .path = "/admin/listeners/{id}/rates",
	    .prefix = PREFIX_APP, .role = ROLE_STAFF, .tx = TX_READ,
	    .flags = ROUTE_NO_STORE, .query = &paged_table,
	    .handler = list_rates },
	{ .method = "GET", .path = "/admin/reviews", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN | ROLE_SUPPORT | ROLE_MODERATOR,
	    .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .query = &reviews_table, .handler = list_reviews },
	{ .method = "POST", .path = "/admin/reviews/{id}/hide",
	    .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN | ROLE_MODERATOR,
	    .tx = TX_WRITE,
	    .flags = ROUTE_BODY_OPT, .body = &moderate_table,
	    .handler = moderate_review },
	{ .method = "POST", .path = "/admin/reviews/{id}/unhide",
	    .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN | ROLE_MODERATOR,
	    .tx = TX_WRITE,
	    .flags = ROUTE_BODY_OPT, .body = &moderate_table,
	    .handler = moderate_review, .arg = &unhides },
	{ .method = "GET", .path = "/admin/reports", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN | ROLE_SUPPORT | ROLE_MODERATOR,
	    .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .query = &reports_table, .handler = list_reports },
	{ .method = "GET", .path = "/admin/reports/{id}", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN | ROLE_SUPPORT | ROLE_MODERATOR,
	    .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .handler = get_report },
	{ .method = "POST", .path = "/admin/reports/{id}/decide",
	    .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN | ROLE_MODERATOR,
	    .tx = TX_WRITE,
	    .body = &decide_table, .handler = decide_report },
};

const struct route_table admin_moderation_routes = ROUTE_TABLE(routes);
