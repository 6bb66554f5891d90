/*
 * admin_status_routes: the status of the system, as `earmark status` prints it.
 */
#include "commit.h"
#include "domain/ops/status.h"
#include "fcgi/core/routes.h"
#include "json/json_status.h"

static enum rc
get_admin_status(struct req *req)
{
	struct status_tree facts;
	enum rc rc;

	status_tree_init(&facts, &req->arena);
	rc = status_gather(req->db, req->conf, req->now, PACKAGE_VERSION,
	    EARMARK_COMMIT, &facts);
	if (rc == RC_OK)
		json_status_write(&req->j, &facts);
	return rc;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/admin/status", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN, .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .handler = get_admin_status },
};

const struct route_table admin_status_routes = ROUTE_TABLE(routes);
