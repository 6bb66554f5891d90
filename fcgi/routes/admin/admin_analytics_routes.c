/*
 * admin_analytics_routes: metrics over time, and the dashboard.
 */
#include "base/str.h"
#include "domain/ops/analytics.h"
#include "domain/ops/dashboard.h"
#include "fcgi/core/routes.h"

/* Analytics */

struct series {
	int64_t from, to;
	int metric, bucket;
};

static const struct field series_fields[] = {
	{ .name = "metric", .type = F_ENUM, .words = metric_names,
	    .flags = FIELD_REQUIRED, .off = offsetof(struct series, metric) },
	{ .name = "bucket", .type = F_ENUM, .words = span_names,
	    .off = offsetof(struct series, bucket),
	    .dflt = ROLLUP_SPAN_DAY - 1 },
	{ .name = "from", .type = F_TIME, .off = offsetof(struct series,
	    from), .dflt = FIELD_NONE },
	{ .name = "to", .type = F_TIME, .off = offsetof(struct series, to),
	    .dflt = FIELD_NONE },
};
static const struct field_table series_table =
    FIELD_TABLE(series_fields, struct series);

struct render_context {
	struct json_write *j;
	bool divided;
};

static void
render_point(void *arg, const struct analytics_point *p)
{
	const struct render_context *c = arg;

	json_write_obj(c->j, NULL);
	json_write_time(c->j, "at", p->at);
	json_write_int(c->j, "value", p->value);
	if (c->divided) {
		json_write_obj(c->j, "by");
		for (size_t i = 0; i < p->n; i++)
			json_write_int(c->j, p->by[i].label, p->by[i].n);
		json_write_obj_end(c->j);
	} else
		json_write_null(c->j, "by");
	json_write_obj_end(c->j);
}

static enum rc
analytics(struct req *req)
{
	const struct series *in = req->query;
	struct analytics_query query = { .from = in->from, .to = in->to,
	    .metric = (enum metric_id)(in->metric + 1),
	    .bucket = (enum rollup_span)(in->bucket + 1) };
	enum metric_unit unit = analytics_metric_unit(query.metric);
	struct json_write *j = &req->j;
	struct render_context c = { j, analytics_metric_divided(query.metric) };
	int64_t total;
	enum rc rc;

	rc = analytics_range(&query, req->now, &req->err);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_str(j, "metric", metric_names[in->metric]);
	json_write_str(j, "unit", unit == UNIT_COUNT ? "count" :
	    unit == UNIT_MINUTES ? "minutes" : req->conf->currency);
	json_write_str(j, "bucket", span_names[in->bucket]);
	json_write_time(j, "from", query.from);
	json_write_time(j, "to", query.to);
	json_write_arr(j, "points");
	rc = analytics_read(req->db, &query, render_point, &c, &total);
	json_write_arr_end(j);
	json_write_opt(j, "total", total);
	json_write_obj_end(j);
	return rc;
}

/* Dashboard */

static void
render_day(struct json_write *j, const char *key,
    const int64_t n[ROLLUP_METRICS])
{
	static const enum metric_id shown[] = {
		METRIC_REGISTRATIONS, METRIC_ACTIVE, METRIC_CALLS,
		METRIC_MINUTES, METRIC_REVENUE, METRIC_TOPUPS, METRIC_REFUNDS,
		METRIC_PROMOTIONS, METRIC_FAVORITES
	};

	json_write_obj(j, key);
	for (size_t i = 0; i < NELEM(shown); i++)
		json_write_int(j, metric_names[shown[i] - 1], n[shown[i]]);
	json_write_obj_end(j);
}

static enum rc
dashboard(struct req *req)
{
	struct json_write *j = &req->j;
	struct dashboard d;
	enum rc rc = dashboard_read(req->db, req->now, &d);

	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_time(j, "at", req->now);
	render_day(j, "today", d.today);
	render_day(j, "yesterday", d.yesterday);
	json_write_obj(j, "now");
	json_write_int(j, "listeners_online", d.listeners_online);
	json_write_int(j, "listeners_busy", d.listeners_busy);
	json_write_int(j, "calls_live", d.calls_live);
	json_write_int(j, "sessions_live", d.sessions_live);
	json_write_int(j, "verifications_pending", d.verifications_pending);
	json_write_int(j, "tickets_open", d.tickets_open);
	json_write_int(j, "outbox_pending", d.outbox_pending);
	json_write_int(j, "outbox_dead", d.outbox_dead);
	json_write_int(j, "payments_flagged", d.payments_flagged);
	json_write_obj_end(j);
	json_write_obj(j, "ledger");
	if (d.ledger_ok < 0)
		json_write_null(j, "ok");
	else
		json_write_bool(j, "ok", d.ledger_ok != 0);
	json_write_time(j, "checked_at", d.ledger_at);
	json_write_int(j, "transfers", d.transfers);
	json_write_obj_end(j);
	json_write_str(j, "currency", req->conf->currency);
	json_write_obj_end(j);
	return RC_OK;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/admin/analytics", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN | ROLE_FINANCE,
	    .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .query = &series_table, .handler = analytics },
	{ .method = "GET", .path = "/admin/dashboard", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN | ROLE_FINANCE,
	    .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .handler = dashboard },
};

const struct route_table admin_analytics_routes = ROUTE_TABLE(routes);
