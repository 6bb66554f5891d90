#include "base/clock.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/str.h"
#include "fcgi/core/access_log.h"
#include "fcgi/core/access_target.h"
#include "fcgi/core/resp.h"

#define ROUTES 96
#define ROUTE_PATH 128

/*
 * Upper bounds of the buckets of the duration histogram, in µs. The last bucket
 * has no bound (+Inf).
 */
static const struct {
	int64_t us;
	const char *le;
} bounds[] = {
	{ 500, "0.0005" }, { 1000, "0.001" }, { 2500, "0.0025" },
	{ 5000, "0.005" }, { 10000, "0.01" }, { 25000, "0.025" },
	{ 100000, "0.1" }, { 500000, "0.5" }, { 2500000, "2.5" },
	{ INT64_MAX, "+Inf" },
};

static const char *pool;
static const struct route_table *const *tables;
static struct {
	metric *codes[RC_MAX];
	char path[ROUTE_PATH];		/* complete; set by the first request */
} routes[ROUTES + 1];			/* the last one: no route found */
static struct {
	metric *shared[NELEM(bounds)];
	uint64_t n[NELEM(bounds)];
	metric *sum, *count;
	uint64_t us, all;
} durations;

void
access_log_init(const char *name, const struct route_table *const *t)
{
	size_t i;

	pool = name;
	tables = t;
	for (i = 0; i < NELEM(bounds); i++)
		durations.shared[i] = metric_get(
		    "earmark_http_request_duration_seconds_bucket"
		    "{pool=\"%s\",le=\"%s\"}", pool, bounds[i].le);
	durations.sum = metric_get(
	    "earmark_http_request_duration_seconds_sum{pool=\"%s\"}", pool);
	durations.count = metric_get(
	    "earmark_http_request_duration_seconds_count{pool=\"%s\"}", pool);
}

/*
 * Returns the index of a route among all rows of all tables, or ROUTES if the
 * request has no route.
 */
static size_t
route_index(const struct route *r)
{
	const struct route_table *const *t;
	size_t base = 0;

	if (r == NULL)
		return ROUTES;
	for (t = tables; *t != NULL; base += (*t++)->n)
		if (r >= (*t)->routes && r < (*t)->routes + (*t)->n)
			return base + (size_t)(r - (*t)->routes);
	BUG("the route is not in a table");
}

static void
count_route(const struct req *req, size_t i)
{
	const struct route *r = req->route;

	if (routes[i].codes[req->rc] == NULL)
		routes[i].codes[req->rc] = metric_get(
		    "earmark_http_requests_total"
		    "{pool=\"%s\",route=\"%s\",method=\"%s\",code=\"%d\"}",
		    pool, r == NULL ? "" : r->path, r == NULL ? "" : r->method,
		    resp_status(req));
	metric_add(routes[i].codes[req->rc], 1);
}

/* Logs the route with its prefix, and the objects that the request names. */
static void
log_route(const struct req *req, size_t i)
{
	const struct route *r = req->route;
	char target[ACCESS_TARGET_MAX];

	if (r == NULL) {
		log_str("route", "none");
		return;
	}
	if (routes[i].path[0] == '\0')
		snprintf(routes[i].path, ROUTE_PATH, "%s%s",
		    route_path_prefix(r), r->path);
	log_str("route", routes[i].path);
	access_target(req, target);
	if (target[0] != '\0')
		log_str("target", target);
}

/*
 * Logs that nginx begins to read a body. The same request follows when the body
 * is complete, which can take long or never happen.
 */
static void
log_upload(const struct req *req)
{
	if (!log_begin(LOG_INFO, "upload"))
		return;
	log_str("id", req->id);
	log_int("user", req->actor.user);
	log_end();
}

void
access_log_request(const struct req *req)
{
	int64_t us = clock_mono() - req->began;
	size_t route = route_index(req->route), i = 0;

	if (resp_admits(req)) {
		log_upload(req);
		return;
	}
	if (route > ROUTES)
		BUG("more than %d routes", ROUTES);
	count_route(req, route);
	while (us > bounds[i].us)
		i++;
	durations.n[i]++;
	durations.us += (uint64_t)us;
	durations.all++;

	if (!log_begin(resp_status(req) >= 500 ? LOG_WARN : LOG_INFO,
	    "request"))
		return;
	log_str("id", req->id);
	log_str("method", req->method);
	log_route(req, route);
	log_int("status", resp_status(req));
	if (!rc_ok(req->rc))
		log_str("code", resp_code(req));
	if (req->actor.user != 0)
		log_int("user", req->actor.user);
	log_int("sql", (int64_t)req->statements);
	log_int("us", us);
	log_end();
}

void
access_log_flush(void)
{
	static int64_t last;
	int64_t now = clock_mono();
	uint64_t below = 0;
	size_t i;

	if (durations.all == 0 || now - last < 100000)
		return;
	last = now;
	/*
	 * Prometheus buckets are cumulative: each one counts all values up to
	 * its bound.
	 */
	for (i = 0; i < NELEM(bounds); i++) {
		below += durations.n[i];
		durations.n[i] = 0;
		if (below > 0)
			metric_add(durations.shared[i], below);
	}
	metric_add(durations.sum, durations.us);
	metric_add(durations.count, durations.all);
	durations.us = durations.all = 0;
}
