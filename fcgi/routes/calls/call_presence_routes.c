/*
 * call_presence_routes: parties of a live call or session prove that they are
 * present and that they hear each other.
 */
#include "domain/calls/call.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/calls/id_field.h"

struct presence_in {
	int64_t call_id, session_id;
};
static const struct field presence_fields[] = {
	ID_FIELD(struct presence_in, call_id, 0, FIELD_NONE),
	ID_FIELD(struct presence_in, session_id, 0, FIELD_NONE),
};
static const struct field_table presence_table =
    FIELD_TABLE(presence_fields, struct presence_in);

/* Finds the session that the request names, or the session of its call. */
static enum rc
find_session(struct req *req, int64_t *session)
{
	const struct presence_in *in = req->body;
	struct call c;
	enum rc rc;

	*session = in->session_id;
	if ((in->call_id == FIELD_NONE) == (in->session_id == FIELD_NONE))
		return err_field(&req->err, "call_id",
		    "or session_id is required, not both");
	if (in->call_id == FIELD_NONE)
		return RC_OK;
	rc = call_get(req->db, &req->arena, in->call_id, req->actor.user, &c,
	    &req->err);
	if (rc != RC_OK)
		return rc;
	*session = c.session;
	if (c.state == CALL_ACCEPTED)
		return RC_OK;
	req->err.state = call_state_names[c.state];
	return err_set(&req->err, RC_CONFLICT, "call_state", "The call is %s",
	    req->err.state);
}

static enum rc
receive_heartbeat(struct req *req)
{
	struct session s;
	int64_t id;
	enum rc rc = find_session(req, &id);

	if (rc == RC_OK)
		rc = session_touch(req->db, id, req->actor.user,
		    req->actor.session, SESSION_PROOF_HEARTBEAT, 0, req->now,
		    &s, &req->err);
	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

static enum rc
receive_connected(struct req *req)
{
	struct session s;
	int64_t id;
	enum rc rc = find_session(req, &id);

	if (rc == RC_OK)
		rc = session_connected(req->db, id, req->actor.user,
		    req->actor.session, req->now, &s, &req->err);
	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

/* A heartbeat does not write to the database. */
static const struct route routes[] = {
	{ .method = "POST", .path = "/call/heartbeat", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_READ, .body = &presence_table,
	    .handler = receive_heartbeat },
	{ .method = "POST", .path = "/call/connected", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_WRITE, .body = &presence_table,
	    .handler = receive_connected },
};

const struct route_table call_presence_routes = ROUTE_TABLE(routes);
