/*
 * admin_promotions_routes: lists, adds and changes promotion codes.
 */
#include "domain/money/promotion.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "json/json_read_only.h"

static void
render_admin_promotion(struct json_write *j, const struct promotion *p)
{
	json_write_obj(j, NULL);
	json_write_int(j, "id", p->id);
	json_write_str(j, "code", p->code);
	json_write_str(j, "kind", promotion_kind_names[p->kind - 1]);
	json_write_int(j, "value", p->value);
	json_write_opt(j, "max_rate", p->max_rate);
	json_write_opt(j, "max_bonus", p->max_bonus);
	json_write_int(j, "min_topup", p->min_topup);
	json_write_bool(j, "first_topup_only", p->first_topup_only);
	json_write_str(j, "audience",
	    promotion_audience_names[p->audience - 1]);
	json_write_bool(j, "listed", p->listed);
	json_write_bool(j, "active", p->active);
	json_write_int(j, "per_user", p->per_user);
	json_write_opt(j, "total", p->total);
	json_write_int(j, "redeemed", p->redeemed);
	json_write_int(j, "budget", p->budget);
	json_write_int(j, "reserved", p->reserved);
	json_write_int(j, "spent", p->spent);
	json_write_opt(j, "valid_days", p->valid_days);
	json_write_time(j, "starts_at", p->starts_at);
	json_write_time(j, "ends_at", p->ends_at);
	json_write_str(j, "note", p->note);
	json_write_time(j, "created_at", p->created_at);
	json_write_obj_end(j);
}

static enum rc
list_admin_promotions(struct req *req)
{
	const struct paged *in = req->query;
	struct cursor c = { .order = 0 };
	struct promotion_page page;
	enum rc rc;

	rc = paging_cursor_read(req, PAGING_ADMIN_PROMOTIONS, in->pages.cursor,
	    &c);
	if (rc == RC_OK)
		rc = promotion_list(req->db, &req->arena, c.given ? c.id :
		    INT64_MAX, in->pages.per_page,
		    paging_offset(&in->pages, &c), &page);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_arr(&req->j, "promotions");
	for (size_t i = 0; i < page.n; i++) {
		render_admin_promotion(&req->j, &page.promotions[i]);
		c.id = page.promotions[i].id;
	}
	json_write_arr_end(&req->j);
	paging_render(req, &in->pages, page.total, page.more, page.more ?
	    paging_cursor_write(req, PAGING_ADMIN_PROMOTIONS, &c) : NULL);
	json_write_obj_end(&req->j);
	return RC_OK;
}

struct add_in {
	const char *code, *note;
	int kind, active, audience, listed, first_topup_only;
	int64_t value, per_user, total, starts_at, ends_at;
	int64_t max_rate, max_bonus, min_topup, budget, valid_days;
	struct intv users;
};
static const struct field add_fields[] = {
	{ .name = "code", .type = F_STR, .flags = FIELD_REQUIRED | FIELD_TRIM,
	    .off = offsetof(struct add_in, code), .min = 3, .max = 32 },
	{ .name = "kind", .type = F_ENUM, .flags = FIELD_REQUIRED, .dflt = -1,
	    .words = promotion_kind_names,
	    .off = offsetof(struct add_in, kind) },
	{ .name = "value", .type = F_INT, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct add_in, value), .min = 1,
	    .max = PROMOTION_NUMBER_MAX },
	{ .name = "max_rate", .type = F_INT, .dflt = FIELD_NONE,
	    .off = offsetof(struct add_in, max_rate), .min = 1,
	    .max = PROMOTION_NUMBER_MAX },
	{ .name = "max_bonus", .type = F_INT, .dflt = FIELD_NONE,
	    .off = offsetof(struct add_in, max_bonus), .min = 1,
	    .max = PROMOTION_NUMBER_MAX },
	{ .name = "min_topup", .type = F_INT,
	    .off = offsetof(struct add_in, min_topup), .min = 0,
	    .max = PROMOTION_NUMBER_MAX },
	{ .name = "first_topup_only", .type = F_BOOL, .dflt = 0,
	    .off = offsetof(struct add_in, first_topup_only) },
	{ .name = "audience", .type = F_ENUM, .dflt = 0,
	    .words = promotion_audience_names,
	    .off = offsetof(struct add_in, audience) },
	{ .name = "users", .type = F_INTV,
	    .off = offsetof(struct add_in, users), .min = 1,
	    .max = PROMOTION_USERS_MAX },
	{ .name = "listed", .type = F_BOOL, .dflt = 1,
	    .off = offsetof(struct add_in, listed) },
	{ .name = "budget", .type = F_INT, .dflt = FIELD_NONE,
	    .off = offsetof(struct add_in, budget), .min = 1,
	    .max = PROMOTION_BUDGET_MAX },
	{ .name = "valid_days", .type = F_INT, .dflt = FIELD_NONE,
	    .off = offsetof(struct add_in, valid_days), .min = 1,
	    .max = 3650 },
	{ .name = "active", .type = F_BOOL, .dflt = 1,
	    .off = offsetof(struct add_in, active) },
	{ .name = "per_user", .type = F_INT, .dflt = 1,
	    .off = offsetof(struct add_in, per_user), .min = 1,
	    .max = PROMOTION_NUMBER_MAX },
	{ .name = "total", .type = F_INT, .dflt = FIELD_NONE,
	    .off = offsetof(struct add_in, total), .min = 1,
	    .max = PROMOTION_NUMBER_MAX },
	{ .name = "starts_at", .type = F_TIME, .dflt = FIELD_NONE,
	    .off = offsetof(struct add_in, starts_at) },
	{ .name = "ends_at", .type = F_TIME, .dflt = FIELD_NONE,
	    .off = offsetof(struct add_in, ends_at) },
	{ .name = "note", .type = F_STR, .flags = FIELD_TRIM,
	    .off = offsetof(struct add_in, note), .min = 1, .max = 500 },
};
static const struct field_table add_table =
    FIELD_TABLE(add_fields, struct add_in);

static enum rc
add_admin_promotion(struct req *req)
{
	const struct add_in *in = req->body;
	struct audit_by who = req_by(req);
	struct promotion p = { .code = in->code, .value = in->value,
	    .kind = (enum promotion_kind)(in->kind + 1),
	    .active = in->active > 0, .per_user = in->per_user,
	    .total = in->total, .starts_at = in->starts_at,
	    .ends_at = in->ends_at, .note = in->note,
	    .max_rate = in->max_rate, .max_bonus = in->max_bonus,
	    .min_topup = in->min_topup,
	    .first_topup_only = in->first_topup_only > 0,
	    .audience = (enum promotion_audience)(in->audience + 1),
	    .listed = in->listed > 0, .budget = in->budget,
	    .valid_days = in->valid_days };
	enum rc rc;

	rc = promotion_add(req->db, &req->arena, &p, in->users.v, in->users.n,
	    &who, &req->err);
	if (rc != RC_OK)
		return rc;
	render_admin_promotion(&req->j, &p);
	return RC_CREATED;
}

static const struct field change_fields[] = {
	{ .name = "active", .type = F_BOOL, .dflt = -1,
	    .off = offsetof(struct promotion_patch, active) },
	{ .name = "listed", .type = F_BOOL, .dflt = -1,
	    .off = offsetof(struct promotion_patch, listed) },
	{ .name = "total", .type = F_INT, .flags = FIELD_CLEAR,
	    .dflt = FIELD_NONE,
	    .off = offsetof(struct promotion_patch, total), .min = 1,
	    .max = PROMOTION_NUMBER_MAX },
	{ .name = "ends_at", .type = F_TIME, .flags = FIELD_CLEAR,
	    .dflt = FIELD_NONE,
	    .off = offsetof(struct promotion_patch, ends_at) },
	{ .name = "budget", .type = F_INT, .dflt = FIELD_NONE,
	    .off = offsetof(struct promotion_patch, budget), .min = 1,
	    .max = PROMOTION_BUDGET_MAX },
};
static const struct field_table change_table =
    FIELD_TABLE(change_fields, struct promotion_patch);

static enum rc
change_admin_promotion(struct req *req)
{
	const struct promotion_patch *in = req->body;
	struct audit_by who = req_by(req);
	struct promotion p;
	int64_t id;
	enum rc rc;

	if (!req_path_arg_int(req, 0, &id))
		return err_set(&req->err, RC_NOT_FOUND, "promotion_not_found",
		    "Promotion not found");
	rc = promotion_change(req->db, &req->arena, id, in, &who, &p,
	    &req->err);
	if (rc == RC_OK)
		render_admin_promotion(&req->j, &p);
	return rc;
}

static const struct json_read_only promotion_read_only[] = {
	{ "id", JSON_READ_ONLY_FIXED },
	{ "code", "cannot be changed, add another promotion" },
	{ "kind", "cannot be changed, add another promotion" },
	{ "value", "cannot be changed, add another promotion" },
	{ "audience", "cannot be changed, add another promotion" },
	{ "first_topup_only", "cannot be changed, add another promotion" },
	{ "max_bonus", "cannot be changed, add another promotion" },
	{ "max_rate", "cannot be changed, add another promotion" },
	{ "min_topup", "cannot be changed, add another promotion" },
	{ "note", "cannot be changed, add another promotion" },
	{ "per_user", "cannot be changed, add another promotion" },
	{ "starts_at", "cannot be changed, add another promotion" },
	{ "valid_days", "cannot be changed, add another promotion" },
	{ "created_at", JSON_READ_ONLY_FIXED },
	{ NULL, NULL }
};

static const struct route routes[] = {
	{ .method = "GET", .path = "/admin/promotions", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN | ROLE_FINANCE | ROLE_SUPPORT,
	    .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .query = &paged_table, .handler = list_admin_promotions },
	{ .method = "POST", .path = "/admin/promotions", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN | ROLE_FINANCE,
	    .tx = TX_WRITE, .flags = ROUTE_STEP_UP, .body = &add_table,
	    .handler = add_admin_promotion },
	{ .method = "PATCH", .path = "/admin/promotions/{id}",
	    .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN | ROLE_FINANCE,
	    .tx = TX_WRITE, .flags = ROUTE_STEP_UP,
	    .body = &change_table, .handler = change_admin_promotion,
	    .read_only = promotion_read_only },
};
const struct route_table admin_promotions_routes = ROUTE_TABLE(routes);
