#include "fcgi/routes/calls/call_json.h"

#include "base/clock.h"
#include "fcgi/core/image_json.h"

void
call_json_members(struct req *req, const struct call *c)
{
	struct json_write *j = &req->j;

	json_write_int(j, "call_id", c->id);
	json_write_str(j, "kind", listener_kind_names[c->kind]);
	json_write_str(j, "channel_name", c->channel);
	json_write_str(j, "state", call_state_names[c->state]);
	json_write_int(j, "caller_id", c->caller);
	json_write_str(j, "caller_username", c->caller_name);
	image_json_thumb(j, req->conf, "caller_image_thumb_url",
	    c->caller_image);
	json_write_int(j, "callee_id", c->callee);
	json_write_str(j, "callee_username", c->callee_name);
	image_json_thumb(j, req->conf, "callee_image_thumb_url",
	    c->callee_image);
	json_write_time(j, "created_at", c->created_at);
	json_write_time(j, "ring_expires_at", c->ring_until);
	json_write_time(j, "accepted_at", c->accepted_at);
	json_write_time(j, "ended_at", c->ended_at);
	json_write_opt(j, "ended_by", c->ended_by);
	json_write_str(j, "cause", c->cause == 0 ? NULL :
	    session_cause_names[c->cause - 1]);
	json_write_opt(j, "duration_seconds", c->accepted_at == INT64_MIN ||
	    c->ended_at == INT64_MIN ? INT64_MIN :
	    (c->ended_at - c->accepted_at) / SECOND);
	json_write_opt(j, "session_id", c->session);
	/* Only the caller and administrators see the cost. */
	if (req->actor.user == c->caller || req->actor.roles & ROLE_ADMIN) {
		json_write_opt(j, "cost", c->cost);
		json_write_str(j, "currency", req->conf->currency);
	}
}
