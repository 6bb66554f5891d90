/*
 * E: favorites of the studio: styles, creatives, documents.
 */
#include "base/str.h"
#include "domain/favorites/favorite_list.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/catalog/catalog_json.h"
#include "fcgi/routes/catalog/catalog_page.h"

static const char *const types[] = { "style", "creative", "document", NULL };

static enum fav_kind
kind_of(int type)
{
	return type < 0 ? 0 : (enum fav_kind)(FAV_STYLE + type);
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
/* Only a toggle can be told which way to go. */
static const struct field_table create_table = {
	change_fields, NELEM(change_fields) - 1, sizeof(struct change_body)
};

static void
members(struct req *req, const struct favorite *f)
{
	struct jout *j = &req->j;

	jout_uuid(j, "id", &f->uuid);
	jout_uuid(j, "user_id", &req->actor.uuid);
	jout_uuid(j, "entity_id", &f->entity);
	jout_str(j, "entity_type", types[f->kind - FAV_STYLE]);
	jout_time(j, "created_at", f->created_at);
	jout_time(j, "updated_at", f->updated_at);
}

static enum rc
no_entity(struct req *req, enum rc rc)
{
	return rc != RC_NOT_FOUND ? rc : err_set(&req->err, RC_NOT_FOUND,
	    NULL, "Entity not found");
}

/* The change a body asks for; may_add: the entity must be there and allowed. */
static enum rc
change_of(struct req *req, bool must_exist, struct fav_change *c)
{
	const struct change_body *b = req->body;
	struct fav_studio s;
	enum rc rc;

	*c = (struct fav_change){ .user = req->actor.user, .kind =
	    kind_of(b->entity_type), .entity = b->entity_id,
	    .now = req->now, .request_id = req->id };
	if (!must_exist)
		return no_entity(req, favorite_entity(req->db, c->kind,
		    &c->entity, &c->entity_id));
	rc = favorite_studio(req->db, c->kind, &c->entity, c->user, &s);
	if (rc != RC_OK)
		return no_entity(req, rc);
	if (!s.allowed)
		return err_set(&req->err, RC_FORBIDDEN, "forbidden",
		    "You may not see this %s", types[b->entity_type]);
	c->entity_id = s.entity_id;
	return RC_OK;
}

static enum rc
create(struct req *req, const void *arg)
{
	struct fav_change c;
	struct favorite f;
	bool added;
	enum rc rc;

	(void)arg;
	rc = change_of(req, true, &c);
	if (rc == RC_OK)
		rc = favorite_add(req->db, req->conf, &c, &added, &f,
		    &req->err);
	if (rc != RC_OK)
		return no_entity(req, rc);
	if (!added)
		return err_set(&req->err, RC_CONFLICT, "already_exists",
		    "Favorite already exists");
	jout_obj(&req->j, NULL);
	members(req, &f);
	jout_obj_end(&req->j);
	return RC_CREATED;
}

static enum rc
toggle(struct req *req, const void *arg)
{
	const struct change_body *b = req->body;
	struct fav_change c;
	struct favorite f;
	bool was, changed, want;
	enum rc rc;

	(void)arg;
	/* What is gone, or no longer shared, can still be let go of. */
	rc = change_of(req, false, &c);
	if (rc == RC_OK)
		rc = favorite_find(req->db, c.user, c.kind, c.entity_id, &was,
		    NULL);
	if (rc != RC_OK)
		return rc;
	want = b->is_favorite >= 0 ? b->is_favorite != 0 : !was;
	if (want) {
		if (!was)
			rc = change_of(req, true, &c);
		if (rc == RC_OK)
			rc = favorite_add(req->db, req->conf, &c, &changed,
			    &f, &req->err);
	} else {
		rc = favorite_remove(req->db, &c, &changed);
	}
	if (rc != RC_OK)
		return no_entity(req, rc);
	jout_obj(&req->j, NULL);
	jout_bool(&req->j, "is_favorite", want);
	if (want) {
		jout_obj(&req->j, "favorite");
		members(req, &f);
		jout_obj_end(&req->j);
	} else {
		jout_null(&req->j, "favorite");
	}
	jout_obj_end(&req->j);
	return RC_OK;
}

static enum rc
drop(struct req *req, const void *arg)
{
	struct fav_change c;
	struct favorite f;
	struct uuid id;
	bool removed;
	enum rc rc;

	(void)arg;
	if (!req_seg_uuid(req, 0, &id))
		return err_field(&req->err, "favorite_id", "must be a UUID");
	rc = favorite_by_uuid(req->db, &id, &f);
	/* D's favorites have ids too, but they are none of these. */
	if (rc == RC_NOT_FOUND || (rc == RC_OK && f.kind < FAV_STYLE))
		return err_set(&req->err, RC_NOT_FOUND, NULL,
		    "Favorite not found");
	if (rc != RC_OK)
		return rc;
	if (f.user_id != req->actor.user)
		return err_set(&req->err, RC_FORBIDDEN, "forbidden",
		    "This favorite is not yours");
	c = (struct fav_change){ .user = f.user_id, .kind = f.kind,
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
	 * A favorite of these kinds is never changed after it was made, so
	 * both columns give one order.
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

/* The total and version of one kind, or of all three. */
static enum rc
totals(struct req *req, enum fav_kind kind, struct fav_total *sum)
{
	enum fav_kind k = kind != 0 ? kind : FAV_STYLE;
	enum fav_kind last = kind != 0 ? kind : FAV_DOCUMENT;
	struct fav_total t;
	enum rc rc;

	*sum = (struct fav_total){ 0, 0 };
	for (; k <= last; k++) {
		rc = favorite_total(req->db, req->actor.user, k, &t);
		if (rc != RC_OK)
			return rc;
		sum->n += t.n;
		sum->version += t.version;
	}
	return RC_OK;
}

static void
render_item(struct req *req, const struct fav_studio_item *s)
{
	struct jout *j = &req->j;

	jout_obj(j, NULL);
	members(req, &s->f);
	if (!s->alive)
		jout_null(j, "entity_data");
	else if (s->f.kind == FAV_STYLE)
		style_render(j, "entity_data", &s->style);
	else if (s->f.kind == FAV_CREATIVE)
		creative_render(j, "entity_data", &s->creative);
	else
		document_render(j, "entity_data", &s->document);
	jout_obj_end(j);
}

/* The version of what an item shows; 0: its entity is gone. */
static int64_t
version_of(const struct fav_studio_item *s)
{
	return !s->alive ? 0 : s->f.kind == FAV_STYLE ? s->style.head.version :
	    s->f.kind == FAV_CREATIVE ? s->creative.head.version :
	    s->document.head.version;
}

static enum rc
list(struct req *req, const void *arg)
{
	const struct list_query *q = req->query;
	enum fav_kind kind = kind_of(q->entity_type);
	struct fav_page page = { .limit = q->limit, .oldest_first =
	    q->sort_order == 1 };
	struct cursor c = { .order = q->sort_order | (int64_t)kind << 1 };
	struct fav_studio_list l;
	struct fav_total total;
	char *next = NULL;
	struct tag tag;
	size_t i;
	enum rc rc;

	(void)arg;
	rc = cursor_read(req, PAGE_FAV_STUDIO, q->cursor, &c);
	page.after = c.given;
	page.at = c.key;
	page.id = c.id;
	if (!c.given)
		page.offset = (q->page - 1) * q->limit;
	if (rc == RC_OK)
		rc = totals(req, kind, &total);
	if (rc == RC_OK)
		rc = favorite_studio_list(req->db, &req->arena,
		    req->actor.user, kind, &page, &l);
	if (rc != RC_OK)
		return rc;
	tag_init(&tag, req->actor.user, l.more);
	tag_add(&tag, total.version);
	for (i = 0; i < l.n; i++) {
		tag_add(&tag, l.items[i].f.id);
		tag_add(&tag, version_of(&l.items[i]));
	}
	rc = tag_end(req, &tag);
	if (rc != RC_OK)
		return rc;
	jout_obj(&req->j, NULL);
	jout_arr(&req->j, "items");
	for (i = 0; i < l.n; i++)
		render_item(req, &l.items[i]);
	jout_arr_end(&req->j);
	jout_int(&req->j, "total_count", total.n);
	if (l.more)
		next = cursor_write(req, PAGE_FAV_STUDIO, &(struct cursor){
		    .key = l.items[l.n - 1].f.created_at,
		    .id = l.items[l.n - 1].f.id, .order = c.order });
	jout_int(&req->j, "page", q->page);
	jout_int(&req->j, "limit", q->limit);
	jout_str(&req->j, "next_cursor", next);
	jout_obj_end(&req->j);
	page_link(req, next);
	return RC_OK;
}

static const struct route routes[] = {
	{ "GET", "/user-favorites", PREFIX_API, ROLE_ANY, TX_READ, 0,
	    &list_table, NULL, list, NULL, NULL },
	{ "POST", "/user-favorites", PREFIX_API, ROLE_ANY, TX_WRITE, 0, NULL,
	    &create_table, create, NULL, NULL },
	{ "POST", "/user-favorites/toggle", PREFIX_API, ROLE_ANY, TX_WRITE,
	    ROUTE_IDEMPOTENT, NULL, &change_table, toggle, NULL, NULL },
	{ "DELETE", "/user-favorites/{favorite_id}", PREFIX_API, ROLE_ANY,
	    TX_WRITE, 0, NULL, NULL, drop, NULL, NULL },
};
const struct route_table favorites_e_routes = ROUTE_TABLE(routes);
