/*
 * destinations_routes: the destinations. All users read them, administrators
 * change them. Validation errors are 422, as for favorites of destinations.
 */
#include "base/str.h"
#include "domain/catalog/destination.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/catalog/catalog_json.h"
#include "fcgi/routes/catalog/catalog_page.h"
#include "json/json_read_only.h"

static const char *const sorts[] = {
	[DESTINATION_NAME] = "name", [DESTINATION_POPULAR] = "popular",
	[DESTINATION_RECENT] = "recent", NULL
};

struct list_query {
	const char *q, *city, *country;
	int sort;
	struct offsets page;
};

static const struct field list_fields[] = {
	{ .name = "q", .type = F_STR, .flags = FIELD_TRIM,
	    .off = offsetof(struct list_query, q), .max = 200 },
	{ .name = "city", .type = F_STR, .flags = FIELD_TRIM,
	    .off = offsetof(struct list_query, city), .max = 100 },
	{ .name = "country", .type = F_STR, .flags = FIELD_TRIM,
	    .off = offsetof(struct list_query, country), .max = 100 },
	{ .name = "sort", .type = F_ENUM, .words = sorts,
	    .off = offsetof(struct list_query, sort),
	    .dflt = DESTINATION_NAME },
	PAGING_OFFSETS_FIELDS(struct list_query, page, 100, 20),
};
static const struct field_table list_table =
    FIELD_TABLE(list_fields, struct list_query);

static void
render_destination_page(struct req *req, const struct list_query *query,
    const struct destination_page *page)
{
	const struct destination *last;
	struct json_write *j = &req->j;
	char *cursor = NULL;
	size_t i;

	if (page->more) {
		last = &page->v[page->n - 1];
		cursor = catalog_page_span_cursor(req, PAGING_DESTINATIONS,
		    query->sort, last->favorites_count,
		    query->sort == DESTINATION_NAME ? last->name :
		    NULL, last->id);
	}
	json_write_obj(j, NULL);
	json_write_arr(j, "items");
	for (i = 0; i < page->n; i++)
		catalog_json_destination_render(j, NULL, &page->v[i]);
	json_write_arr_end(j);
	json_write_obj(j, "pagination");
	json_write_int(j, "limit", query->page.limit);
	json_write_int(j, "offset", query->page.offset);
	json_write_int(j, "total", page->total);
	json_write_obj_end(j);
	json_write_str(j, "next_cursor", cursor);
	json_write_obj_end(j);
	paging_link(req, cursor);
}

static enum rc
list_destinations(struct req *req)
{
	const struct list_query *query = req->query;
	struct destination_query want = { .q = query->q, .city = query->city,
	    .country = query->country,
	    .sort = (enum destination_sort)query->sort };
	struct destination_page page;
	struct span span;
	struct tag tag;
	size_t i;
	enum rc rc;

	rc = catalog_page_offsets_span(req, PAGING_DESTINATIONS, &query->page,
	    query->sort, &span);
	if (rc == RC_OK)
		rc = destination_list(req->db, &req->arena, &want, &span,
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
		render_destination_page(req, query, &page);
	return rc;
}

static enum rc
destination_path_id(struct req *req, struct uuid *id)
{
	return req_path_arg_uuid(req, 0, id) ? RC_OK :
	    err_field(&req->err, "destination_id", "must be a UUID");
}

static enum rc
destination_detail(struct req *req)
{
	struct destination d;
	struct uuid id;
	enum rc rc;

	rc = destination_path_id(req, &id);
	if (rc == RC_OK)
		rc = destination_get(req->db, &req->arena, &id,
		    req->actor.user, &d, &req->err);
	if (rc == RC_OK)
		rc = req_etag(req, 4, d.id, d.version, d.favorites_count,
		    (int64_t)d.is_favorited);
	if (rc == RC_OK)
		catalog_json_destination_render(&req->j, NULL, &d);
	return rc;
}

static enum rc
add_destination(struct req *req)
{
	struct editor by = catalog_page_editor(req);
	struct destination d;
	char text[UUID_TEXT];
	enum rc rc;

	rc = destination_add(req->db, &req->arena, &by, req->body, &d,
	    &req->err);
	if (rc != RC_OK)
		return rc;
	uuid_text(&d.uuid, text);
	req->location = arena_fmt(&req->arena, "%s/api/v1/destinations/%s",
	    req->conf->base_url, text);
	catalog_json_destination_render(&req->j, NULL, &d);
	return RC_CREATED;
}

static enum rc
change_destination(struct req *req)
{
	struct editor by = catalog_page_editor(req);
	struct destination d;
	struct uuid id;
	enum rc rc;

	rc = destination_path_id(req, &id);
	if (rc == RC_OK)
		rc = destination_change(req->db, &req->arena, &by, &id,
		    req->body, &d, &req->err);
	if (rc == RC_OK)
		catalog_json_destination_render(&req->j, NULL, &d);
	return rc;
}

static enum rc
remove_destination(struct req *req)
{
	struct editor by = catalog_page_editor(req);
	struct uuid id;
	enum rc rc;

	rc = destination_path_id(req, &id);
	if (rc == RC_OK)
		rc = destination_remove(req->db, &req->arena, &by, &id,
		    &req->err);
	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

static const struct json_read_only destination_read_only[] = {
	{ "id", JSON_READ_ONLY_FIXED },
	{ "created_at", JSON_READ_ONLY_FIXED },
	{ "is_favorited",
	    "cannot be changed here, use POST /api/v1/users/me/favorites" },
	{ NULL, NULL }
};

static const struct route routes[] = {
	{ .method = "GET", .path = "/destinations", .prefix = PREFIX_V1,
	    .role = ROLE_MAYBE, .tx = TX_READ,
	    .flags = ROUTE_422 | ROUTE_SEARCH, .query = &list_table,
	    .handler = list_destinations },
	{ .method = "POST", .path = "/destinations", .prefix = PREFIX_V1,
	    .role = ROLE_ADMIN, .tx = TX_WRITE, .flags = ROUTE_422,
	    .body = &destination_add_table, .handler = add_destination },
	{ .method = "GET", .path = "/destinations/{destination_id}",
	    .prefix = PREFIX_V1, .role = ROLE_MAYBE, .tx = TX_READ,
	    .flags = ROUTE_422, .handler = destination_detail },
	{ .method = "PATCH", .path = "/destinations/{destination_id}",
	    .prefix = PREFIX_V1, .role = ROLE_ADMIN, .tx = TX_WRITE,
	    .flags = ROUTE_422, .body = &destination_change_table,
	    .handler = change_destination,
	    .read_only = destination_read_only },
	{ .method = "DELETE", .path = "/destinations/{destination_id}",
	    .prefix = PREFIX_V1, .role = ROLE_ADMIN, .tx = TX_WRITE,
	    .flags = ROUTE_422, .handler = remove_destination },
};

const struct route_table destinations_routes = ROUTE_TABLE(routes);
