/*
 * admin_analytics_routes: what happened over time, and how things stand.
 */
#include "base/str.h"
#include "domain/ops/analytics.h"
#include "domain/ops/dashboard.h"
#include "fcgi/core/routes.h"

/* ---- one metric over time */

struct series {
	int64_t from, to;
	int metric, bucket;
};

static const struct field series_fields[] = {
	{ .name = "metric", .type = F_ENUM, .words = metric_words,
	    .flags = FIELD_REQUIRED, .off = offsetof(struct series, metric) },
	{ .name = "bucket", .type = F_ENUM, .words = span_words,
	    .off = offsetof(struct series, bucket), .dflt = SPAN_DAY - 1 },
	{ .name = "from", .type = F_TIME, .off = offsetof(struct series,
	    from), .dflt = FIELD_NONE },
	{ .name = "to", .type = F_TIME, .off = offsetof(struct series, to),
	    .dflt = FIELD_NONE },
};
static const struct field_table series_table =
    FIELD_TABLE(series_fields, struct series);

struct canvas {
	struct jout *j;
	bool divided;
};

static void
point(void *arg, const struct analytics_point *p)
{
	const struct canvas *c = arg;

	jout_obj(c->j, NULL);
	jout_time(c->j, "at", p->at);
	jout_int(c->j, "value", p->value);
	if (c->divided) {
		jout_obj(c->j, "by");
		for (size_t i = 0; i < p->n; i++)
			jout_int(c->j, p->by[i].word, p->by[i].n);
		jout_obj_end(c->j);
	} else
		jout_null(c->j, "by");
	jout_obj_end(c->j);
}

static enum rc
analytics(struct req *req, const void *arg)
{
	const struct series *in = req->query;
	struct analytics_query query = { .from = in->from, .to = in->to,
	    .metric = (enum metric_id)(in->metric + 1),
	    .bucket = (enum rollup_span)(in->bucket + 1) };
	enum metric_unit unit = metric_unit(query.metric);
	struct jout *j = &req->j;
	struct canvas canvas = { j, metric_divided(query.metric) };
	int64_t total;
	enum rc rc;

	(void)arg;
	rc = analytics_range(&query, req->now, &req->err);
	if (rc != RC_OK)
		return rc;
	jout_obj(j, NULL);
	jout_str(j, "metric", metric_words[in->metric]);
	jout_str(j, "unit", unit == UNIT_COUNT ? "count" :
	    unit == UNIT_MINUTES ? "minutes" : req->conf->currency);
	jout_str(j, "bucket", span_words[in->bucket]);
	jout_time(j, "from", query.from);
	jout_time(j, "to", query.to);
	jout_arr(j, "points");
	rc = analytics_read(req->db, &query, point, &canvas, &total);
	jout_arr_end(j);
	jout_opt(j, "total", total);
	jout_obj_end(j);
	return rc;
}

/* ---- how things stand */

static void
day(struct jout *j, const char *key, const int64_t n[METRICS])
{
	static const enum metric_id shown[] = {
		METRIC_REGISTRATIONS, METRIC_ACTIVE, METRIC_CALLS,
		METRIC_MINUTES, METRIC_REVENUE, METRIC_TOPUPS, METRIC_REFUNDS,
		METRIC_FAVORITES
	};

	jout_obj(j, key);
	for (size_t i = 0; i < NELEM(shown); i++)
		jout_int(j, metric_words[shown[i] - 1], n[shown[i]]);
	jout_obj_end(j);
}

static enum rc
dashboard(struct req *req, const void *arg)
{
	struct jout *j = &req->j;
	struct dashboard d;
	enum rc rc = dashboard_read(req->db, req->now, &d);

	(void)arg;
	if (rc != RC_OK)
		return rc;
	jout_obj(j, NULL);
	jout_time(j, "at", req->now);
	day(j, "today", d.today);
	day(j, "yesterday", d.yesterday);
	jout_obj(j, "now");
	jout_int(j, "listeners_online", d.listeners_online);
	jout_int(j, "listeners_busy", d.listeners_busy);
	jout_int(j, "calls_live", d.calls_live);
	jout_int(j, "sessions_live", d.sessions_live);
	jout_int(j, "verifications_pending", d.verifications_pending);
	jout_int(j, "tickets_open", d.tickets_open);
	jout_int(j, "outbox_pending", d.outbox_pending);
	jout_int(j, "outbox_dead", d.outbox_dead);
	jout_int(j, "payments_flagged", d.payments_flagged);
	jout_obj_end(j);
	jout_obj(j, "ledger");
	if (d.ledger_ok < 0)
		jout_null(j, "ok");
	else
		jout_bool(j, "ok", d.ledger_ok != 0);
	jout_time(j, "checked_at", d.ledger_at);
	jout_int(j, "transfers", d.transfers);
	jout_obj_end(j);
	jout_str(j, "currency", req->conf->currency);
	jout_obj_end(j);
	return RC_OK;
}

static const struct route routes[] = {
	{ "GET", "/admin/analytics", PREFIX_APP, ROLE_ADMIN, TX_READ,
	    ROUTE_NO_STORE, &series_table, NULL, analytics, NULL, NULL },
	{ "GET", "/admin/dashboard", PREFIX_APP, ROLE_ADMIN, TX_READ,
	    ROUTE_NO_STORE, NULL, NULL, dashboard, NULL, NULL },
};

const struct route_table admin_analytics_routes = ROUTE_TABLE(routes);
