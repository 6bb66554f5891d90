/*
 * D: favorites of destinations.
 *
 * The path names the user: "me", or the caller's own UUID or number, which is
 * the same; anybody else's is forbidden.
 */
#include "base/clock.h"
#include "base/str.h"
#include "domain/common/text_list.h"
#include "domain/favorites/favorite_list.h"
#include "domain/favorites/favorite_log.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/catalog/catalog_page.h"
#include "fcgi/routes/favorites/favorite_log_json.h"

#define FLAGS (ROUTE_422 | ROUTE_FAVORITE)

static enum rc
own_path(struct req *req)
{
	struct uuid u;
	int64_t id;

	if (str_eq(req->seg[0], "me") ||
	    (uuid_parse(req->seg[0], &u) &&
	    memcmp(&u, &req->actor.uuid, sizeof(u)) == 0) ||
	    (str_int(req->seg[0], &id) && id == req->actor.user))
		return RC_OK;
	return err_set(&req->err, RC_FORBIDDEN, "forbidden",
	    "You can only use your own Favorites.");
}

static enum rc
no_destination(struct req *req, enum rc rc)
{
	return rc != RC_NOT_FOUND ? rc : err_set(&req->err, RC_NOT_FOUND,
	    "destination_not_found", "Destination not found.");
}

/* The change that a request asks for. RC_NOT_FOUND: no such destination. */
static enum rc
change_of(struct req *req, const struct uuid *destination,
    struct fav_change *c)
{
	*c = (struct fav_change){ .user = req->actor.user, .kind =
	    FAV_DESTINATION, .entity = *destination, .now = req->now,
	    .request_id = req->id };
	return favorite_entity(req->db, FAV_DESTINATION, destination,
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
save(struct req *req, const void *arg)
{
	const struct save_body *b = req->body;
	struct fav_change c;
	struct favorite f;
	bool added;
	enum rc rc;

	(void)arg;
	rc = own_path(req);
	if (rc == RC_OK)
		rc = change_of(req, &b->destination_id, &c);
	if (rc == RC_OK)
		rc = favorite_add(req->db, req->conf, &c, &added, &f,
		    &req->err);
	if (rc != RC_OK)
		return no_destination(req, rc);
	if (!added)
		return err_set(&req->err, RC_CONFLICT, "already_saved",
		    "Destination is already in your Favorites.");
	jout_obj(&req->j, NULL);
	jout_uuid(&req->j, "favorite_id", &f.uuid);
	jout_uuid(&req->j, "destination_id", &f.entity);
	jout_str(&req->j, "message", "Destination saved to Favorites");
	jout_time(&req->j, "saved_at", f.created_at);
	jout_obj_end(&req->j);
	return RC_CREATED;
}

static enum rc
unsave(struct req *req, const void *arg)
{
	struct fav_change c;
	struct uuid id;
	bool removed;
	enum rc rc;

	(void)arg;
	rc = own_path(req);
	if (rc != RC_OK)
		return rc;
	if (!req_seg_uuid(req, 1, &id))
		return err_field(&req->err, "destination_id",
		    "must be a UUID");
	rc = change_of(req, &id, &c);
	if (rc == RC_OK)
		rc = favorite_remove(req->db, &c, &removed);
	/* A destination that is gone took its favorites along. */
	if (rc == RC_NOT_FOUND || (rc == RC_OK && !removed))
		return err_set(&req->err, RC_NOT_FOUND, "not_saved",
		    "Destination is not in your Favorites.");
	if (rc != RC_OK)
		return rc;
	jout_obj(&req->j, NULL);
	jout_uuid(&req->j, "destination_id", &id);
	jout_str(&req->j, "message", "Destination removed from Favorites");
	jout_obj_end(&req->j);
	return RC_OK;
}

struct list_query {
	struct offsets at;
	struct strv include;
};
static const struct field list_fields[] = {
	OFFSETS_FIELDS(struct list_query, at, 100, 20),
	{ .name = "include", .type = F_STRV, .max = 8, .max2 = 32,
	    .off = offsetof(struct list_query, include) },
};
static const struct field_table list_table =
    FIELD_TABLE(list_fields, struct list_query);

static enum rc
read_include(struct req *req, const struct list_query *q, bool *summary,
    bool *images)
{
	size_t i;

	*summary = *images = false;
	for (i = 0; i < q->include.n; i++)
		if (str_eq(q->include.v[i], "destination_summary"))
			*summary = true;
		else if (str_eq(q->include.v[i], "images"))
			*images = true;
		else
			return err_field(&req->err, "include",
			    "must be destination_summary, images or both");
	return RC_OK;
}

static void
render_item(struct req *req, const struct fav_destination *d, bool summary,
    bool images)
{
	struct jout *j = &req->j;
	struct strv urls;

	jout_obj(j, NULL);
	jout_uuid(j, "favorite_id", &d->uuid);
	jout_uuid(j, "destination_id", &d->destination);
	jout_str(j, "destination_name", d->name);
	jout_str(j, "city", d->city);
	jout_str(j, "country", d->country);
	jout_str(j, "thumbnail_url", d->thumbnail_url);
	jout_time(j, "saved_at", d->created_at);
	if (summary)
		jout_str(j, "summary", d->summary);
	if (images) {
		urls = lines_split(&req->arena, d->images);
		jout_strv(j, "images", &urls);
	}
	jout_obj_end(j);
}

static enum rc
list(struct req *req, const void *arg)
{
	const struct list_query *q = req->query;
	struct fav_page page = { .limit = q->at.limit, .offset =
	    q->at.offset };
	struct fav_destinations d;
	struct fav_total total;
	struct cursor c = { 0 };
	struct tag tag;
	bool summary, images;
	char *next = NULL;
	size_t i;
	enum rc rc;

	(void)arg;
	rc = own_path(req);
	if (rc == RC_OK)
		rc = read_include(req, q, &summary, &images);
	if (rc == RC_OK)
		rc = cursor_read(req, PAGE_FAV_DESTINATION, q->at.cursor, &c);
	if (rc == RC_OK)
		rc = favorite_total(req->db, req->actor.user, FAV_DESTINATION,
		    &total);
	if (rc != RC_OK)
		return rc;
	page.after = c.given;
	page.at = c.key;
	page.id = c.id;
	rc = favorite_destinations(req->db, &req->arena, req->actor.user,
	    &page, summary || images, &d);
	if (rc != RC_OK)
		return rc;
	tag_init(&tag, req->actor.user, d.more);
	tag_add(&tag, total.version);
	for (i = 0; i < d.n; i++) {
		tag_add(&tag, d.items[i].id);
		tag_add(&tag, d.items[i].version);
	}
	rc = tag_end(req, &tag);
	if (rc != RC_OK)
		return rc;
	jout_obj(&req->j, NULL);
	jout_arr(&req->j, "items");
	for (i = 0; i < d.n; i++)
		render_item(req, &d.items[i], summary, images);
	jout_arr_end(&req->j);
	jout_obj(&req->j, "pagination");
	jout_int(&req->j, "limit", q->at.limit);
	jout_int(&req->j, "offset", q->at.offset);
	jout_int(&req->j, "total", total.n);
	jout_obj_end(&req->j);
	if (d.more)
		next = cursor_write(req, PAGE_FAV_DESTINATION,
		    &(struct cursor){ .key = d.items[d.n - 1].created_at,
		    .id = d.items[d.n - 1].id });
	jout_str(&req->j, "next_cursor", next);
	jout_obj_end(&req->j);
	page_link(req, next);
	return RC_OK;
}

static enum rc
count(struct req *req, const void *arg)
{
	int64_t n, changed_at, version;
	struct uuid id;
	enum rc rc;

	(void)arg;
	if (!req_seg_uuid(req, 0, &id))
		return err_field(&req->err, "destination_id",
		    "must be a UUID");
	rc = favorite_count(req->db, &id, &n, &changed_at, &version);
	if (rc != RC_OK)
		return no_destination(req, rc);
	/* A save and an unsave in one second still give two versions. */
	rc = req_etag(req, 3, n, changed_at, version);
	if (rc != RC_OK)
		return rc;
	jout_obj(&req->j, NULL);
	jout_uuid(&req->j, "destination_id", &id);
	jout_int(&req->j, "favorites_count", n);
	jout_time(&req->j, "last_updated", changed_at);
	jout_obj_end(&req->j);
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
activity(struct req *req, const void *arg)
{
	const struct offsets *q = req->query;
	struct cursor c = { 0 };
	struct fav_events ev;
	struct jout *j = &req->j;
	char *next = NULL;
	size_t i;
	enum rc rc;

	(void)arg;
	rc = own_path(req);
	if (rc == RC_OK)
		rc = cursor_read(req, PAGE_ACTIVITY, q->cursor, &c);
	if (rc == RC_OK)
		rc = favorite_activity(req->db, &req->arena, req->actor.user,
		    c.given ? c.id : INT64_MAX, q->limit, &ev);
	if (rc == RC_OK)
		rc = req_etag(req, 3, req->actor.user, ev.n > 0 ?
		    ev.items[0].seq : 0, ev.n > 0 ? ev.items[ev.n - 1].seq :
		    0);
	if (rc != RC_OK)
		return rc;
	jout_obj(j, NULL);
	jout_arr(j, "items");
	for (i = 0; i < ev.n; i++) {
		const struct fav_event *e = &ev.items[i];

		jout_obj(j, NULL);
		jout_uuid(j, "user_id", &req->actor.uuid);
		jout_str(j, "kind", fav_kind_words[e->kind - 1]);
		event_id(j, "entity_id", e);
		if (e->kind == FAV_DESTINATION)
			jout_uuid(j, "destination_id", &e->entity);
		jout_str(j, "action", e->saved ? "saved" : "unsaved");
		jout_time(j, "occurred_at", e->at);
		jout_str(j, "source", "favorites_api");
		jout_obj_end(j);
	}
	jout_arr_end(j);
	if (ev.more)
		next = cursor_write(req, PAGE_ACTIVITY, &(struct cursor){
		    .id = ev.items[ev.n - 1].seq });
	jout_int(j, "limit", q->limit);
	jout_str(j, "next_cursor", next);
	jout_obj_end(j);
	page_link(req, next);
	return RC_OK;
}

static const struct route routes[] = {
	{ "GET", "/users/{user}/favorites", PREFIX_V1, ROLE_ANY, TX_READ,
	    FLAGS, &list_table, NULL, list, NULL, NULL },
	{ "POST", "/users/{user}/favorites", PREFIX_V1, ROLE_ANY, TX_WRITE,
	    FLAGS, NULL, &save_table, save, NULL, NULL },
	{ "DELETE", "/users/{user}/favorites/{destination_id}", PREFIX_V1,
	    ROLE_ANY, TX_WRITE, FLAGS, NULL, NULL, unsave, NULL, NULL },
	{ "GET", "/destinations/{destination_id}/favorites/count", PREFIX_V1,
	    ROLE_OPEN, TX_READ, FLAGS, NULL, NULL, count, NULL, NULL },
	{ "GET", "/users/{user}/activity", PREFIX_V1, ROLE_ANY, TX_READ,
	    ROUTE_422, &activity_table, NULL, activity, NULL, NULL },
};
const struct route_table favorites_d_routes = ROUTE_TABLE(routes);
