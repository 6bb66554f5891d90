/*
 * flyer_favorites_routes: favorites of flyers, as clients of Django REST
 * Framework expect them.
 */
#include "base/str.h"
#include "domain/common/favoritable.h"
#include "domain/favorites/favorite_list.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "fcgi/core/spool.h"
#include "fcgi/routes/catalog/catalog_json.h"
#include "fcgi/routes/catalog/catalog_page.h"
#include "fcgi/routes/favorites/favorite_items.h"

#define FLAGS	ROUTE_DETAIL
/* Rows per batch of the plain array, and of the revisions for its ETag. */
#define BATCH	100
#define BATCH_REVISIONS	500

static enum rc
map_not_found(struct req *req, enum rc rc)
{
	return rc != RC_NOT_FOUND ? rc : err_set(&req->err, RC_NOT_FOUND,
	    NULL, "Flyer not found");
}

/*
 * Fills the requested change. If the path is not a number, the flyer is not
 * found.
 */
static enum rc
flyer_favorite_change_of(struct req *req, struct favorite_change *c)
{
	*c = (struct favorite_change){ .user = req->actor.user,
	    .kind = FAVORITE_FLYER, .now = req->now, .request_id = req->id };
	return req_path_arg_int(req, 0, &c->entity_id) ? RC_OK :
	    map_not_found(req, RC_NOT_FOUND);
}

static enum rc
add_flyer_favorite(struct req *req)
{
	struct favorite_change c;
	struct favorite f;
	bool added;
	enum rc rc;

	rc = flyer_favorite_change_of(req, &c);
	if (rc == RC_OK)
		rc = favorite_add(req->db, req->conf, &c, &added, &f,
		    &req->err);
	if (rc != RC_OK)
		return map_not_found(req, rc);
	json_write_obj(&req->j, NULL);
	json_write_int(&req->j, "id", f.id);
	json_write_int(&req->j, "flyer_id", f.entity_id);
	json_write_time(&req->j, "created_at", f.created_at);
	json_write_obj_end(&req->j);
	return added ? RC_CREATED : RC_OK;
}

static enum rc
remove_flyer_favorite(struct req *req)
{
	struct favorite_change c;
	bool removed;
	enum rc rc;

	rc = flyer_favorite_change_of(req, &c);
	if (rc == RC_OK)
		rc = favorite_remove(req->db, &c, &removed);
	if (rc != RC_OK)
		return rc;
	if (!removed)
		return err_set(&req->err, RC_NOT_FOUND, NULL,
		    "Favorite not found");
	return RC_NO_CONTENT;
}

static enum rc
check_flyer_favorite(struct req *req)
{
	int64_t flyer;
	bool found;
	enum rc rc;

	if (!req_path_arg_int(req, 0, &flyer))
		return map_not_found(req, RC_NOT_FOUND);
	rc = favorite_find(req->db, req->actor.user, FAVORITE_FLYER, flyer,
	    &found, NULL);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_int(&req->j, "flyer_id", flyer);
	json_write_bool(&req->j, "is_favorited", found);
	json_write_obj_end(&req->j);
	return RC_OK;
}

struct list_query {
	int64_t limit, offset;
	const char *cursor;
};
static const struct field list_fields[] = {
	{ .name = "limit", .type = F_INT, .flags = FIELD_CLAMP, .off =
	    offsetof(struct list_query, limit), .min = 1, .max = 100,
	    .dflt = FIELD_NONE },
	{ .name = "offset", .type = F_INT, .off = offsetof(struct list_query,
	    offset), .min = 0, .max = 1000000000, .dflt = FIELD_NONE },
	{ .name = "cursor", .type = F_STR, .off = offsetof(struct list_query,
	    cursor), .min = 1, .max = 512 },
};
static const struct field_table list_table =
    FIELD_TABLE(list_fields, struct list_query);

static char *
offset_url(struct req *req, int64_t offset)
{
	return paging_url(req, "offset", arena_fmt(&req->arena, "%lld",
	    (long long)offset));
}

/*
 * Writes {"count","next","previous","results"}, as LimitOffsetPagination of
 * Django REST Framework does.
 */
static void
render_page(struct req *req, const struct favorite_page *p, int64_t total,
    const struct favorite_refs *f, char *cursor)
{
	struct json_write *j = &req->j;

	json_write_int(j, "count", total);
	if (p->after) {
		json_write_str(j, "next", f->more ?
		    paging_url(req, "cursor", cursor) : NULL);
		json_write_null(j, "previous");
	} else {
		json_write_str(j, "next", f->more ? offset_url(req, p->offset +
		    (int64_t)f->n) : NULL);
		json_write_str(j, "previous", p->offset > 0 ? offset_url(req,
		    p->offset > p->limit ? p->offset - p->limit : 0) : NULL);
	}
	json_write_str(j, "next_cursor", f->more ? cursor : NULL);
	json_write_arr(j, "results");
}

static void
render_items(struct req *req, const struct favorite_items *l)
{
	struct json_write *j = &req->j;
	size_t i;

	for (i = 0; i < l->refs->n; i++) {
		const struct favorite_ref *f = &l->refs->v[i];

		if (l->v[i].json == NULL)
			continue;
		json_write_obj(j, NULL);
		json_write_int(j, "id", f->id);
		json_write_int(j, "flyer_id", f->entity_id);
		json_write_time(j, "created_at", f->created_at);
		json_write_obj(j, "flyer");
		json_write_members_n(j, l->v[i].json, l->v[i].len);
		catalog_json_flyer_favorites(j, f->favorites_count, true);
		json_write_obj_end(j);
		json_write_obj_end(j);
	}
	favorite_items_keep(l);
}

/* Adds what the response shows of favorites to its ETag. */
static void
add_refs(struct tag *tag, const struct favorite_refs *refs)
{
	size_t i;

	for (i = 0; i < refs->n; i++) {
		catalog_page_tag_add(tag, refs->v[i].id);
		catalog_page_tag_add(tag, refs->v[i].revision);
		catalog_page_tag_add(tag, refs->v[i].favorites_count);
	}
}

/* Moves a page after the last of its rows. */
static void
move_page(struct favorite_page *page, const struct favorite_refs *refs)
{
	page->after = true;
	page->at = refs->v[refs->n - 1].created_at;
	page->id = refs->v[refs->n - 1].id;
}

/* Objects may be marked for deletion between the batches of a list. */
static const struct favorite_user_count whole_list = { .removing = true };

/* The plain array of all favorites, rendered in batches. */
struct whole {
	struct tag tag;			/* of the list and the flyers so far */
	bool tagged;			/* all revisions are read */
	struct favorite_page page;		/* the next batch */
};

/* Adds all flyers to the ETag, before rendering. */
static enum rc
add_revisions(struct req *req, struct whole *w, struct arena *batch)
{
	struct favorite_refs refs;
	enum rc rc;

	w->page.limit = BATCH_REVISIONS;
	rc = favorite_list_refs(req->db, batch, req->actor.user,
	    FAVORITE_FLYER, &w->page, &whole_list, &refs);
	if (rc != RC_OK)
		return rc;
	add_refs(&w->tag, &refs);
	if (refs.more) {
		move_page(&w->page, &refs);
		return RC_OK;
	}
	rc = catalog_page_tag_end(req, &w->tag);
	if (rc != RC_OK)
		return rc;
	w->tagged = true;
	w->page = (struct favorite_page){ .limit = BATCH };
	json_write_arr(&req->j, NULL);
	return RC_OK;
}

static enum rc
render_batch(struct req *req, void *state, struct arena *batch, bool *more)
{
	struct whole *w = state;
	struct favorite_refs refs;
	struct favorite_items items;
	enum rc rc;

	if (!w->tagged)
		return add_revisions(req, w, batch);
	rc = favorite_list_refs(req->db, batch, req->actor.user,
	    FAVORITE_FLYER, &w->page, &whole_list, &refs);
	if (rc == RC_OK)
		rc = favorite_items_find(req, batch, FAVORITE_ITEM_FLYER, 0,
		    &refs, &items);
	if (rc == RC_OK)
		rc = favorite_items_read(req, batch, SPOOL_BATCH, &items);
	if (rc != RC_OK)
		return rc;
	render_items(req, &items);
	*more = refs.more;
	if (refs.more)
		move_page(&w->page, &refs);
	else
		json_write_arr_end(&req->j);
	return RC_OK;
}

static enum rc
list_all(struct req *req)
{
	struct whole *w = arena_new(&req->arena, struct whole);
	struct favorite_user_count total;
	enum rc rc;

	rc = favorite_user_count(req->db, req->actor.user, FAVORITE_FLYER,
	    &total);
	if (rc != RC_OK)
		return rc;
	catalog_page_tag_init(&w->tag, total.version, false);
	return spool_start(req, render_batch, w);
}

static enum rc
list_flyer_favorites(struct req *req)
{
	const struct list_query *q = req->query;
	struct favorite_page page = { .limit = q->limit == FIELD_NONE ? 20 :
	    q->limit, .offset = q->offset == FIELD_NONE ? 0 : q->offset };
	struct cursor c = { 0 };
	struct favorite_refs f;
	struct favorite_items items;
	struct favorite_user_count total;
	struct tag tag;
	char *next = NULL;
	enum rc rc;

	if (q->limit == FIELD_NONE && q->offset == FIELD_NONE &&
	    q->cursor == NULL)
		return list_all(req);
	rc = paging_cursor_read(req, PAGING_FAV_FLYER, q->cursor, &c);
	page.after = c.given;
	page.at = c.key;
	page.id = c.id;
	if (rc == RC_OK)
		rc = favorite_user_count(req->db, req->actor.user,
		    FAVORITE_FLYER, &total);
	if (rc == RC_OK)
		rc = favorite_list_refs(req->db, &req->arena, req->actor.user,
		    FAVORITE_FLYER, &page, &total, &f);
	if (rc != RC_OK)
		return rc;
	catalog_page_tag_init(&tag, total.version, f.more);
	add_refs(&tag, &f);
	rc = catalog_page_tag_end(req, &tag);
	if (rc == RC_OK)
		rc = favorite_items_find(req, &req->arena, FAVORITE_ITEM_FLYER,
		    total.catalog, &f, &items);
	if (rc == RC_OK)
		rc = favorite_items_read(req, &req->arena,
		    c.given ? PAGE_BYTES : 0, &items);
	if (rc != RC_OK)
		return rc;
	if (f.more)
		next = paging_cursor_write(req, PAGING_FAV_FLYER,
		    &(struct cursor){ .key = f.v[f.n - 1].created_at,
		    .id = f.v[f.n - 1].id });
	json_write_obj(&req->j, NULL);
	render_page(req, &page, total.n, &f, next);
	render_items(req, &items);
	json_write_arr_end(&req->j);
	json_write_obj_end(&req->j);
	paging_link(req, next);
	return RC_OK;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/users/me/favorites", .prefix = PREFIX_API,
	    .role = ROLE_ANY, .tx = TX_READ, .flags = FLAGS,
	    .query = &list_table, .handler = list_flyer_favorites },
	{ .method = "GET", .path = "/flyers/{flyer_id}/favorite",
	    .prefix = PREFIX_API, .role = ROLE_ANY, .tx = TX_READ,
	    .flags = FLAGS, .handler = check_flyer_favorite },
	{ .method = "POST", .path = "/flyers/{flyer_id}/favorite",
	    .prefix = PREFIX_API, .role = ROLE_ANY, .tx = TX_WRITE,
	    .flags = FLAGS, .handler = add_flyer_favorite },
	{ .method = "DELETE", .path = "/flyers/{flyer_id}/favorite",
	    .prefix = PREFIX_API, .role = ROLE_ANY, .tx = TX_WRITE,
	    .flags = FLAGS, .handler = remove_flyer_favorite },
};
const struct route_table flyer_favorites_routes = ROUTE_TABLE(routes);
