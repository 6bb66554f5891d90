/*
 * sessions_routes: starts, ends, lists and reviews the paid sessions of the
 * caller.
 */
#include "base/clock.h"
#include "domain/calls/call.h"
#include "domain/calls/review.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/calls/id_field.h"
#include "fcgi/routes/calls/receipt.h"
#include "fcgi/routes/calls/session_json.h"
#include "fcgi/routes/calls/tariff_json.h"

#define COMMENT_MAX 2000

struct start_in {
	int64_t listener_id, call_id;
	int kind;
	int64_t expected_rate;
};
static const struct field start_fields[] = {
	ID_FIELD(struct start_in, listener_id, FIELD_REQUIRED, 0),
	ID_FIELD(struct start_in, call_id, 0, FIELD_NONE),
	TARIFF_FIELDS(struct start_in, kind, expected_rate),
};
static const struct field_table start_table =
    FIELD_TABLE(start_fields, struct start_in);

struct end_in {
	int64_t session_id;
	int reason;
};
static const char *const end_reasons[] = { "media_failed", NULL };
static const struct field end_fields[] = {
	ID_FIELD(struct end_in, session_id, FIELD_REQUIRED, 0),
	{ .name = "reason", .type = F_ENUM, .words = end_reasons,
	    .off = offsetof(struct end_in, reason), .dflt = -1 },
};
static const struct field_table end_table =
    FIELD_TABLE(end_fields, struct end_in);

struct review_in {
	int64_t rating;
	const char *comment;
};
static const struct field review_fields[] = {
	{ .name = "rating", .type = F_INT, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct review_in, rating), .min = 1, .max = 5 },
	{ .name = "comment", .type = F_STR, .flags = FIELD_TRIM | FIELD_CTL,
	    .off = offsetof(struct review_in, comment), .min = 1,
	    .max = COMMENT_MAX },
};
static const struct field_table review_table =
    FIELD_TABLE(review_fields, struct review_in);

/*
 * Finds the running session of a call. A call has a session after it was
 * accepted.
 */
static enum rc
find_call_session(struct req *req, const struct start_in *in, struct session *s,
    struct session_offer *o)
{
	struct call c;
	enum rc rc;

	rc = call_get(req->db, &req->arena, in->call_id, req->actor.user, &c,
	    &req->err);
	if (rc == RC_OK && (c.caller != req->actor.user ||
	    c.callee != in->listener_id))
		rc = err_set(&req->err, RC_NOT_FOUND, NULL, "Call not found");
	if (rc != RC_OK)
		return rc;
	if (c.state != CALL_ACCEPTED) {
		req->err.state = call_state_names[c.state];
		return err_set(&req->err, RC_CONFLICT, "call_state",
		    "The call is %s", req->err.state);
	}
	rc = session_core(req->db, c.session, req->actor.user, s, &req->err);
	/* Audio is also the default of requests without a kind. */
	if (rc == RC_OK && in->kind != LISTENER_AUDIO &&
	    in->kind != (int)s->kind)
		rc = err_field(&req->err, "kind", "is not the kind of the call");
	if (rc == RC_OK && in->expected_rate != FIELD_NONE &&
	    in->expected_rate != s->tariff.rate) {
		req->err.rate = s->tariff.rate;
		rc = err_set(&req->err, RC_CONFLICT, "rate_changed",
		    "The call has another rate");
	}
	return rc == RC_OK ? session_offer_of(req->db, s, o) : rc;
}

static enum rc
start_session(struct req *req)
{
	const struct start_in *in = req->body;
	const struct session_request r = { .customer = req->actor.user,
		.listener = in->listener_id, .call = INT64_MIN,
		.terms = { .kind = (enum listener_kind)in->kind,
		.expected_rate = in->expected_rate },
		.customer_device = req->actor.session };
	struct json_write *j = &req->j;
	struct session_offer o;
	struct session s;
	enum rc rc;

	if (in->call_id != FIELD_NONE)
		rc = find_call_session(req, in, &s, &o);
	else
		rc = session_start(req->db, &req->arena, req->conf, &r,
		    req->now, &s, &o, &req->err);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_int(j, "session_id", s.id);
	json_write_int(j, "listener_id", s.listener);
	json_write_int(j, "rate_per_minute", s.tariff.rate);
	json_write_str(j, "currency", req->conf->currency);
	json_write_int(j, "max_seconds", o.max_ms / SECOND);
	json_write_str(j, "channel", s.channel);
	json_write_str(j, "kind", listener_kind_names[s.kind]);
	tariff_json_write(req, &o);
	json_write_time(j, "started_at", s.started_at);
	json_write_obj_end(j);
	return RC_CREATED;
}

/* Ends a session. The listener does not see the balance of the customer. */
static enum rc
end_session(struct req *req)
{
	const struct end_in *in = req->body;
	struct json_write *j = &req->j;
	struct session s;
	bool first, customer;
	enum rc rc;

	rc = session_core(req->db, in->session_id, req->actor.user, &s,
	    &req->err);
	if (rc != RC_OK)
		return rc;
	customer = s.customer == req->actor.user;
	if (in->reason >= 0)
		rc = session_media_failed(req->db, req->conf, in->session_id,
		    req->actor.user, req->now, &s, &first, &req->err);
	else
		rc = session_end(req->db, in->session_id, req->actor.user,
		    customer ? SESSION_CAUSE_CUSTOMER : SESSION_CAUSE_LISTENER,
		    req->now, req->now, &s, &first, &req->err);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_int(j, "session_id", s.id);
	json_write_int(j, "duration_seconds", s.bill.length_ms / SECOND);
	json_write_int(j, "duration_ms", s.bill.length_ms);
	json_write_int(j, "billed_minutes", s.bill.minutes);
	json_write_int(j, "free_minutes", s.bill.free_minutes);
	json_write_int(j, "cost", s.bill.cost);
	if (!customer)
		json_write_int(j, "earned", s.bill.earned);
	json_write_opt(j, "balance", customer ? s.balance : INT64_MIN);
	json_write_str(j, "currency", req->conf->currency);
	json_write_str(j, "cause", session_cause_names[s.cause - 1]);
	json_write_time(j, "ended_at", s.ended_at);
	json_write_obj_end(j);
	return RC_OK;
}

static enum rc
list_sessions(struct req *req)
{
	const struct paged *in = req->query;
	struct session_query query = { .side = SESSION_SIDE_EITHER,
	    .user = req->actor.user, .state = -1 };

	return session_json_render_list(req, PAGING_SESSIONS, &in->pages,
	    &query, NULL);
}

/* Loads the session in the path. The caller must be a party. */
static enum rc
load_session(struct req *req, struct session *s)
{
	int64_t id;
	enum rc rc = session_json_path_id(req, &id);

	return rc == RC_OK ? session_get(req->db, &req->arena, id,
	    req->actor.user, s, &req->err) : rc;
}

static enum rc
get_session(struct req *req)
{
	struct session s;
	int64_t max_ms = INT64_MIN;
	enum session_json_viewer viewer;
	enum rc rc;

	rc = load_session(req, &s);
	viewer = rc == RC_OK ? session_json_viewer_of(req, &s) : 0;
	if (rc == RC_OK && s.state == SESSION_LIVE &&
	    viewer == SESSION_JSON_CUSTOMER)
		rc = session_max(req->db, &s, &max_ms);
	if (rc == RC_OK)
		rc = req_etag(req, 3, req->actor.user, max_ms,
		    (int64_t)session_json_hash(&s, HASH_FAST_SEED));
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	session_json_members(req, &s, viewer);
	if (viewer == SESSION_JSON_CUSTOMER)
		json_write_opt(&req->j, "max_seconds", max_ms == INT64_MIN ?
		    INT64_MIN : max_ms / SECOND);
	json_write_obj_end(&req->j);
	return RC_OK;
}

static enum rc
get_receipt(struct req *req)
{
	struct session s;
	enum rc rc;

	rc = load_session(req, &s);
	return rc == RC_OK ? receipt_render(req, &s,
	    session_json_viewer_of(req, &s)) : rc;
}

static enum rc
add_review(struct req *req)
{
	const struct review_in *in = req->body;
	struct json_write *j = &req->j;
	struct review r;
	int64_t id;
	enum rc rc;

	rc = session_json_path_id(req, &id);
	if (rc == RC_OK)
		rc = review_add(req->db, &req->arena, id, req->actor.user,
		    in->rating, in->comment, req->now, &r, &req->err);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_int(j, "session_id", r.session);
	json_write_int(j, "listener_id", r.listener);
	json_write_int(j, "rating", r.rating);
	json_write_str(j, "comment", r.comment);
	json_write_time(j, "created_at", r.created_at);
	json_write_obj_end(j);
	return RC_CREATED;
}

static const struct route routes[] = {
	{ .method = "POST", .path = "/sessions/start", .prefix = PREFIX_APP,
	    .role = ROLE_CUSTOMER, .tx = TX_WRITE, .flags = ROUTE_IDEMPOTENT,
	    .body = &start_table, .handler = start_session },
	{ .method = "POST", .path = "/sessions/end", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_WRITE, .flags = ROUTE_IDEMPOTENT,
	    .body = &end_table, .handler = end_session },
	{ .method = "GET", .path = "/sessions/history", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_READ, .query = &paged_table,
	    .handler = list_sessions },
	{ .method = "GET", .path = "/sessions/{id}", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_READ, .handler = get_session },
	{ .method = "GET", .path = "/sessions/{id}/receipt",
	    .prefix = PREFIX_APP, .role = ROLE_ANY, .tx = TX_READ,
	    .handler = get_receipt },
	{ .method = "POST", .path = "/sessions/{id}/review",
	    .prefix = PREFIX_APP, .role = ROLE_CUSTOMER, .tx = TX_WRITE,
	    .flags = ROUTE_IDEMPOTENT, .body = &review_table,
	    .handler = add_review },
};

const struct route_table sessions_routes = ROUTE_TABLE(routes);
