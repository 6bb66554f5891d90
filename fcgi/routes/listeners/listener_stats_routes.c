/*
 * listener_stats_routes: what listeners have done: sessions, earnings, reviews.
 */
#include "base/hash.h"
#include "base/str.h"
#include "domain/calls/review.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/calls/session_json.h"

static enum rc
sessions(struct req *req, const void *arg)
{
	static const enum session_eyes eyes = EYES_LISTENER;
	const struct paged *in = req->query;
	struct session_query query = { .side = SIDE_LISTENER,
	    .user = req->actor.user, .state = -1 };

	(void)arg;
	return session_render_list(req, PAGE_LISTENER_SESSIONS, &in->pages,
	    &query, &eyes);
}

static enum rc
earnings(struct req *req, const void *arg)
{
	struct session_earnings e;
	struct jout *j = &req->j;
	enum rc rc;

	(void)arg;
	rc = session_earnings(req->db, req->actor.user, &e);
	if (rc == RC_OK)
		rc = req_etag(req, 6, req->actor.user, e.balance, e.earned,
		    e.paid_out, e.sessions, e.minutes);
	if (rc != RC_OK)
		return rc;
	jout_obj(j, NULL);
	jout_int(j, "balance", e.balance);
	jout_int(j, "earned", e.earned);
	jout_int(j, "paid_out", e.paid_out);
	jout_str(j, "currency", req->conf->currency);
	jout_int(j, "sessions_count", e.sessions);
	jout_int(j, "minutes", e.minutes);
	jout_obj_end(j);
	return RC_OK;
}

static enum rc
tag(struct req *req, const struct review_page *page)
{
	uint64_t h = HASH_FAST_SEED;

	/* A review never changes; its author's name may. */
	for (size_t i = 0; i < page->n; i++) {
		const char *name = page->reviews[i].username;

		h = hash_fast(h, &page->reviews[i].session, sizeof(int64_t));
		h = hash_fast(h, name ? name : "\1",
		    name ? strlen(name) + 1 : 1);
	}
	return req_etag(req, 3, page->total, (int64_t)page->more, (int64_t)h);
}

static void
render_review(struct jout *j, const struct review *r)
{
	jout_obj(j, NULL);
	jout_int(j, "session_id", r->session);
	jout_str(j, "username", r->username);
	jout_int(j, "rating", r->rating);
	jout_str(j, "comment", r->comment);
	jout_time(j, "created_at", r->created_at);
	jout_obj_end(j);
}

static enum rc
reviews(struct req *req, const void *arg)
{
	const struct paged *in = req->query;
	struct cursor c = { .order = 0 };
	struct review_page page;
	int64_t id;
	enum rc rc;

	(void)arg;
	rc = cursor_read(req, PAGE_REVIEWS, in->pages.cursor, &c);
	if (rc != RC_OK)
		return rc;
	rc = req_path_id(req, &id, "Listener not found");
	if (rc != RC_OK)
		return rc;
	rc = review_list(req->db, &req->arena, id, c.given ? c.id : INT64_MAX,
	    in->pages.per_page, pages_offset(&in->pages, &c), &page,
	    &req->err);
	if (rc == RC_OK)
		rc = tag(req, &page);
	if (rc != RC_OK)
		return rc;
	jout_obj(&req->j, NULL);
	jout_arr(&req->j, "reviews");
	for (size_t i = 0; i < page.n; i++) {
		render_review(&req->j, &page.reviews[i]);
		c.id = page.reviews[i].session;
	}
	jout_arr_end(&req->j);
	pages_render(req, &in->pages, page.total, page.more,
	    page.more ? cursor_write(req, PAGE_REVIEWS, &c) : NULL);
	jout_obj_end(&req->j);
	return RC_OK;
}

static const struct route routes[] = {
	{ "GET", "/listeners/sessions", PREFIX_APP, ROLE_LISTENER, TX_READ, 0,
	    &paged_table, NULL, sessions, NULL, NULL },
	{ "GET", "/listeners/earnings", PREFIX_APP, ROLE_LISTENER, TX_READ, 0,
	    NULL, NULL, earnings, NULL, NULL },
	{ "GET", "/listeners/{id}/reviews", PREFIX_APP, ROLE_MAYBE, TX_READ,
	    0, &paged_table, NULL, reviews, NULL, NULL },
};

const struct route_table listener_work_routes = ROUTE_TABLE(routes);
