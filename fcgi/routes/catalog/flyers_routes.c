/*
 * flyers_routes: the flyers. All users read them, authenticated users publish
 * them, the publisher and administrators change them. Moderators remove flyers
 * and images. Errors have the member "detail". Pages have count, next, previous
 * and results, as for favorites of flyers.
 */
#include "base/str.h"
#include "domain/catalog/flyer_image.h"
#include "fcgi/core/image_upload.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/catalog/catalog_json.h"
#include "fcgi/routes/catalog/catalog_page.h"
#include "json/json_read_only.h"

#define RADIUS_DEFAULT	10000		/* meters */
#define RADIUS_MAX	1000000

struct list_query {
	const char *q, *category, *near;
	int64_t radius;
	struct offsets page;
};

static const struct field list_fields[] = {
	{ .name = "q", .type = F_STR, .flags = FIELD_TRIM,
	    .off = offsetof(struct list_query, q), .max = 200 },
	{ .name = "category", .type = F_STR, .flags = FIELD_TRIM,
	    .off = offsetof(struct list_query, category), .max = 50 },
	{ .name = "near", .type = F_STR, .flags = FIELD_TRIM,
	    .off = offsetof(struct list_query, near), .max = 60 },
	{ .name = "radius_km", .type = F_FIXED, .scale = 3,
	    .flags = FIELD_ROUND, .off = offsetof(struct list_query, radius),
	    .min = 1, .max = RADIUS_MAX, .dflt = FIELD_NONE },
	PAGING_OFFSETS_FIELDS(struct list_query, page, 100, 20),
};
static const struct field_table list_table =
    FIELD_TABLE(list_fields, struct list_query);

/* A place such as "47.49,19.04", in millionths of a degree. */
struct place {
	int64_t lat, lng;
};

static bool
parse_place(struct arena *arena, const char *text, struct place *place)
{
	static const struct field lat = { .name = "near", .type = F_FIXED,
	    .scale = 6, .flags = FIELD_ROUND, .min = -90000000,
	    .max = 90000000, .off = offsetof(struct place, lat) };
	static const struct field lng = { .name = "near", .type = F_FIXED,
	    .scale = 6, .flags = FIELD_ROUND, .min = -180000000,
	    .max = 180000000, .off = offsetof(struct place, lng) };
	const char *comma = strchr(text, ',');
	struct err err;

	if (comma == NULL)
		return false;
	err_init(&err, arena);
	for (text += strspn(text, " "); comma[1] == ' '; comma++)
		;
	return field_text(arena, &lat, place, arena_strn(arena, text,
	    strcspn(text, " ,")), &err) == RC_OK &&
	    field_text(arena, &lng, place, comma + 1, &err) == RC_OK;
}

static enum rc
want_of(struct req *req, const struct list_query *query,
    struct flyer_query *want)
{
	struct place place = { INT64_MIN, INT64_MIN };

	if (query->near != NULL &&
	    !parse_place(&req->arena, query->near, &place))
		return err_field(&req->err, "near",
		    "must be a latitude and a longitude, as in 47.49,19.04");
	if (query->near == NULL && query->radius != FIELD_NONE)
		return err_field(&req->err, "near",
		    "is required with radius_km");
	*want = (struct flyer_query){
		.q = query->q != NULL && *query->q != '\0' ? query->q : NULL,
		.category = query->category,
		.lat = place.lat, .lng = place.lng,
		.meters = query->radius == FIELD_NONE ? RADIUS_DEFAULT :
		    query->radius,
	};
	return RC_OK;
}

/* Returns the URL of the page that starts at an offset. */
static const char *
offset_url(struct req *req, int64_t offset)
{
	return paging_url(req, "offset", arena_fmt(&req->arena, "%lld",
	    (long long)offset));
}

static void
render_flyer_page(struct req *req, const struct offsets *o,
    const struct flyer_page *page)
{
	const char *next = NULL, *previous = NULL, *cursor = NULL;
	struct json_write *j = &req->j;
	size_t i;

	if (page->more) {
		cursor = catalog_page_span_cursor(req, PAGING_FLYERS, 0, 0,
		    NULL, page->v[page->n - 1].id);
		next = o->cursor != NULL ? paging_url(req, "cursor", cursor) :
		    offset_url(req, o->offset + (int64_t)page->n);
	}
	if (o->cursor == NULL && o->offset > 0)
		previous = offset_url(req, o->offset > o->limit ?
		    o->offset - o->limit : 0);
	json_write_obj(j, NULL);
	json_write_int(j, "count", page->total);
	json_write_str(j, "next", next);
	json_write_str(j, "previous", previous);
	json_write_str(j, "next_cursor", cursor);
	json_write_arr(j, "results");
	for (i = 0; i < page->n; i++)
		catalog_json_flyer_render(j, req->conf, NULL, &page->v[i]);
	json_write_arr_end(j);
	json_write_obj_end(j);
	paging_link(req, cursor);
}

static enum rc
list_flyers(struct req *req)
{
	const struct list_query *query = req->query;
	struct flyer_query want;
	struct flyer_page page;
	struct span span;
	struct tag tag;
	enum rc rc;
	size_t i;

	rc = want_of(req, query, &want);
	if (rc == RC_OK)
		rc = catalog_page_offsets_span(req, PAGING_FLYERS, &query->page,
		    0, &span);
	if (rc == RC_OK)
		rc = flyer_list(req->db, &req->arena, &want, &span,
		    req->actor.user, &page);
	if (rc != RC_OK)
		return rc;
	catalog_page_tag_init(&tag, page.total, page.more);
	for (i = 0; i < page.n; i++) {
		catalog_page_tag_add(&tag, page.v[i].id);
		catalog_page_tag_add(&tag, page.v[i].version);
		catalog_page_tag_add(&tag, page.v[i].favorites_count);
		catalog_page_tag_add(&tag, page.v[i].is_favorited);
	}
	rc = catalog_page_tag_end(req, &tag);
	if (rc == RC_OK)
		render_flyer_page(req, &query->page, &page);
	return rc;
}

/* Returns the id in the path; 0, which no flyer has, if it is not a number. */
static int64_t
path_id(const struct req *req)
{
	int64_t id;

	return req_path_arg_int(req, 0, &id) ? id : 0;
}

static enum rc
flyer_detail(struct req *req)
{
	struct flyer f;
	enum rc rc;

	rc = flyer_get(req->db, &req->arena, path_id(req), req->actor.user, &f,
	    &req->err);
	if (rc == RC_OK)
		rc = req_etag(req, 4, f.id, f.version, f.favorites_count,
		    (int64_t)f.is_favorited);
	if (rc == RC_OK)
		catalog_json_flyer_render(&req->j, req->conf, NULL, &f);
	return rc;
}

static enum rc
publish(struct req *req)
{
	struct editor by = catalog_page_editor(req);
	struct flyer f;
	enum rc rc;

	rc = flyer_publish(req->db, &req->arena, &by, req->body, &f,
	    &req->err);
	if (rc != RC_OK)
		return rc;
	req->location = arena_fmt(&req->arena, "%s/api/flyers/%lld/",
	    req->conf->base_url, (long long)f.id);
	catalog_json_flyer_render(&req->j, req->conf, NULL, &f);
	return RC_CREATED;
}

static enum rc
change_flyer(struct req *req)
{
	struct editor by = catalog_page_editor(req);
	struct flyer f;
	enum rc rc;

	rc = flyer_change(req->db, &req->arena, &by, path_id(req), req->body,
	    &f, &req->err);
	if (rc == RC_OK)
		catalog_json_flyer_render(&req->j, req->conf, NULL, &f);
	return rc;
}

/* Returns the editor of a removal, which moderators may do too. */
static struct editor
remover(const struct req *req)
{
	struct editor by = catalog_page_editor(req);

	by.admin = (req->actor.roles & (ROLE_ADMIN | ROLE_MODERATOR)) != 0;
	return by;
}

static enum rc
remove_flyer(struct req *req)
{
	struct editor by = remover(req);
	enum rc rc;

	rc = flyer_remove(req->db, &req->arena, &by, path_id(req), NULL,
	    &req->err);
	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

/* Checks the rights before a decoder runs. */
static enum rc
take_flyer_image(struct req *req)
{
	struct editor by = catalog_page_editor(req);
	struct flyer f;
	enum rc rc;

	rc = db_read(req->db);
	if (rc != RC_OK)
		return rc;
	rc = flyer_editable(req->db, &req->arena, &by, path_id(req), &f,
	    &req->err);
	db_read_end(req->db);
	return rc == RC_OK ? image_upload_begin(req) : rc;
}

static enum rc
set_flyer_image(struct req *req)
{
	struct editor by = catalog_page_editor(req);
	struct flyer f;
	bool used;
	enum rc rc;

	rc = flyer_image_set(req->db, &req->arena, &by, path_id(req),
	    image_upload_name(req), image_upload_bytes(req), &f, &used,
	    &req->err);
	if (rc != RC_OK)
		return rc;
	if (!used)
		image_upload_discard(req);
	catalog_json_flyer_render(&req->j, req->conf, NULL, &f);
	return RC_OK;
}

static enum rc
drop_flyer_image(struct req *req)
{
	struct editor by = remover(req);
	enum rc rc;

	rc = flyer_image_drop(req->db, &req->arena, &by, path_id(req),
	    &req->err);
	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

static const struct json_read_only flyer_read_only[] = {
	{ "id", JSON_READ_ONLY_FIXED },
	{ "publisher_id", JSON_READ_ONLY_FIXED },
	{ "created_at", JSON_READ_ONLY_FIXED },
	{ "is_favorited",
	    "cannot be changed here, use POST or DELETE /api/flyers/{id}/favorite" },
	{ NULL, NULL }
};

static const struct route routes[] = {
	{ .method = "GET", .path = "/flyers", .prefix = PREFIX_API,
	    .role = ROLE_MAYBE, .tx = TX_READ,
	    .flags = ROUTE_DETAIL | ROUTE_SEARCH, .query = &list_table,
	    .handler = list_flyers },
	{ .method = "POST", .path = "/flyers", .prefix = PREFIX_API,
	    .role = ROLE_ANY, .tx = TX_WRITE, .flags = ROUTE_DETAIL,
	    .body = &flyer_add_table, .handler = publish },
	{ .method = "GET", .path = "/flyers/{flyer_id}", .prefix = PREFIX_API,
	    .role = ROLE_MAYBE, .tx = TX_READ, .flags = ROUTE_DETAIL,
	    .handler = flyer_detail },
	{ .method = "PATCH", .path = "/flyers/{flyer_id}", .prefix = PREFIX_API,
	    .role = ROLE_ANY, .tx = TX_WRITE, .flags = ROUTE_DETAIL,
	    .body = &flyer_change_table, .handler = change_flyer,
	    .read_only = flyer_read_only },
	{ .method = "DELETE", .path = "/flyers/{flyer_id}",
	    .prefix = PREFIX_API, .role = ROLE_ANY, .tx = TX_WRITE,
	    .flags = ROUTE_DETAIL, .handler = remove_flyer },
	{ .method = "PUT", .path = "/flyers/{flyer_id}/image",
	    .prefix = PREFIX_API, .role = ROLE_ANY, .tx = TX_WRITE,
	    .flags = ROUTE_DETAIL | ROUTE_IMAGE, .handler = set_flyer_image,
	    .before = take_flyer_image },
	{ .method = "DELETE", .path = "/flyers/{flyer_id}/image",
	    .prefix = PREFIX_API, .role = ROLE_ANY, .tx = TX_WRITE,
	    .flags = ROUTE_DETAIL, .handler = drop_flyer_image },
};

const struct route_table flyers_routes = ROUTE_TABLE(routes);
