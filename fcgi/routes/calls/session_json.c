#include "fcgi/routes/calls/session_json.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"

enum session_eyes
session_eyes_of(const struct req *req, const struct session *s)
{
	return s->customer == req->actor.user ? EYES_CUSTOMER : EYES_LISTENER;
}

/* A number that is there once it has ended. */
static void
ended_int(struct jout *j, const struct session *s, const char *key, int64_t n)
{
	jout_opt(j, key, s->state == SESSION_ENDED ? n : INT64_MIN);
}

void
session_members(struct req *req, const struct session *s,
    enum session_eyes eyes)
{
	struct jout *j = &req->j;

	jout_int(j, "session_id", s->id);
	jout_opt(j, "call_id", s->call);
	jout_str(j, "state", session_state_words[s->state]);
	jout_int(j, "customer_id", s->customer);
	jout_str(j, "customer_username", s->customer_name);
	jout_int(j, "listener_id", s->listener);
	jout_str(j, "listener_username", s->listener_name);
	jout_int(j, "rate_per_minute", s->tariff.rate);
	jout_str(j, "currency", req->conf->currency);
	jout_time(j, "started_at", s->started_at);
	jout_time(j, "ended_at", s->ended_at);
	jout_str(j, "cause", s->state == SESSION_ENDED ?
	    session_cause_words[s->cause - 1] : NULL);
	ended_int(j, s, "duration_seconds", s->bill.length_ms / SECOND);
	ended_int(j, s, "billed_minutes", s->bill.minutes);
	ended_int(j, s, "free_minutes", s->bill.free_minutes);
	ended_int(j, s, "cost", s->bill.cost);
	jout_int(j, "refunded", s->refunded);
	if (eyes != EYES_CUSTOMER)
		ended_int(j, s, "earned", s->bill.earned);
	if (eyes == EYES_ADMIN)
		ended_int(j, s, "fee", s->bill.fee);
	jout_opt(j, "rating", s->rating == 0 ? INT64_MIN : s->rating);
	jout_str(j, "comment", s->comment);
}

static uint64_t
hash_text(uint64_t h, const char *text)
{
	return text ? hash_fast(h, text, strlen(text) + 1) :
	    hash_fast(h, "\1", 1);
}

uint64_t
session_hash(const struct session *s, uint64_t h)
{
	/* What an ended one cost is final; its rating can only come. */
	const int64_t numbers[] = { s->id, s->state, s->refunded, s->rating };

	h = hash_fast(h, numbers, sizeof(numbers));
	h = hash_text(h, s->customer_name);
	return hash_text(h, s->listener_name);
}

static enum rc
tag(struct req *req, const struct session_page *page)
{
	uint64_t h = HASH_FAST_SEED;

	for (size_t i = 0; i < page->n; i++)
		h = session_hash(&page->sessions[i], h);
	return req_etag(req, 4, req->actor.user, page->total,
	    (int64_t)page->more, (int64_t)h);
}

enum rc
session_render_list(struct req *req, enum page_tag list,
    const struct pages *in, struct session_query *query,
    const enum session_eyes *eyes)
{
	struct cursor c = { .order = query->state + 1 };
	struct session_page page;
	enum rc rc;

	rc = cursor_read(req, list, in->cursor, &c);
	if (rc != RC_OK)
		return rc;
	query->limit = in->per_page;
	query->before = c.given ? c.id : INT64_MAX;
	query->offset = c.given ? 0 : (in->page - 1) * in->per_page;
	rc = session_list(req->db, &req->arena, query, &page);
	if (rc == RC_OK)
		rc = tag(req, &page);
	if (rc != RC_OK)
		return rc;
	jout_obj(&req->j, NULL);
	jout_arr(&req->j, "sessions");
	for (size_t i = 0; i < page.n; i++) {
		const struct session *s = &page.sessions[i];

		jout_obj(&req->j, NULL);
		session_members(req, s, eyes ? *eyes :
		    session_eyes_of(req, s));
		jout_obj_end(&req->j);
		c.id = s->id;
	}
	jout_arr_end(&req->j);
	pages_render(req, in, page.total, page.more,
	    page.more ? cursor_write(req, list, &c) : NULL);
	jout_obj_end(&req->j);
	return RC_OK;
}

enum rc
session_path_id(struct req *req, int64_t *id)
{
	return req_path_id(req, id, "Session not found");
}
