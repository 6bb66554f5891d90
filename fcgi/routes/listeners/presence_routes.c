/*
 * presence_routes: sets the presence of the caller, and reads that of others.
 */
#include "base/clock.h"
#include "domain/listeners/presence.h"
#include "domain/messaging/push_device.h"
#include "fcgi/core/routes.h"

#define QUERY_MAX 100

static void
render_presence(struct json_write *j, const char *key, const struct presence *p)
{
	json_write_obj(j, key);
	json_write_int(j, "user_id", p->user_id);
	json_write_str(j, "status", presence_names[p->status]);
	json_write_bool(j, "is_online", p->is_online);
	json_write_bool(j, "is_busy", p->is_busy);
	json_write_time(j, "last_seen", p->last_seen);
	json_write_obj_end(j);
}

struct update {
	int status;
	int64_t reachable_for;
};

static const struct field update_fields[] = {
	{ .name = "status", .type = F_ENUM, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct update, status), .words = presence_names,
	    .dflt = -1 },
	{ .name = "reachable_for", .type = F_INT,
	    .off = offsetof(struct update, reachable_for), .min = 0,
	    .max = 12 * 60 * 60, .dflt = FIELD_NONE },
};
static const struct field_table update_table =
    FIELD_TABLE(update_fields, struct update);

/* Checks that the caller may be reachable without a connection. */
static enum rc
check_reachable(struct req *req, int64_t seconds)
{
	bool rings = true;
	enum rc rc = RC_OK;

	if (!(req->actor.roles & ROLE_LISTENER))
		return err_set(&req->err, RC_FORBIDDEN, "role_required",
		    "Access denied. Listener role required");
	if (seconds > 0)
		rc = push_device_rings(req->db, req->actor.user, &rings);
	return rc != RC_OK || rings ? rc : err_set(&req->err, RC_CONFLICT,
	    "no_ringing_device",
	    "Register a device that can ring to be reachable");
}

static enum rc
update_presence(struct req *req)
{
	const struct update *in = req->body;
	int64_t max = req->conf->reachable_max, reachable = INT64_MIN;
	struct presence p;
	enum rc rc;

	if (in->reachable_for != FIELD_NONE) {
		rc = check_reachable(req, in->reachable_for);
		if (rc != RC_OK)
			return rc;
		reachable = req->now + SECOND * (in->reachable_for < max ?
		    in->reachable_for : max);
	}
	rc = presence_set(req->db, req->actor.user,
	    (enum presence_status)in->status, req->conf->online_ttl * SECOND,
	    reachable, req->now);
	if (rc == RC_OK)
		rc = presence_get(req->db, req->actor.user, 0, req->now,
		    &p, &req->err);
	if (rc == RC_OK)
		render_presence(&req->j, NULL, &p);
	return rc;
}

static enum rc
get_presence(struct req *req)
{
	struct presence p;
	int64_t user;
	enum rc rc;

	rc = req_path_id(req, &user, "User not found");
	if (rc != RC_OK)
		return rc;
	rc = presence_get(req->db, user, req->actor.user, req->now, &p,
	    &req->err);
	if (rc == RC_OK)
		rc = req_etag(req, 3, (int64_t)p.status, (int64_t)p.is_busy,
		    p.last_seen);
	if (rc == RC_OK)
		render_presence(&req->j, NULL, &p);
	return rc;
}

struct query {
	struct intv user_ids;
};

static const struct field query_fields[] = {
	{ .name = "user_ids", .type = F_INTV,
	    .flags = FIELD_REQUIRED, .off = offsetof(struct query, user_ids),
	    .min = 1, .max = QUERY_MAX },
};
static const struct field_table query_table =
    FIELD_TABLE(query_fields, struct query);

static enum rc
query(struct req *req)
{
	const struct query *in = req->body;
	struct presence *list;
	size_t n;
	enum rc rc;

	rc = presence_many(req->db, &req->arena, in->user_ids.v,
	    in->user_ids.n, req->actor.user, req->now, &list, &n);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_arr(&req->j, "presence");
	for (size_t i = 0; i < n; i++)
		render_presence(&req->j, NULL, &list[i]);
	json_write_arr_end(&req->j);
	json_write_obj_end(&req->j);
	return RC_OK;
}

static const struct route routes[] = {
	{ .method = "POST", .path = "/presence/update", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_WRITE, .body = &update_table,
	    .handler = update_presence },
	{ .method = "POST", .path = "/presence/query", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_READ, .body = &query_table,
	    .handler = query },
	{ .method = "GET", .path = "/presence/{user_id}", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_READ, .handler = get_presence },
};

const struct route_table presence_routes = ROUTE_TABLE(routes);
