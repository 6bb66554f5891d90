/*
 * studio_favorites_routes: favorites of styles, creatives and documents.
 */
#include "base/str.h"
#include "domain/common/favoritable.h"
#include "domain/favorites/favorite_list.h"
#include "fcgi/core/page_batches.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/catalog/catalog_json.h"
#include "fcgi/routes/catalog/catalog_page.h"

static const char *const types[] = { "style", "creative", "document", NULL };

static enum favorite_kind
kind_of(int type)
{
	return type < 0 ? 0 : (enum favorite_kind)(FAVORITE_STYLE + type);
}

struct change_body {
	struct uuid entity_id;
	int entity_type, is_favorite;
};
static const struct field change_fields[] = {
	{ .name = "entity_id", .type = F_UUID, .flags = FIELD_REQUIRED,
	    .off = offsetof(struct change_body, entity_id) },
	{ .name = "entity_type", .type = F_ENUM, .flags = FIELD_REQUIRED,
	    .words = types, .dflt = -1, .off = offsetof(struct change_body,
	    entity_type) },
	{ .name = "is_favorite", .type = F_BOOL, .dflt = -1,
	    .off = offsetof(struct change_body, is_favorite) },
};
static const struct field_table change_table =
    FIELD_TABLE(change_fields, struct change_body);
/* Without the last field, is_favorite, which only toggle accepts. */
static const struct field_table create_table = {
	change_fields, NELEM(change_fields) - 1, sizeof(struct change_body)
};

static void
members(struct req *req, const struct favorite *f)
{
	struct json_write *j = &req->j;

	json_write_uuid(j, "id", &f->uuid);
	json_write_uuid(j, "user_id", &req->actor.uuid);
	json_write_uuid(j, "entity_id", &f->entity);
	json_write_str(j, "entity_type", types[f->kind - FAVORITE_STYLE]);
	json_write_time(j, "created_at", f->created_at);
	json_write_time(j, "updated_at", f->updated_at);
}

static enum rc
map_not_found(struct req *req, enum rc rc)
{
	return rc != RC_NOT_FOUND ? rc : err_set(&req->err, RC_NOT_FOUND,
	    NULL, "Entity not found");
}

/*
 * Fills the requested change. must_exist: the entity must exist and be visible
 * to the caller.
 */
static enum rc
studio_favorite_change_of(struct req *req, bool must_exist,
    struct favorite_change *c)
{
	const struct change_body *b = req->body;
	struct favorite_studio s;
	enum rc rc;

	*c = (struct favorite_change){ .user = req->actor.user, .kind =
	    kind_of(b->entity_type), .entity = b->entity_id,
	    .now = req->now, .request_id = req->id };
	if (!must_exist)
		return map_not_found(req, favorite_entity(req->db, c->kind,
		    &c->entity, &c->entity_id));
	rc = favorite_studio(req->db, c->kind, &c->entity, c->user, &s);
	if (rc != RC_OK)
		return map_not_found(req, rc);
	if (!s.allowed)
		return err_set(&req->err, RC_FORBIDDEN, "forbidden",
		    "You do not have access to this %s", types[b->entity_type]);
	c->entity_id = s.entity_id;
	return RC_OK;
}

static enum rc
create(struct req *req)
{
	struct favorite_change c;
	struct favorite f;
	bool added;
	enum rc rc;

	rc = studio_favorite_change_of(req, true, &c);
	if (rc == RC_OK)
		rc = favorite_add(req->db, req->conf, &c, &added, &f,
		    &req->err);
	if (rc != RC_OK)
		return map_not_found(req, rc);
	if (!added)
		return err_set(&req->err, RC_CONFLICT, "already_exists",
		    "Favorite already exists");
	json_write_obj(&req->j, NULL);
	members(req, &f);
	json_write_obj_end(&req->j);
	return RC_CREATED;
}

static enum rc
toggle(struct req *req)
{
	const struct change_body *b = req->body;
	struct favorite_change c;
	struct favorite f;
	bool was, changed, want;
	enum rc rc;

	/* A favorite of a deleted or no longer shared entity can be removed. */
	rc = studio_favorite_change_of(req, false, &c);
	if (rc == RC_OK)
		rc = favorite_find(req->db, c.user, c.kind, c.entity_id, &was,
		    NULL);
	if (rc != RC_OK)
		return rc;
	want = b->is_favorite >= 0 ? b->is_favorite != 0 : !was;
	if (want) {
		if (!was)
			rc = studio_favorite_change_of(req, true, &c);
		if (rc == RC_OK)
			rc = favorite_add(req->db, req->conf, &c, &changed,
			    &f, &req->err);
	} else {
		rc = favorite_remove(req->db, &c, &changed);
	}
	if (rc != RC_OK)
		return map_not_found(req, rc);
	json_write_obj(&req->j, NULL);
	json_write_bool(&req->j, "is_favorite", want);
	if (want) {
		json_write_obj(&req->j, "favorite");
		members(req, &f);
		json_write_obj_end(&req->j);
	} else {
		json_write_null(&req->j, "favorite");
	}
	json_write_obj_end(&req->j);
	return RC_OK;
}

static enum rc
remove_studio_favorite(struct req *req)
{
	struct favorite_change c;
	struct favorite f;
	struct uuid id;
	bool removed;
	enum rc rc;

	if (!req_path_arg_uuid(req, 0, &id))
		return err_field(&req->err, "favorite_id", "must be a UUID");
	rc = favorite_by_uuid(req->db, &id, &f);
	/* The id may belong to a favorite of another kind. */
	if (rc == RC_NOT_FOUND || (rc == RC_OK && f.kind < FAVORITE_STYLE))
		return err_set(&req->err, RC_NOT_FOUND, NULL,
		    "Favorite not found");
	if (rc != RC_OK)
		return rc;
	if (f.user_id != req->actor.user)
		return err_set(&req->err, RC_FORBIDDEN, "forbidden",
		    "This favorite belongs to another user");
	c = (struct favorite_change){ .user = f.user_id, .kind = f.kind,
	    .entity_id = f.entity_id, .entity = f.entity, .now = req->now,
	    .request_id = req->id };
	rc = favorite_remove(req->db, &c, &removed);
	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

struct list_query {
	int64_t page, limit;
	int entity_type, sort_by, sort_order;
	const char *cursor;
};
static const char *const sort_bys[] = { "created_at", "updated_at", NULL };
static const char *const sort_orders[] = { "desc", "asc", NULL };
static const struct field list_fields[] = {
	{ .name = "page", .type = F_INT, .off = offsetof(struct list_query,
	    page), .min = 1, .max = 1000000000, .dflt = 1 },
	{ .name = "limit", .type = F_INT, .flags = FIELD_CLAMP, .off =
	    offsetof(struct list_query, limit), .min = 1, .max = 100,
	    .dflt = 10 },
	{ .name = "entity_type", .type = F_ENUM, .words = types, .dflt = -1,
	    .off = offsetof(struct list_query, entity_type) },
	/*
	 * A favorite of these kinds never changes, so both columns give the
	 * same order.
	 */
	{ .name = "sort_by", .type = F_ENUM, .words = sort_bys, .dflt = 0,
	    .off = offsetof(struct list_query, sort_by) },
	{ .name = "sort_order", .type = F_ENUM, .words = sort_orders,
	    .dflt = 0, .off = offsetof(struct list_query, sort_order) },
	{ .name = "cursor", .type = F_STR, .off = offsetof(struct list_query,
	    cursor), .min = 1, .max = 512 },
};
static const struct field_table list_table =
    FIELD_TABLE(list_fields, struct list_query);

/*
 * Returns the number and version of the favorites of one kind, or of all three
 * if kind is 0.
 */
static enum rc
studio_favorites_totals(struct req *req, enum favorite_kind kind,
    struct favorite_user_count *sum)
{
	enum favorite_kind k = kind != 0 ? kind : FAVORITE_STYLE;
	enum favorite_kind last = kind != 0 ? kind : FAVORITE_DOCUMENT;
	struct favorite_user_count t;
	enum rc rc;

	*sum = (struct favorite_user_count){ .n = 0 };
	for (; k <= last; k++) {
		rc = favorite_user_count(req->db, req->actor.user, k, &t);
		if (rc != RC_OK)
			return rc;
		sum->n += t.n;
		sum->version += t.version;
	}
	return RC_OK;
}

static void
render_studio_favorite_item(struct req *req,
    const struct favorite_studio_item *s)
{
	struct json_write *j = &req->j;

	json_write_obj(j, NULL);
	members(req, &s->f);
	if (!s->alive)
		json_write_null(j, "entity_data");
	else if (s->f.kind == FAVORITE_STYLE)
		catalog_json_style_render(j, "entity_data", &s->style);
	else if (s->f.kind == FAVORITE_CREATIVE)
		catalog_json_creative_render(j, "entity_data", &s->creative);
	else
		catalog_json_document_render(j, "entity_data", &s->document);
	json_write_obj_end(j);
}

/* Returns the version of the entity of an item, or 0 if it was deleted. */
static int64_t
version_of(const struct favorite_studio_item *s)
{
	return !s->alive ? 0 : s->f.kind == FAVORITE_STYLE ?
	    s->style.head.version : s->f.kind == FAVORITE_CREATIVE ?
	    s->creative.head.version : s->document.head.version;
}

/* A page of the list. */
struct favorites_page {
	struct favorite_page at, first;	/* the position, and that of the page */
	enum favorite_kind kind;
	const struct list_query *query;
	int64_t order;			/* for its cursor */
	struct favorite_user_count total;
	struct favorite_studio_list rows;	/* those that were read last */
	struct tag tag;
};

static enum rc
read_page(struct req *req, void *list, struct arena *a, size_t bytes, bool *cut)
{
	struct favorites_page *p = list;
	enum rc rc;

	p->at.bytes = bytes;
	rc = favorite_list_studio(req->db, a, req->actor.user, p->kind, &p->at,
	    &p->rows);
	*cut = p->rows.cut;
	if (rc == RC_OK && p->rows.n > 0) {
		p->at.after = true;
		p->at.offset = 0;
		p->at.at = p->rows.items[p->rows.n - 1].f.created_at;
		p->at.id = p->rows.items[p->rows.n - 1].f.id;
		p->at.limit -= (int64_t)p->rows.n;
	}
	return rc;
}

static void
tag_page(struct req *req, void *list)
{
	struct favorites_page *p = list;
	size_t i;

	(void)req;
	for (i = 0; i < p->rows.n; i++) {
		catalog_page_tag_add(&p->tag, p->rows.items[i].f.id);
		catalog_page_tag_add(&p->tag, version_of(&p->rows.items[i]));
	}
}

static enum rc
end_page_tag(struct req *req, void *list)
{
	struct favorites_page *p = list;

	catalog_page_tag_add(&p->tag, p->total.version);
	catalog_page_tag_add(&p->tag, p->rows.more);
	return catalog_page_tag_end(req, &p->tag);
}

static void
rewind_page(void *list)
{
	struct favorites_page *p = list;

	p->at = p->first;
}

static void
render_page_rows(struct req *req, const void *list)
{
	const struct favorites_page *p = list;
	size_t i;

	for (i = 0; i < p->rows.n; i++)
		render_studio_favorite_item(req, &p->rows.items[i]);
}

static void
end_page(struct req *req, void *list)
{
	struct favorites_page *p = list;
	char *next = NULL;

	if (p->rows.more)
		next = paging_cursor_write(req, PAGING_FAV_STUDIO,
		    &(struct cursor){ .key = p->at.at, .id = p->at.id,
		    .order = p->order });
	catalog_page_end(req, p->total.n, p->query->page, p->query->limit, next);
}

static const struct page_batches favorites_batches = {
	.read = read_page, .tag = tag_page, .tag_end = end_page_tag,
	.rewind = rewind_page, .begin = catalog_page_begin, .rows = render_page_rows,
	.end = end_page,
};

static enum rc
list_studio_favorites(struct req *req)
{
	const struct list_query *q = req->query;
	struct favorites_page *p = arena_new(&req->arena,
	    struct favorites_page);
	struct cursor c;
	enum rc rc;

	p->kind = kind_of(q->entity_type);
	p->query = q;
	p->order = q->sort_order | (int64_t)p->kind << 1;
	c = (struct cursor){ .order = p->order };
	rc = paging_cursor_read(req, PAGING_FAV_STUDIO, q->cursor, &c);
	if (rc == RC_OK)
		rc = studio_favorites_totals(req, p->kind, &p->total);
	if (rc != RC_OK)
		return rc;
	p->first = (struct favorite_page){ .limit = q->limit,
	    .offset = c.given ? 0 : (q->page - 1) * q->limit,
	    .after = c.given, .at = c.key, .id = c.id,
	    .oldest_first = q->sort_order == 1 };
	p->at = p->first;
	catalog_page_tag_init(&p->tag, req->actor.user, false);
	return page_batches(req, &favorites_batches, p, c.given);
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/user-favorites", .prefix = PREFIX_API,
	    .role = ROLE_ANY, .tx = TX_READ, .query = &list_table,
	    .handler = list_studio_favorites },
	{ .method = "POST", .path = "/user-favorites", .prefix = PREFIX_API,
	    .role = ROLE_ANY, .tx = TX_WRITE, .body = &create_table,
	    .handler = create },
	{ .method = "POST", .path = "/user-favorites/toggle",
	    .prefix = PREFIX_API, .role = ROLE_ANY, .tx = TX_WRITE,
	    .flags = ROUTE_IDEMPOTENT, .body = &change_table,
	    .handler = toggle },
	{ .method = "DELETE", .path = "/user-favorites/{favorite_id}",
	    .prefix = PREFIX_API, .role = ROLE_ANY, .tx = TX_WRITE,
	    .handler = remove_studio_favorite },
};
const struct route_table studio_favorites_routes = ROUTE_TABLE(routes);
