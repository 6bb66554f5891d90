/*
 * system_routes: health, version and metrics.
 */
#include "base/hash.h"
#include "base/metric.h"
#include "base/process_status.h"
#include "commit.h"
#include "domain/ops/health.h"
#include "fcgi/core/routes.h"

static enum rc
live(struct req *req)
{
	json_write_obj(&req->j, NULL);
	json_write_str(&req->j, "status", "ok");
	json_write_obj_end(&req->j);
	return RC_OK;
}

/* Checks that each pool has a worker whose loop runs. */
static enum rc
check_pools(struct req *req)
{
	int pool;

	for (pool = 0; pool < POOL_MAX; pool++)
		if (!process_status_responds(req->conf, (enum pool)pool))
			return err_set(&req->err, RC_BUSY, "pool_unavailable",
			    "The pool %s does not respond", pool_names[pool]);
	return RC_OK;
}

/*
 * Checks the pools and the database. It does not use the transaction of the
 * route, because each failure must be a 503.
 */
static enum rc
ping(struct req *req)
{
	enum rc rc = check_pools(req);

	if (rc != RC_OK)
		return rc;
	req->prepared = arena_new(&req->arena, struct health);
	if (health_ping(req->db, &req->arena, req->conf, req->now,
	    req->prepared) == RC_OK)
		return RC_OK;
	return err_set(&req->err, RC_BUSY, "database_unavailable",
	    "The database does not respond.");
}

static void
render_backups(struct json_write *j, const char *key,
    const struct backup_log_status *c)
{
	json_write_obj(j, key);
	json_write_str(j, "status", backup_log_state_names[c->state]);
	json_write_time(j, "last_success_at", c->good.id == 0 ? INT64_MIN :
	    c->good.at);
	json_write_obj_end(j);
}

/*
 * Reports the health. Failed backups are reported, but do not change the
 * status, because clients can still be served.
 */
static enum rc
health(struct req *req)
{
	const struct health *h = req->prepared;

	json_write_obj(&req->j, NULL);
	json_write_str(&req->j, "status", "ok");
	json_write_str(&req->j, "database", "ok");
	render_backups(&req->j, "backup", &h->backup);
	render_backups(&req->j, "restore_drill", &h->drill);
	json_write_obj_end(&req->j);
	return RC_OK;
}

static enum rc
system_version(struct req *req)
{
	json_write_obj(&req->j, NULL);
	json_write_str(&req->j, "version", PACKAGE_VERSION);
	json_write_str(&req->j, "commit", EARMARK_COMMIT);
	json_write_int(&req->j, "schema", db_schema_have(req->db));
	json_write_obj_end(&req->j);
	return RC_OK;
}

static bool
is_loopback(const char *address)
{
	return address && (str_prefix(address, "127.") ||
	    str_eq(address, "::1") || str_prefix(address, "::ffff:127."));
}

/* Allows access to metrics from loopback or with the configured token. */
static enum rc
check_access(struct req *req)
{
	const char *want = req->conf->metrics_token;
	const char *given = req->authorization;
	struct hash a, b;

	if (!given && is_loopback(req->remote_addr))
		return RC_OK;
	if (!*want)
		return is_loopback(req->remote_addr) ? RC_OK :
		    err_set(&req->err, RC_FORBIDDEN, "forbidden",
		    "Metrics can only be read from this machine.");
	if (!given)
		return err_set(&req->err, RC_AUTH, "token_required",
		    "Access token required");
	/* Comparing digests takes the same time for all tokens. */
	if (strncasecmp(given, "Bearer ", 7) == 0) {
		a = hash_sha256(want, strlen(want));
		b = hash_sha256(given + 7, strlen(given + 7));
		if (hash_eq(a.b, b.b, sizeof(a.b)))
			return RC_OK;
	}
	return err_set(&req->err, RC_AUTH, NULL, NULL);
}

static enum rc
metrics(struct req *req)
{
	struct buf lines;
	enum rc rc;

	rc = check_access(req);
	if (rc != RC_OK)
		return rc;
	buf_init(&lines, 1 << 20);
	buf_fmt(&lines, "earmark_build_info{version=\"%s\",commit=\"%s\"} "
	    "1\n", PACKAGE_VERSION, EARMARK_COMMIT);
	rc = health_gauges(req->db, &req->arena, req->conf, req->now,
	    &lines);
	metric_dump(&lines);
	if (lines.full)
		rc = err_set(&req->err, RC_FAULT, NULL, NULL);
	if (rc == RC_OK)
		metric_expose(lines.data, req->out);
	buf_free(&lines);
	req->content_type_out = "text/plain; version=0.0.4; charset=utf-8";
	return rc;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/health", .prefix = PREFIX_APP,
	    .role = ROLE_OPEN, .tx = TX_NONE, .flags = ROUTE_NO_STORE,
	    .handler = health, .before = ping },
	{ .method = "GET", .path = "/health/live", .prefix = PREFIX_APP,
	    .role = ROLE_OPEN, .tx = TX_NONE, .flags = ROUTE_NO_STORE,
	    .handler = live },
	{ .method = "GET", .path = "/version", .prefix = PREFIX_APP,
	    .role = ROLE_OPEN, .tx = TX_NONE, .flags = ROUTE_NO_STORE,
	    .handler = system_version },
	{ .method = "GET", .path = "/metrics", .prefix = PREFIX_NONE,
	    .role = ROLE_OPEN, .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .handler = metrics },
};

const struct route_table system_routes = ROUTE_TABLE(routes);
