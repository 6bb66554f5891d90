/*
 * listener_stats_routes: sessions, earnings and reviews of a listener.
 */
#include "base/hash.h"
#include "base/str.h"
#include "domain/calls/review.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/calls/session_json.h"

static enum rc
listener_sessions(struct req *req)
{
	static const enum session_json_viewer viewer = SESSION_JSON_LISTENER;
	const struct paged *in = req->query;
	struct session_query query = { .side = SESSION_SIDE_LISTENER,
	    .user = req->actor.user, .state = -1 };

	return session_json_render_list(req, PAGING_LISTENER_SESSIONS,
	    &in->pages, &query, &viewer);
}

static enum rc
earnings(struct req *req)
{
	struct session_earnings e;
	struct json_write *j = &req->j;
	enum rc rc;

	rc = session_earnings(req->db, req->actor.user, &e);
	if (rc == RC_OK)
		rc = req_etag(req, 6, req->actor.user, e.balance, e.earned,
		    e.paid_out, e.sessions, e.minutes);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_int(j, "balance", e.balance);
	json_write_int(j, "earned", e.earned);
	json_write_int(j, "paid_out", e.paid_out);
	json_write_str(j, "currency", req->conf->currency);
	json_write_int(j, "sessions_count", e.sessions);
	json_write_int(j, "minutes", e.minutes);
	json_write_obj_end(j);
	return RC_OK;
}

static enum rc
reviews_etag(struct req *req, const struct review_page *page)
{
	uint64_t h = HASH_FAST_SEED;

	/* A listed review never changes, but the name of its author may. */
	for (size_t i = 0; i < page->n; i++) {
		const char *name = page->reviews[i].username;

		h = hash_fast(h, &page->reviews[i].session, sizeof(int64_t));
		h = hash_fast(h, name ? name : "\1",
		    name ? strlen(name) + 1 : 1);
	}
	return req_etag(req, 3, page->total, (int64_t)page->more, (int64_t)h);
}

static void
render_review(struct json_write *j, const struct review *r)
{
	json_write_obj(j, NULL);
	json_write_int(j, "review_id", r->session);
	json_write_int(j, "session_id", r->session);
	json_write_str(j, "username", r->username);
	json_write_int(j, "rating", r->rating);
	json_write_str(j, "comment", r->comment);
	json_write_time(j, "created_at", r->created_at);
	json_write_obj_end(j);
}

static enum rc
reviews(struct req *req)
{
	const struct paged *in = req->query;
	struct cursor c = { .order = 0 };
	struct review_page page;
	int64_t id;
	enum rc rc;

	rc = paging_cursor_read(req, PAGING_REVIEWS, in->pages.cursor, &c);
	if (rc != RC_OK)
		return rc;
	rc = req_path_id(req, &id, "Listener not found");
	if (rc != RC_OK)
		return rc;
	rc = review_list(req->db, &req->arena, req->conf, id,
	    c.given ? c.id : INT64_MAX, in->pages.per_page,
	    paging_offset(&in->pages, &c), &page, &req->err);
	if (rc == RC_OK)
		rc = reviews_etag(req, &page);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_arr(&req->j, "reviews");
	for (size_t i = 0; i < page.n; i++) {
		render_review(&req->j, &page.reviews[i]);
		c.id = page.reviews[i].session;
	}
	json_write_arr_end(&req->j);
	paging_render(req, &in->pages, page.total, page.more,
	    page.more ? paging_cursor_write(req, PAGING_REVIEWS, &c) : NULL);
	json_write_obj_end(&req->j);
	return RC_OK;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/listeners/sessions", .prefix = PREFIX_APP,
	    .role = ROLE_LISTENER, .tx = TX_READ, .query = &paged_table,
	    .handler = listener_sessions },
	{ .method = "GET", .path = "/listeners/earnings", .prefix = PREFIX_APP,
	    .role = ROLE_LISTENER, .tx = TX_READ, .handler = earnings },
	{ .method = "GET", .path = "/listeners/{id}/reviews",
	    .prefix = PREFIX_APP, .role = ROLE_MAYBE, .tx = TX_READ,
	    .query = &paged_table, .handler = reviews },
};

const struct route_table listener_stats_routes = ROUTE_TABLE(routes);
