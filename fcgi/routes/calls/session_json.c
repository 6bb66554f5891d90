#include "fcgi/routes/calls/session_json.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"

enum session_json_viewer
session_json_viewer_of(const struct req *req, const struct session *s)
{
	return s->customer == req->actor.user ? SESSION_JSON_CUSTOMER :
	    SESSION_JSON_LISTENER;
}

/* Writes a number that is null until the session ends. */
static void
ended_int(struct json_write *j, const struct session *s, const char *key,
    int64_t n)
{
	json_write_opt(j, key, s->state == SESSION_ENDED ? n : INT64_MIN);
}

void
session_json_members(struct req *req, const struct session *s,
    enum session_json_viewer viewer)
{
	struct json_write *j = &req->j;

	json_write_int(j, "session_id", s->id);
	json_write_opt(j, "call_id", s->call);
	json_write_str(j, "state", session_state_names[s->state]);
	json_write_str(j, "kind", listener_kind_names[s->kind]);
	json_write_str(j, "channel", s->channel);
	json_write_int(j, "customer_id", s->customer);
	json_write_str(j, "customer_username", s->customer_name);
	json_write_int(j, "listener_id", s->listener);
	json_write_str(j, "listener_username", s->listener_name);
	json_write_int(j, "rate_per_minute", s->tariff.rate);
	json_write_str(j, "currency", req->conf->currency);
	json_write_time(j, "started_at", s->started_at);
	json_write_time(j, "ended_at", s->ended_at);
	json_write_str(j, "cause", s->state == SESSION_ENDED ?
	    session_cause_names[s->cause - 1] : NULL);
	ended_int(j, s, "duration_seconds", s->bill.length_ms / SECOND);
	ended_int(j, s, "duration_ms", s->bill.length_ms);
	ended_int(j, s, "billed_minutes", s->bill.minutes);
	ended_int(j, s, "free_minutes", s->bill.free_minutes);
	ended_int(j, s, "cost", s->bill.cost);
	json_write_int(j, "refunded", s->refunded);
	if (viewer != SESSION_JSON_CUSTOMER)
		ended_int(j, s, "earned", s->bill.earned);
	if (viewer == SESSION_JSON_ADMIN)
		ended_int(j, s, "fee", s->bill.fee);
	json_write_opt(j, "rating", s->rating == 0 ? INT64_MIN : s->rating);
	json_write_str(j, "comment", s->comment);
}

static uint64_t
hash_text(uint64_t h, const char *text)
{
	return text ? hash_fast(h, text, strlen(text) + 1) :
	    hash_fast(h, "\1", 1);
}

uint64_t
session_json_hash(const struct session *s, uint64_t h)
{
	/*
	 * The cost of an ended session does not change. A rating can be added
	 * and refunds can follow.
	 */
	const int64_t numbers[] = { s->id, s->state, s->refunded, s->rating };

	h = hash_fast(h, numbers, sizeof(numbers));
	h = hash_text(h, s->customer_name);
	return hash_text(h, s->listener_name);
}

static enum rc
page_etag(struct req *req, const struct session_page *page)
{
	uint64_t h = HASH_FAST_SEED;

	for (size_t i = 0; i < page->n; i++)
		h = session_json_hash(&page->sessions[i], h);
	return req_etag(req, 4, req->actor.user, page->total,
	    (int64_t)page->more, (int64_t)h);
}

enum rc
session_json_render_list(struct req *req, enum paging_tag list,
    const struct pages *in, struct session_query *query,
    const enum session_json_viewer *viewer)
{
	struct cursor c = { .order = query->state + 1 };
	struct session_page page;
	enum rc rc;

	rc = paging_cursor_read(req, list, in->cursor, &c);
	if (rc != RC_OK)
		return rc;
	query->limit = in->per_page;
	query->before = c.given ? c.id : INT64_MAX;
	query->offset = c.given ? 0 : (in->page - 1) * in->per_page;
	rc = session_list(req->db, &req->arena, query, &page);
	if (rc == RC_OK)
		rc = page_etag(req, &page);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_arr(&req->j, "sessions");
	for (size_t i = 0; i < page.n; i++) {
		const struct session *s = &page.sessions[i];

		json_write_obj(&req->j, NULL);
		session_json_members(req, s, viewer ? *viewer :
		    session_json_viewer_of(req, s));
		json_write_obj_end(&req->j);
		c.id = s->id;
	}
	json_write_arr_end(&req->j);
	paging_render(req, in, page.total, page.more,
	    page.more ? paging_cursor_write(req, list, &c) : NULL);
	json_write_obj_end(&req->j);
	return RC_OK;
}

enum rc
session_json_path_id(struct req *req, int64_t *id)
{
	return req_path_id(req, id, "Session not found");
}
