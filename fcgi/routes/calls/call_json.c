#include "fcgi/routes/calls/call_json.h"

#include "base/clock.h"

void
call_members(struct req *req, const struct call *c)
{
	struct jout *j = &req->j;

	jout_int(j, "call_id", c->id);
	jout_str(j, "channel_name", c->channel);
	jout_str(j, "state", call_state_words[c->state]);
	jout_int(j, "caller_id", c->caller);
	jout_str(j, "caller_username", c->caller_name);
	jout_int(j, "callee_id", c->callee);
	jout_str(j, "callee_username", c->callee_name);
	jout_time(j, "created_at", c->created_at);
	jout_time(j, "ring_expires_at", c->ring_until);
	jout_time(j, "accepted_at", c->accepted_at);
	jout_time(j, "ended_at", c->ended_at);
	jout_opt(j, "ended_by", c->ended_by);
	jout_str(j, "cause", c->cause == 0 ? NULL :
	    session_cause_words[c->cause - 1]);
	jout_opt(j, "duration_seconds", c->accepted_at == INT64_MIN ||
	    c->ended_at == INT64_MIN ? INT64_MIN :
	    (c->ended_at - c->accepted_at) / SECOND);
	jout_opt(j, "session_id", c->session);
	/* What it cost is the caller's to know. */
	if (req->actor.user == c->caller || req->actor.roles & ROLE_ADMIN) {
		jout_opt(j, "cost", c->cost);
		jout_str(j, "currency", req->conf->currency);
	}
}
