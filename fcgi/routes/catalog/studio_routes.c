/*
 * studio_routes: styles, creatives and documents of the studio. An
 * authenticated user sees shared objects and those that he or she owns. Only
 * the owner changes an object.
 */
#include "base/str.h"
#include "fcgi/core/page_batches.h"
#include "fcgi/core/routes.h"
#include "fcgi/core/spool.h"
#include "fcgi/routes/catalog/catalog_json.h"
#include "fcgi/routes/catalog/catalog_page.h"
#include "json/json_read_only.h"

/* The argument of the routes of one type. */
struct studio_api {
	const struct studio_type *type;
	enum paging_tag tag;
	const char *path;
	void (*members)(struct json_write *, const void *row);
};

static void
style_members(struct json_write *j, const void *row)
{
	catalog_json_style_members(j, row);
}

static void
creative_members(struct json_write *j, const void *row)
{
	catalog_json_creative_members(j, row);
}

static void
document_members(struct json_write *j, const void *row)
{
	catalog_json_document_members(j, row);
}

static const struct studio_api styles = { &style_type, PAGING_STYLES, "styles",
    style_members };
static const struct studio_api creatives = { &creative_type, PAGING_CREATIVES,
    "creatives", creative_members };
static const struct studio_api documents = { &document_type, PAGING_DOCUMENTS,
    "documents", document_members };

struct list_query {
	int64_t page, limit;
	const char *cursor;
	int mine;
	struct uuid collection;		/* filter of creatives */
};

#define LIST_FIELDS \
	{ .name = "page", .type = F_INT, \
	    .off = offsetof(struct list_query, page), \
	    .min = 1, .max = 1000000000, .dflt = 1 }, \
	{ .name = "limit", .type = F_INT, .flags = FIELD_CLAMP, \
	    .off = offsetof(struct list_query, limit), \
	    .min = 1, .max = 100, .dflt = 10 }, \
	{ .name = "cursor", .type = F_STR, \
	    .off = offsetof(struct list_query, cursor), \
	    .min = 1, .max = 512 }, \
	{ .name = "mine", .type = F_BOOL, \
	    .off = offsetof(struct list_query, mine) }

static const struct field list_fields[] = { LIST_FIELDS };
static const struct field_table list_table =
    FIELD_TABLE(list_fields, struct list_query);
static const struct field creative_fields[] = {
	LIST_FIELDS,
	{ .name = "collection_id", .type = F_UUID,
	    .off = offsetof(struct list_query, collection) },
};
static const struct field_table creative_list_table =
    FIELD_TABLE(creative_fields, struct list_query);

static void
render_studio(struct json_write *j, const struct studio_api *api,
    const void *row)
{
	const struct studio_head *head = row;

	json_write_obj(j, NULL);
	api->members(j, row);
	json_write_bool(j, "is_favorite", head->is_favorite);
	json_write_obj_end(j);
}

/*
 * Returns a number for the order of a list, for its cursors. A list of one
 * collection and a list of all differ.
 */
static int64_t
order_of(const struct list_query *query)
{
	return query->mine | (uuid_nil(&query->collection) ? 0 : 2);
}

/* A page of a list. */
struct studio_list_page {
	struct span at, first;		/* the position, and that of the page */
	const struct studio_api *api;
	const struct list_query *query;
	struct studio_page rows;	/* those that were read last */
	struct tag tag;
};

static enum rc
read_page(struct req *req, void *list, struct arena *a, size_t bytes, bool *cut)
{
	struct studio_list_page *p = list;
	struct studio_query want = { .collection = p->query->collection,
	    .own = p->query->mine != 0 };
	const struct studio_head *last;
	enum rc rc;

	p->at.bytes = bytes;
	rc = studio_list(req->db, a, p->api->type, req->actor.user, &want,
	    &p->at, &p->rows);
	*cut = p->rows.cut;
	if (rc == RC_OK && p->rows.n > 0) {
		last = p->rows.v[p->rows.n - 1];
		p->at.after = true;
		p->at.id = last->id;
		p->at.limit -= (int64_t)p->rows.n;
	}
	return rc;
}

static void
tag_page(struct req *req, void *list)
{
	struct studio_list_page *p = list;
	const struct studio_head *head;
	size_t i;

	(void)req;
	for (i = 0; i < p->rows.n; i++) {
		head = p->rows.v[i];
		catalog_page_tag_add(&p->tag, head->id);
		catalog_page_tag_add(&p->tag, head->version);
		catalog_page_tag_add(&p->tag, head->is_favorite);
	}
}

static enum rc
end_page_tag(struct req *req, void *list)
{
	struct studio_list_page *p = list;

	catalog_page_tag_add(&p->tag, p->rows.total);
	catalog_page_tag_add(&p->tag, p->rows.more);
	return catalog_page_tag_end(req, &p->tag);
}

static void
rewind_page(void *list)
{
	struct studio_list_page *p = list;

	p->at = p->first;
}

static void
render_page_rows(struct req *req, const void *list)
{
	const struct studio_list_page *p = list;
	size_t i;

	for (i = 0; i < p->rows.n; i++)
		render_studio(&req->j, p->api, p->rows.v[i]);
}

static void
end_page(struct req *req, void *list)
{
	struct studio_list_page *p = list;
	char *next = NULL;

	if (p->rows.more)
		next = catalog_page_span_cursor(req, p->api->tag,
		    order_of(p->query), 0, NULL, p->at.id);
	catalog_page_end(req, p->rows.total, p->query->page, p->query->limit, next);
}

static const struct page_batches studio_batches = {
	.read = read_page, .tag = tag_page, .tag_end = end_page_tag,
	.rewind = rewind_page, .begin = catalog_page_begin, .rows = render_page_rows,
	.end = end_page,
};

static enum rc
list_studio(struct req *req)
{
	const struct list_query *query = req->query;
	struct studio_list_page *p = arena_new(&req->arena,
	    struct studio_list_page);
	struct offsets o = { .limit = query->limit,
	    .offset = (query->page - 1) * query->limit,
	    .cursor = query->cursor };
	enum rc rc;

	p->api = req->route->arg;
	p->query = query;
	rc = catalog_page_offsets_span(req, p->api->tag, &o, order_of(query),
	    &p->first);
	if (rc != RC_OK)
		return rc;
	p->at = p->first;
	catalog_page_tag_init(&p->tag, 0, false);
	return page_batches(req, &studio_batches, p, p->first.after);
}

/* Parses the id in the path. */
static enum rc
studio_path_id(struct req *req, struct uuid *id)
{
	return req_path_arg_uuid(req, 0, id) ? RC_OK :
	    err_field(&req->err, "id", "must be a UUID");
}

static enum rc
studio_detail(struct req *req)
{
	const struct studio_api *api = req->route->arg;
	struct studio_head *row = arena_zalloc(&req->arena, 1,
	    api->type->size);
	struct uuid id;
	enum rc rc;

	rc = studio_path_id(req, &id);
	if (rc == RC_OK)
		rc = studio_get(req->db, &req->arena, api->type, &id,
		    req->actor.user, row, &req->err);
	if (rc == RC_OK)
		rc = req_etag(req, 3, row->id, row->version,
		    (int64_t)row->is_favorite);
	if (rc == RC_OK)
		render_studio(&req->j, api, row);
	return rc;
}

/* Documents per batch. A document has up to about 100 KB. */
#define DOCUMENTS	8

/*
 * A creative with its style and its documents, as far as the caller may see
 * them. The documents are read twice, in batches: first for the ETag, then for
 * the response.
 */
struct whole {
	struct creative c;
	struct style s;			/* id 0: no style */
	size_t at;			/* number of documents already read */
	bool tagged;			/* all versions are in the tag */
	struct tag tag;
};

static enum rc
load_studio(struct req *req, const struct uuid *id, struct whole *w)
{
	int64_t viewer = req->actor.user;
	struct err ignored;
	enum rc rc;

	rc = studio_get(req->db, &req->arena, &creative_type, id, viewer,
	    &w->c, &req->err);
	if (rc == RC_OK && !uuid_nil(&w->c.style)) {
		err_init(&ignored, &req->arena);
		rc = studio_get(req->db, &req->arena, &style_type, &w->c.style,
		    viewer, &w->s, &ignored);
		if (rc == RC_NOT_FOUND)
			rc = RC_OK;
	}
	return rc;
}

/* Reads the next documents. *more: other documents follow. */
static enum rc
next_documents(struct req *req, struct whole *w, struct arena *a,
    struct document_page *page, bool *more)
{
	struct strv ids = w->c.document_ids;
	size_t left = ids.n - w->at;

	ids.v += w->at;
	ids.n = left < DOCUMENTS ? left : DOCUMENTS;
	w->at += ids.n;
	*more = left > DOCUMENTS;
	return document_named(req->db, a, req->actor.user, &ids, page);
}

/*
 * Renders the creative when the tag is complete, unless the client has this
 * version.
 */
static enum rc
render_creative(struct req *req, struct whole *w)
{
	struct json_write *j = &req->j;
	enum rc rc = catalog_page_tag_end(req, &w->tag);

	if (rc != RC_OK)
		return rc;
	w->tagged = true;
	w->at = 0;
	json_write_obj(j, NULL);
	catalog_json_creative_render(j, "creative", &w->c);
	json_write_bool(j, "is_favorite", w->c.head.is_favorite);
	if (w->s.head.id != 0)
		catalog_json_style_render(j, "style", &w->s);
	else
		json_write_null(j, "style");
	json_write_arr(j, "documents");
	return RC_OK;
}

static enum rc
render_documents(struct req *req, void *state, struct arena *a, bool *more)
{
	struct whole *w = state;
	struct document_page page;
	bool again;
	size_t i;
	enum rc rc = next_documents(req, w, a, &page, &again);

	if (rc != RC_OK)
		return rc;
	for (i = 0; i < page.n; i++) {
		if (w->tagged) {
			catalog_json_document_render(&req->j, NULL, &page.v[i]);
			continue;
		}
		catalog_page_tag_add(&w->tag, page.v[i].head.id);
		catalog_page_tag_add(&w->tag, page.v[i].head.version);
	}
	if (again)
		return RC_OK;
	if (!w->tagged)
		return render_creative(req, w);
	json_write_arr_end(&req->j);
	json_write_obj_end(&req->j);
	*more = false;
	return RC_OK;
}

static enum rc
creative_detail(struct req *req)
{
	struct whole *w = arena_new(&req->arena, struct whole);
	struct uuid id;
	enum rc rc;

	rc = studio_path_id(req, &id);
	if (rc == RC_OK)
		rc = load_studio(req, &id, w);
	if (rc != RC_OK)
		return rc;
	catalog_page_tag_init(&w->tag, w->c.head.version,
	    w->c.head.is_favorite);
	catalog_page_tag_add(&w->tag, w->c.head.id);
	catalog_page_tag_add(&w->tag, w->s.head.id);
	catalog_page_tag_add(&w->tag, w->s.head.version);
	return spool_start(req, render_documents, w);
}

static enum rc
add_studio(struct req *req)
{
	const struct studio_api *api = req->route->arg;
	struct studio_head *row = arena_zalloc(&req->arena, 1,
	    api->type->size);
	struct editor by = catalog_page_editor(req);
	char text[UUID_TEXT];
	enum rc rc;

	rc = studio_add(req->db, &req->arena, api->type, &by, req->body, row,
	    &req->err);
	if (rc != RC_OK)
		return rc;
	uuid_text(&row->uuid, text);
	req->location = arena_fmt(&req->arena, "%s/api/%s/%s",
	    req->conf->base_url, api->path, text);
	render_studio(&req->j, api, row);
	return RC_CREATED;
}

static enum rc
change_studio(struct req *req)
{
	const struct studio_api *api = req->route->arg;
	void *row = arena_zalloc(&req->arena, 1, api->type->size);
	struct editor by = catalog_page_editor(req);
	struct uuid id;
	enum rc rc;

	rc = studio_path_id(req, &id);
	if (rc == RC_OK)
		rc = studio_change(req->db, &req->arena, api->type, &by, &id,
		    req->body, row, &req->err);
	if (rc == RC_OK)
		render_studio(&req->j, api, row);
	return rc;
}

static enum rc
remove_studio(struct req *req)
{
	const struct studio_api *api = req->route->arg;
	struct editor by = catalog_page_editor(req);
	struct uuid id;
	enum rc rc;

	rc = studio_path_id(req, &id);
	if (rc == RC_OK)
		rc = studio_remove(req->db, &req->arena, api->type, &by, &id,
		    &req->err);
	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

static const struct json_read_only studio_read_only[] = {
	{ "id", JSON_READ_ONLY_FIXED },
	{ "user_id", JSON_READ_ONLY_FIXED },
	{ "created_at", JSON_READ_ONLY_FIXED },
	{ "is_favorite",
	    "cannot be changed here, use POST /api/user-favorites/toggle" },
	{ NULL, NULL }
};

/*
 * The routes of one type: the query of its list, its bodies and the handler of
 * its details.
 */
#define ROUTES(word, list_query, add_body, change_body, detail) \
	{ .method = "GET", .path = "/" #word, .prefix = PREFIX_API, \
	    .role = ROLE_ANY, .tx = TX_READ, .query = list_query, \
	    .handler = list_studio, .arg = &word }, \
	{ .method = "POST", .path = "/" #word, .prefix = PREFIX_API, \
	    .role = ROLE_ANY, .tx = TX_WRITE, .body = add_body, \
	    .handler = add_studio, .arg = &word }, \
	{ .method = "GET", .path = "/" #word "/{id}", .prefix = PREFIX_API, \
	    .role = ROLE_ANY, .tx = TX_READ, .handler = detail, \
	    .arg = &word }, \
	{ .method = "PATCH", .path = "/" #word "/{id}", .prefix = PREFIX_API, \
	    .role = ROLE_ANY, .tx = TX_WRITE, .body = change_body, \
	    .handler = change_studio, .arg = &word, \
	    .read_only = studio_read_only }, \
	{ .method = "DELETE", .path = "/" #word "/{id}", .prefix = PREFIX_API, \
	    .role = ROLE_ANY, .tx = TX_WRITE, .handler = remove_studio, \
	    .arg = &word }

static const struct route routes[] = {
	ROUTES(styles, &list_table, &style_add_table, &style_change_table,
	    studio_detail),
	ROUTES(creatives, &creative_list_table, &creative_table,
	    &creative_table, creative_detail),
	ROUTES(documents, &list_table, &document_add_table,
	    &document_change_table, studio_detail),
};

const struct route_table studio_routes = ROUTE_TABLE(routes);
