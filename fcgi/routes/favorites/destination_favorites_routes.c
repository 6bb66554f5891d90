/*
 * destination_favorites_routes: favorites of destinations.
 *
 * The path contains the user: "me", or the UUID or number of the caller. Access
 * to other users is forbidden.
 */
#include "base/clock.h"
#include "base/str.h"
#include "domain/common/favoritable.h"
#include "domain/favorites/favorite_list.h"
#include "domain/favorites/favorite_log.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/catalog/catalog_page.h"
#include "fcgi/routes/favorites/favorite_items.h"
#include "fcgi/routes/favorites/favorite_log_json.h"

#define FLAGS (ROUTE_422 | ROUTE_FAVORITE)

static enum rc
own_path(struct req *req)
{
	struct uuid u;
	int64_t id;

	if (str_eq(req->path_arg[0], "me") ||
	    (uuid_parse(req->path_arg[0], &u) &&
	    memcmp(&u, &req->actor.uuid, sizeof(u)) == 0) ||
	    (str_int(req->path_arg[0], &id) && id == req->actor.user))
		return RC_OK;
	return err_set(&req->err, RC_FORBIDDEN, "forbidden",
	    "You can only use your own Favorites.");
}

static enum rc
map_not_found(struct req *req, enum rc rc)
{
	return rc != RC_NOT_FOUND ? rc : err_set(&req->err, RC_NOT_FOUND,
	    "destination_not_found", "Destination not found.");
}

/*
 * Fills the requested change. Returns RC_NOT_FOUND if the destination does not
 * exist.
 */
static enum rc
destination_favorite_change_of(struct req *req, const struct uuid *destination,
    struct favorite_change *c)
{
	*c = (struct favorite_change){ .user = req->actor.user, .kind =
	    FAVORITE_DESTINATION, .entity = *destination, .now = req->now,
	    .request_id = req->id };
	return favorite_entity(req->db, FAVORITE_DESTINATION, destination,
	    &c->entity_id);
}

struct save_body {
	struct uuid destination_id;
};
static const struct field save_fields[] = {
	{ .name = "destination_id", .type = F_UUID, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct save_body, destination_id) },
};
static const struct field_table save_table =
    FIELD_TABLE(save_fields, struct save_body);

static enum rc
already_saved(struct req *req, const struct favorite *f)
{
	struct err_favorite *saved = arena_new(&req->arena,
	    struct err_favorite);

	*saved = (struct err_favorite){ .id = f->uuid, .entity = f->entity,
	    .saved_at = f->created_at };
	req->err.favorite = saved;
	return err_set(&req->err, RC_CONFLICT, "already_saved",
	    "Destination is already in your Favorites.");
}

static enum rc
save(struct req *req)
{
	const struct save_body *b = req->body;
	struct favorite_change c;
	struct favorite f;
	bool added;
	enum rc rc;

	rc = own_path(req);
	if (rc == RC_OK)
		rc = destination_favorite_change_of(req, &b->destination_id,
		    &c);
	if (rc == RC_OK)
		rc = favorite_add(req->db, req->conf, &c, &added, &f,
		    &req->err);
	if (rc != RC_OK)
		return map_not_found(req, rc);
	if (!added)
		return already_saved(req, &f);
	json_write_obj(&req->j, NULL);
	json_write_uuid(&req->j, "favorite_id", &f.uuid);
	json_write_uuid(&req->j, "destination_id", &f.entity);
	json_write_str(&req->j, "message", "Destination saved to Favorites");
	json_write_time(&req->j, "saved_at", f.created_at);
	json_write_obj_end(&req->j);
	return RC_CREATED;
}

static enum rc
unsave(struct req *req)
{
	struct favorite_change c;
	struct uuid id;
	bool removed;
	enum rc rc;

	rc = own_path(req);
	if (rc != RC_OK)
		return rc;
	if (!req_path_arg_uuid(req, 1, &id))
		return err_field(&req->err, "destination_id",
		    "must be a UUID");
	rc = destination_favorite_change_of(req, &id, &c);
	if (rc == RC_OK)
		rc = favorite_remove(req->db, &c, &removed);
	/* A deleted destination has no favorites. */
	if (rc == RC_NOT_FOUND || (rc == RC_OK && !removed))
		return err_set(&req->err, RC_NOT_FOUND, "not_saved",
		    "Destination is not in your Favorites.");
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_uuid(&req->j, "destination_id", &id);
	json_write_str(&req->j, "message",
	    "Destination removed from Favorites");
	json_write_obj_end(&req->j);
	return RC_OK;
}

struct list_query {
	struct offsets at;
	struct strv include;
};
static const struct field list_fields[] = {
	PAGING_OFFSETS_FIELDS(struct list_query, at, 100, 20),
	{ .name = "include", .type = F_STRV, .max = 8, .max2 = 32,
	    .off = offsetof(struct list_query, include) },
};
static const struct field_table list_table =
    FIELD_TABLE(list_fields, struct list_query);

/* Selects the kind of items with the members that the query includes. */
static enum rc
read_include(struct req *req, const struct list_query *q, int *kind)
{
	size_t i;

	*kind = FAVORITE_ITEM_DESTINATION;
	for (i = 0; i < q->include.n; i++)
		if (str_eq(q->include.v[i], "destination_summary"))
			*kind |= FAVORITE_ITEM_SUMMARY;
		else if (str_eq(q->include.v[i], "images"))
			*kind |= FAVORITE_ITEM_IMAGES;
		else
			return err_field(&req->err, "include",
			    "must be destination_summary, images or both");
	return RC_OK;
}

static void
render_destination_favorites(struct req *req, const struct favorite_items *l)
{
	struct json_write *j = &req->j;
	size_t i;

	json_write_arr(j, "items");
	for (i = 0; i < l->refs->n; i++) {
		if (l->v[i].json == NULL)
			continue;
		json_write_obj(j, NULL);
		json_write_uuid(j, "favorite_id", &l->refs->v[i].uuid);
		json_write_members_n(j, l->v[i].json, l->v[i].len);
		json_write_time(j, "saved_at", l->refs->v[i].created_at);
		json_write_obj_end(j);
	}
	json_write_arr_end(j);
	favorite_items_keep(l);
}

static enum rc
list_destination_favorites(struct req *req)
{
	const struct list_query *q = req->query;
	struct favorite_page page = { .limit = q->at.limit, .offset =
	    q->at.offset };
	struct favorite_refs f;
	struct favorite_items items;
	struct favorite_user_count total;
	struct cursor c = { 0 };
	struct tag tag;
	char *next = NULL;
	size_t i;
	int kind;
	enum rc rc;

	rc = own_path(req);
	if (rc == RC_OK)
		rc = read_include(req, q, &kind);
	if (rc == RC_OK)
		rc = paging_cursor_read(req, PAGING_FAV_DESTINATION,
		    q->at.cursor, &c);
	if (rc == RC_OK)
		rc = favorite_user_count(req->db, req->actor.user,
		    FAVORITE_DESTINATION, &total);
	if (rc != RC_OK)
		return rc;
	page.after = c.given;
	page.at = c.key;
	page.id = c.id;
	rc = favorite_list_refs(req->db, &req->arena, req->actor.user,
	    FAVORITE_DESTINATION, &page, &total, &f);
	if (rc == RC_OK)
		rc = favorite_items_find(req, &req->arena, kind, total.catalog,
		    &f, &items);
	if (rc != RC_OK)
		return rc;
	catalog_page_tag_init(&tag, req->actor.user, f.more);
	catalog_page_tag_add(&tag, total.version);
	for (i = 0; i < f.n; i++) {
		catalog_page_tag_add(&tag, f.v[i].id);
		catalog_page_tag_add(&tag, f.v[i].revision);
	}
	rc = catalog_page_tag_end(req, &tag);
	if (rc == RC_OK)
		rc = favorite_items_read(req, &req->arena,
		    c.given ? PAGE_BYTES : 0, &items);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	render_destination_favorites(req, &items);
	json_write_obj(&req->j, "pagination");
	json_write_int(&req->j, "limit", q->at.limit);
	json_write_int(&req->j, "offset", q->at.offset);
	json_write_int(&req->j, "total", total.n);
	json_write_obj_end(&req->j);
	if (f.more)
		next = paging_cursor_write(req, PAGING_FAV_DESTINATION,
		    &(struct cursor){ .key = f.v[f.n - 1].created_at,
		    .id = f.v[f.n - 1].id });
	json_write_str(&req->j, "next_cursor", next);
	json_write_obj_end(&req->j);
	paging_link(req, next);
	return RC_OK;
}

static enum rc
count_destination_favorites(struct req *req)
{
	int64_t n, changed_at, version;
	struct uuid id;
	enum rc rc;

	if (!req_path_arg_uuid(req, 0, &id))
		return err_field(&req->err, "destination_id",
		    "must be a UUID");
	rc = favorite_count(req->db, &id, &n, &changed_at, &version);
	if (rc != RC_OK)
		return map_not_found(req, rc);
	/* The version changes even if two changes occur in the same second. */
	rc = req_etag(req, 3, n, changed_at, version);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_uuid(&req->j, "destination_id", &id);
	json_write_int(&req->j, "favorites_count", n);
	json_write_time(&req->j, "last_updated", changed_at);
	json_write_obj_end(&req->j);
	return RC_OK;
}

static const struct field activity_fields[] = {
	{ .name = "limit", .type = F_INT, .flags = FIELD_CLAMP, .off =
	    offsetof(struct offsets, limit), .min = 1, .max = 100,
	    .dflt = 20 },
	{ .name = "cursor", .type = F_STR, .off = offsetof(struct offsets,
	    cursor), .min = 1, .max = 512 },
};
static const struct field_table activity_table =
    FIELD_TABLE(activity_fields, struct offsets);

static enum rc
activity(struct req *req)
{
	const struct offsets *q = req->query;
	struct cursor c = { 0 };
	struct favorite_events ev;
	struct json_write *j = &req->j;
	char *next = NULL;
	size_t i;
	enum rc rc;

	rc = own_path(req);
	if (rc == RC_OK)
		rc = paging_cursor_read(req, PAGING_ACTIVITY, q->cursor, &c);
	if (rc == RC_OK)
		rc = favorite_log_activity(req->db, &req->arena,
		    req->actor.user, c.given ? c.id : INT64_MAX, q->limit, &ev);
	if (rc == RC_OK)
		rc = req_etag(req, 3, req->actor.user, ev.n > 0 ?
		    ev.items[0].seq : 0, ev.n > 0 ? ev.items[ev.n - 1].seq :
		    0);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_arr(j, "items");
	for (i = 0; i < ev.n; i++) {
		const struct favorite_event *e = &ev.items[i];

		json_write_obj(j, NULL);
		json_write_uuid(j, "user_id", &req->actor.uuid);
		json_write_str(j, "kind", favorite_kind_names[e->kind - 1]);
		favorite_log_json_id(j, "entity_id", e);
		if (e->kind == FAVORITE_DESTINATION)
			json_write_uuid(j, "destination_id", &e->entity);
		json_write_str(j, "action", e->saved ? "saved" : "unsaved");
		json_write_time(j, "occurred_at", e->at);
		json_write_str(j, "source", "favorites_api");
		json_write_obj_end(j);
	}
	json_write_arr_end(j);
	if (ev.more)
		next = paging_cursor_write(req, PAGING_ACTIVITY,
		    &(struct cursor){
		    .id = ev.items[ev.n - 1].seq });
	json_write_int(j, "limit", q->limit);
	json_write_str(j, "next_cursor", next);
	json_write_obj_end(j);
	paging_link(req, next);
	return RC_OK;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/users/{user}/favorites",
	    .prefix = PREFIX_V1, .role = ROLE_ANY, .tx = TX_READ,
	    .flags = FLAGS, .query = &list_table,
	    .handler = list_destination_favorites },
	{ .method = "POST", .path = "/users/{user}/favorites",
	    .prefix = PREFIX_V1, .role = ROLE_ANY, .tx = TX_WRITE,
	    .flags = FLAGS, .body = &save_table, .handler = save },
	{ .method = "DELETE",
	    .path = "/users/{user}/favorites/{destination_id}",
	    .prefix = PREFIX_V1, .role = ROLE_ANY, .tx = TX_WRITE,
	    .flags = FLAGS, .handler = unsave },
	{ .method = "GET",
	    .path = "/destinations/{destination_id}/favorites/count",
	    .prefix = PREFIX_V1, .role = ROLE_OPEN, .tx = TX_READ,
	    .flags = FLAGS, .handler = count_destination_favorites },
	{ .method = "GET", .path = "/users/{user}/activity",
	    .prefix = PREFIX_V1, .role = ROLE_ANY, .tx = TX_READ,
	    .flags = ROUTE_422, .query = &activity_table, .handler = activity },
};
const struct route_table destination_favorites_routes = ROUTE_TABLE(routes);
