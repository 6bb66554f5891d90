/*
 * events_routes: lists the events of the caller, for clients without a realtime
 * connection.
 */
#include "base/proof_map.h"
#include "domain/calls/call_event.h"
#include "domain/common/event.h"
#include "fcgi/core/routes.h"
#include "providers/media_credentials.h"

struct events_in {
	int64_t after, limit;
};
static const struct field events_fields[] = {
	{ .name = "after", .type = F_INT, .flags = FIELD_CLAMP, .off =
	    offsetof(struct events_in, after), .min = 0,
	    .max = FIELD_INT_MAX },
	{ .name = "limit", .type = F_INT, .flags = FIELD_CLAMP, .off =
	    offsetof(struct events_in, limit), .min = 1, .max = 500,
	    .dflt = 100 },
};
static const struct field_table events_table =
    FIELD_TABLE(events_fields, struct events_in);

static enum rc
render_event(struct req *req, const struct event *e)
{
	struct media_access access = { .user = req->actor.user,
		.channel = e->channel, .now = req->now };
	struct json_write *j = &req->j;
	struct call_event_view v;
	enum rc rc;

	rc = call_event_read(req->db, &req->arena, e, req->actor.user,
	    req->actor.session, req->now, &v);
	if (rc != RC_OK)
		return rc;
	if (v.until > 0)
		proof_map_credential(req->actor.session, v.until);
	access.until = v.until;
	access.video = v.kind == LISTENER_VIDEO;
	json_write_obj(j, NULL);
	json_write_int(j, "seq", e->seq);
	json_write_str(j, "type", event_type_names[e->type]);
	json_write_time(j, "at", e->at);
	json_write_raw(j, "data", !v.rtc ? v.data :
	    media_credentials_event(&req->arena, req->conf, v.data,
	    &access));
	json_write_obj_end(j);
	return RC_OK;
}

/*
 * A response that is cached must not contain credentials that expire soon or
 * of another login session, so the tag changes with both.
 */
static enum rc
events_etag(struct req *req, int64_t last, int64_t pruned)
{
	int64_t half = req->conf->token_ttl * SECOND / 2;

	return req_etag(req, 5, req->actor.user, last, pruned, req->actor.session,
	    req->now / half);
}

static enum rc
list_events(struct req *req)
{
	const struct events_in *in = req->query;
	int64_t last, pruned, user = req->actor.user;
	struct json_write *j = &req->j;
	struct event_page page;
	const struct event *e;
	enum rc rc;

	rc = event_ends(req->db, user, &last, &pruned);
	if (rc == RC_OK)
		rc = events_etag(req, last, pruned);
	if (rc == RC_OK)
		rc = event_list(req->db, &req->arena, user, in->after,
		    in->limit, &page);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_arr(j, "events");
	for (e = page.events; e < page.events + page.n; e++) {
		rc = render_event(req, e);
		if (rc != RC_OK)
			return rc;
	}
	json_write_arr_end(j);
	json_write_int(j, "next_after", page.more ? e[-1].seq : page.last);
	json_write_bool(j, "has_more", page.more);
	json_write_bool(j, "resync", page.resync);
	json_write_int(j, "last", page.last);
	json_write_obj_end(j);
	return RC_OK;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/events", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_READ, .query = &events_table,
	    .handler = list_events },
};
const struct route_table events_routes = ROUTE_TABLE(routes);
