/*
 * calls_routes: starts, accepts and ends calls, relays signals and lists calls.
 */
#include "base/proof_map.h"
#include "domain/calls/call_credential.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/calls/call_json.h"
#include "fcgi/routes/calls/id_field.h"
#include "fcgi/routes/calls/tariff_json.h"
#include "providers/agora.h"
#include "providers/media_credentials.h"

#define WITHOUT_RTC	-1

/*
 * Writes a call. until: the expiry of the media credential; 0: only the media
 * configuration; or WITHOUT_RTC.
 */
static void
render_call(struct req *req, const struct call *c, int64_t until)
{
	const struct media_access access = { .user = req->actor.user,
		.channel = c->channel, .video = c->kind == LISTENER_VIDEO,
		.until = until, .now = req->now };

	json_write_obj(&req->j, NULL);
	call_json_members(req, c);
	/* Only a call that was just started has an offer. */
	if (c->offer.limit_ms > 0)
		tariff_json_write(req, &c->offer);
	if (until != WITHOUT_RTC)
		media_credentials_write(&req->j, "rtc", &req->arena, req->conf,
		    &access);
	json_write_obj_end(&req->j);
}

/* Start */

struct start_in {
	int64_t caller_id, callee_id;
	const char *channel_name;
	int kind;
	int64_t expected_rate;
};
static const struct field start_fields[] = {
	ID_FIELD(struct start_in, caller_id, 0, FIELD_NONE),
	ID_FIELD(struct start_in, callee_id, FIELD_REQUIRED, 0),
	{ .name = "channel_name", .type = F_STR,
	    .off = offsetof(struct start_in, channel_name), .min = 1,
	    .max = CHANNEL_MAX },
	TARIFF_FIELDS(struct start_in, kind, expected_rate),
};
static const struct field_table start_table =
    FIELD_TABLE(start_fields, struct start_in);

static enum rc
start_call(struct req *req)
{
	const struct start_in *in = req->body;
	struct session_terms terms;
	struct call c;
	enum rc rc;

	if (in->channel_name != NULL && !agora_channel(in->channel_name))
		return err_field(&req->err, "channel_name", "must contain only "
		    "letters, digits, spaces and !#$%&()+-:;<=.>?@[]^_{}|~,");
	if (in->caller_id != FIELD_NONE && in->caller_id != req->actor.user)
		return err_set(&req->err, RC_FORBIDDEN, NULL,
		    "The caller must be the signed-in user");
	/*
	 * The notification of the callee is committed even if the call is
	 * rejected.
	 */
	req->keep_writes = true;
	terms.kind = (enum listener_kind)in->kind;
	terms.expected_rate = in->expected_rate;
	rc = call_start(req->db, &req->arena, req->conf, req->actor.user,
	    req->actor.session, in->callee_id, in->channel_name, &terms,
	    req->now, &c, &req->err);
	if (rc != RC_OK)
		return rc;
	render_call(req, &c, 0);
	return RC_CREATED;
}

/* Actions */

struct action_in {
	int64_t call_id;
};
static const struct field action_fields[] = {
	ID_FIELD(struct action_in, call_id, FIELD_REQUIRED, 0),
};
static const struct field_table action_table =
    FIELD_TABLE(action_fields, struct action_in);

static const enum call_action
    accept_action = CALL_ACTION_ACCEPT, reject_action = CALL_ACTION_REJECT,
    cancel_action = CALL_ACTION_CANCEL, end_action = CALL_ACTION_END,
    timeout_action = CALL_ACTION_TIMEOUT;

static enum rc
run_action(struct req *req)
{
	const enum call_action *action = req->route->arg;
	const struct action_in *in = req->body;
	int64_t until = WITHOUT_RTC;
	struct call c, live;
	bool again;
	enum rc rc;

	/* A timed-out ring is committed, even if the action fails. */
	req->keep_writes = true;
	rc = call_action(req->db, &req->arena, req->conf, in->call_id,
	    req->actor.user, req->actor.session, *action, req->now, &c,
	    &again, &req->err);
	if (rc == RC_OK && c.state == CALL_ACCEPTED && again) {
		rc = call_of_channel(req->db, &req->arena, c.channel,
		    req->actor.user, req->now, &live, &req->err);
		if (rc == RC_OK)
			c.money_until = live.money_until;
	}
	if (rc == RC_OK && c.state == CALL_ACCEPTED)
		rc = call_credential_issue(req->db, req->conf, &c, req->now,
		    &until);
	if (rc != RC_OK)
		return rc;
	if (until > 0)
		proof_map_credential(req->actor.session, until);
	render_call(req, &c, until);
	return RC_OK;
}

/* End */

struct end_in {
	struct action_in action;	/* first, for run_action() */
	int reason;
};
static const char *const end_reasons[] = { "media_failed", NULL };
static const struct field end_fields[] = {
	{ .name = "call_id", .type = F_INT,
	    .flags = FIELD_REQUIRED,
	    .off = offsetof(struct end_in, action.call_id), .min = 1,
	    .max = FIELD_INT_MAX },
	{ .name = "reason", .type = F_ENUM, .words = end_reasons,
	    .off = offsetof(struct end_in, reason), .dflt = -1 },
};
static const struct field_table end_table =
    FIELD_TABLE(end_fields, struct end_in);

/* A call whose media failed may be free of charge. */
static enum rc
end_call(struct req *req)
{
	const struct end_in *in = req->body;
	struct call c;
	enum rc rc;

	if (in->reason < 0)
		return run_action(req);
	rc = call_media_failed(req->db, &req->arena, req->conf,
	    in->action.call_id, req->actor.user, req->now, &c, &req->err);
	if (rc == RC_OK)
		render_call(req, &c, WITHOUT_RTC);
	return rc;
}

/* Signals */

#define SIGNAL_MAX	(16 * 1024)

static const char *const signal_types[] = {
	"offer", "answer", "candidate", "bye", "media", NULL
};
struct signal_in {
	int64_t call_id, session_id;
	int type;
	const char *data;
};
static const struct field signal_fields[] = {
	ID_FIELD(struct signal_in, call_id, 0, FIELD_NONE),
	ID_FIELD(struct signal_in, session_id, 0, FIELD_NONE),
	{ .name = "type", .type = F_ENUM, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct signal_in, type), .words = signal_types,
	    .dflt = -1 },
	{ .name = "data", .type = F_JSON,
	    .off = offsetof(struct signal_in, data) },
};
static const struct field_table signal_table =
    FIELD_TABLE(signal_fields, struct signal_in);

static enum rc
relay_signal(struct req *req)
{
	const struct signal_in *in = req->body;
	const char *data = in->data == NULL ? "null" : in->data;
	enum rc rc;

	if ((in->call_id == FIELD_NONE) == (in->session_id == FIELD_NONE))
		return err_field(&req->err, "call_id",
		    "or session_id is required, not both");
	if (in->data != NULL && strlen(in->data) > SIGNAL_MAX)
		return err_set(&req->err, RC_TOO_LARGE, NULL, NULL);
	if (in->session_id != FIELD_NONE)
		rc = session_signal(req->db, &req->arena, req->conf,
		    in->session_id, req->actor.user, req->actor.session,
		    signal_types[in->type], data, req->now, &req->err);
	else
		rc = call_signal(req->db, &req->arena, in->call_id,
		    req->actor.user, signal_types[in->type], data, req->now,
		    &req->err);
	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

/* Lists and details */

/*
 * Returns the expiry of a credential for the caller's login session, 0 for a
 * call that it has started, or WITHOUT_RTC. So it can reconnect.
 */
static int64_t
credential_of(struct req *req, struct call *c)
{
	int64_t until;
	struct call live;

	if (c->state == CALL_RINGING && req->actor.user == c->caller)
		return c->caller_device == req->actor.session ? 0 : WITHOUT_RTC;
	if (c->state != CALL_ACCEPTED || call_of_channel(req->db, &req->arena,
	    c->channel, req->actor.user, req->now, &live, &req->err) != RC_OK)
		return WITHOUT_RTC;
	until = call_credential_until(&live, req->actor.user,
	    req->actor.session, req->now);
	if (until == 0)
		return WITHOUT_RTC;
	proof_map_credential(req->actor.session, until);
	return until;
}

static enum rc
get_call(struct req *req)
{
	bool admin = req->actor.roles & ROLE_ADMIN;
	struct call c;
	int64_t id, until;
	enum rc rc;

	rc = req_path_id(req, &id, "Call not found");
	if (rc != RC_OK)
		return rc;
	rc = call_get(req->db, &req->arena, id, admin ? 0 : req->actor.user,
	    &c, &req->err);
	if (rc != RC_OK)
		return rc;
	until = credential_of(req, &c);
	/* Administrators who are not a party get no credential. */
	err_init(&req->err, &req->arena);
	render_call(req, &c, until);
	return RC_OK;
}

struct history_in {
	struct pages pages;
	int64_t user_id;
	int state;
};
static const struct field history_fields[] = {
	PAGING_FIELDS(struct history_in, pages),
	ID_FIELD(struct history_in, user_id, 0, FIELD_NONE),
	{ .name = "state", .type = F_ENUM, .words = call_state_names,
	    .off = offsetof(struct history_in, state), .dflt = -1 },
};
static const struct field_table history_table =
    FIELD_TABLE(history_fields, struct history_in);

static enum rc
list_calls(struct req *req)
{
	const struct history_in *in = req->query;
	int64_t user = in->user_id == FIELD_NONE ? req->actor.user :
	    in->user_id;
	struct cursor c = { .order = user * 8 + in->state + 1 };
	struct call_query query;
	struct call_page page;
	enum rc rc;

	if (user != req->actor.user && !(req->actor.roles & ROLE_ADMIN))
		return err_set(&req->err, RC_FORBIDDEN, NULL,
		    "You can only list your own calls");
	rc = paging_cursor_read(req, PAGING_CALLS, in->pages.cursor, &c);
	if (rc != RC_OK)
		return rc;
	query = (struct call_query){ .user = user, .state = in->state,
	    .before = c.given ? c.id : INT64_MAX,
	    .limit = in->pages.per_page,
	    .offset = paging_offset(&in->pages, &c) };
	rc = call_list(req->db, &req->arena, &query, &page);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_arr(&req->j, "calls");
	for (size_t i = 0; i < page.n; i++) {
		render_call(req, &page.calls[i], WITHOUT_RTC);
		c.id = page.calls[i].id;
	}
	json_write_arr_end(&req->j);
	paging_render(req, &in->pages, page.total, page.more,
	    page.more ? paging_cursor_write(req, PAGING_CALLS, &c) : NULL);
	json_write_obj_end(&req->j);
	return RC_OK;
}

#define ACTION(name) \
	{ .method = "POST", .path = "/call/" #name, .prefix = PREFIX_APP, \
	    .role = ROLE_ANY, .tx = TX_WRITE, .flags = ROUTE_NO_STORE, \
	    .body = &action_table, .handler = run_action, \
	    .arg = &name##_action }

static const struct route routes[] = {
	{ .method = "POST", .path = "/call/start", .prefix = PREFIX_APP,
	    .role = ROLE_CUSTOMER, .tx = TX_WRITE,
	    .flags = ROUTE_IDEMPOTENT | ROUTE_NO_STORE, .body = &start_table,
	    .handler = start_call },
	ACTION(accept), ACTION(reject), ACTION(cancel), ACTION(timeout),
	{ .method = "POST", .path = "/call/end", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_WRITE, .flags = ROUTE_NO_STORE,
	    .body = &end_table, .handler = end_call, .arg = &end_action },
	{ .method = "POST", .path = "/call/signal", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_WRITE, .body = &signal_table,
	    .handler = relay_signal },
	{ .method = "GET", .path = "/calls/history", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .query = &history_table, .handler = list_calls },
	{ .method = "GET", .path = "/calls/{call_id}", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .handler = get_call },
};

const struct route_table calls_routes = ROUTE_TABLE(routes);
