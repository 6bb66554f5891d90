/*
 * blocks_routes: users that the caller has blocked.
 */
#include "base/str.h"
#include "domain/calls/call_block.h"
#include "domain/listeners/user_block.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/listeners/listener_json.h"

static enum rc
blocks_etag(struct req *req, const struct user_block_page *page)
{
	uint64_t h = HASH_FAST_SEED;

	for (size_t i = 0; i < page->n; i++) {
		const struct user_block *b = &page->v[i];
		const int64_t numbers[] = { b->user, b->created_at };

		h = hash_fast(h, numbers, sizeof(numbers));
		if (b->username != NULL)
			h = hash_fast(h, b->username, strlen(b->username));
		h = hash_fast(h, "", 1);
		if (b->image != NULL)
			h = hash_fast(h, b->image, strlen(b->image));
	}
	return req_etag(req, 3, page->total, (int64_t)page->more, (int64_t)h);
}

static enum rc
list_blocks(struct req *req)
{
	const struct paged *in = req->query;
	struct user_block_page page = { .limit = in->pages.per_page };
	struct cursor c = { .order = 0 };
	struct json_write *j = &req->j;
	enum rc rc;

	rc = paging_cursor_read(req, PAGING_BLOCKS, in->pages.cursor, &c);
	if (rc != RC_OK)
		return rc;
	page.after = c.given;
	page.at = c.key;
	page.id = c.id;
	page.offset = paging_offset(&in->pages, &c);
	rc = user_block_list(req->db, &req->arena, req->actor.user, &page);
	if (rc == RC_OK)
		rc = blocks_etag(req, &page);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_arr(j, "blocks");
	for (size_t i = 0; i < page.n; i++) {
		const struct user_block *b = &page.v[i];

		json_write_obj(j, NULL);
		json_write_int(j, "user_id", b->user);
		json_write_str(j, "username", b->username);
		listener_json_image(j, req->conf, b->image);
		json_write_time(j, "created_at", b->created_at);
		json_write_obj_end(j);
		c.key = b->created_at;
		c.id = b->user;
	}
	json_write_arr_end(j);
	paging_render(req, &in->pages, page.total, page.more, page.more ?
	    paging_cursor_write(req, PAGING_BLOCKS, &c) : NULL);
	json_write_obj_end(j);
	return RC_OK;
}

static void
render_state(struct json_write *j, int64_t user, bool blocked, int64_t at)
{
	json_write_obj(j, NULL);
	json_write_int(j, "user_id", user);
	json_write_bool(j, "is_blocked", blocked);
	json_write_time(j, "created_at", at);
	json_write_obj_end(j);
}

static enum rc
block(struct req *req)
{
	int64_t user, at;
	enum rc rc = req_path_id(req, &user, "User not found");

	if (rc == RC_OK)
		rc = call_block(req->db, &req->arena, req->conf,
		    req->actor.user, user, req->now, &at, &req->err);
	if (rc == RC_OK)
		render_state(&req->j, user, true, at);
	return rc;
}

static enum rc
unblock(struct req *req)
{
	int64_t user;
	enum rc rc = req_path_id(req, &user, "User not found");

	if (rc == RC_OK)
		rc = user_block_remove(req->db, req->actor.user, user);
	if (rc == RC_OK)
		render_state(&req->j, user, false, INT64_MIN);
	return rc;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/user/blocks", .prefix = PREFIX_APP,
	    .role = ROLE_ANY, .tx = TX_READ, .query = &paged_table,
	    .handler = list_blocks },
	{ .method = "PUT", .path = "/user/blocks/{user_id}",
	    .prefix = PREFIX_APP, .role = ROLE_ANY, .tx = TX_WRITE,
	    .handler = block },
	{ .method = "DELETE", .path = "/user/blocks/{user_id}",
	    .prefix = PREFIX_APP, .role = ROLE_ANY, .tx = TX_WRITE,
	    .handler = unblock },
};

const struct route_table blocks_routes = ROUTE_TABLE(routes);
