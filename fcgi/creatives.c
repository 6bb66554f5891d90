/*
 * Creatives: the published ones and the own drafts are seen, the own
 * changed. E's shapes.
 */
#include "base/str.h"
#include "dom/creative.h"
#include "dom/document.h"
#include "dom/style.h"
#include "fcgi/catalog_json.h"
#include "fcgi/catalog_page.h"
#include "fcgi/groups.h"

struct list_query {
	struct studio_query page;
	struct uuid collection;
};

static const struct field list_fields[] = {
	STUDIO_FIELDS(struct list_query, page),
	{ .name = "collection_id", .type = F_UUID,
	    .off = offsetof(struct list_query, collection) },
};
static const struct field_table list_table =
    FIELD_TABLE(list_fields, struct list_query);

static void
render(struct jout *j, const struct creative *c)
{
	jout_obj(j, NULL);
	creative_members(j, c);
	jout_bool(j, "is_favorite", c->is_favorite);
	jout_obj_end(j);
}

/* A list of one collection and a list of all have cursors of their own. */
static int64_t
order_of(const struct list_query *query)
{
	return query->page.mine | (uuid_nil(&query->collection) ? 0 : 2);
}

static enum rc
list(struct req *req, const void *arg)
{
	const struct list_query *query = req->query;
	struct creative_query want = { .collection = query->collection,
	    .own = query->page.mine != 0 };
	struct creative_page page;
	struct span span;
	struct tag tag;
	size_t i;
	enum rc rc;

	(void)arg;
	rc = studio_span(req, PAGE_CREATIVES, &query->page, order_of(query),
	    &span);
	if (rc == RC_OK)
		rc = creative_list(req->db, &req->arena, req->actor.user,
		    &want, &span, &page);
	if (rc != RC_OK)
		return rc;
	tag_init(&tag, page.total, page.more);
	for (i = 0; i < page.n; i++) {
		tag_add(&tag, page.v[i].id);
		tag_add(&tag, page.v[i].version);
		tag_add(&tag, page.v[i].is_favorite);
	}
	rc = tag_end(req, &tag);
	if (rc != RC_OK)
		return rc;
	studio_begin(req);
	for (i = 0; i < page.n; i++)
		render(&req->j, &page.v[i]);
	studio_end(req, PAGE_CREATIVES, &query->page, order_of(query),
	    page.total, page.more ? page.v[page.n - 1].id : 0);
	return RC_OK;
}

/* The creative, its style and its documents, as far as the viewer sees them. */
struct whole {
	struct creative c;
	struct style s;			/* id 0: none */
	struct document_page d;
};

static enum rc
load(struct req *req, const struct uuid *id, struct whole *w)
{
	int64_t viewer = req->actor.user;
	struct err ignored;
	enum rc rc;

	memset(w, 0, sizeof(*w));
	rc = creative_get(req->db, &req->arena, id, viewer, &w->c, &req->err);
	if (rc == RC_OK && !uuid_nil(&w->c.style)) {
		err_init(&ignored, &req->arena);
		rc = style_get(req->db, &req->arena, &w->c.style, viewer,
		    &w->s, &ignored);
		if (rc == RC_NOT_FOUND)
			rc = RC_OK;
	}
	return rc != RC_OK ? rc : document_named(req->db, &req->arena, viewer,
	    &w->c.document_ids, &w->d);
}

static enum rc
detail(struct req *req, const void *arg)
{
	struct jout *j = &req->j;
	struct uuid id;
	struct whole w;
	struct tag tag;
	size_t i;
	enum rc rc;

	(void)arg;
	rc = studio_id(req, &id);
	if (rc == RC_OK)
		rc = load(req, &id, &w);
	if (rc != RC_OK)
		return rc;
	tag_init(&tag, w.c.version, w.c.is_favorite);
	tag_add(&tag, w.c.id);
	tag_add(&tag, w.s.id);
	tag_add(&tag, w.s.version);
	for (i = 0; i < w.d.n; i++) {
		tag_add(&tag, w.d.v[i].id);
		tag_add(&tag, w.d.v[i].version);
	}
	rc = tag_end(req, &tag);
	if (rc != RC_OK)
		return rc;
	jout_obj(j, NULL);
	creative_render(j, "creative", &w.c);
	jout_bool(j, "is_favorite", w.c.is_favorite);
	if (w.s.id != 0)
		style_render(j, "style", &w.s);
	else
		jout_null(j, "style");
	jout_arr(j, "documents");
	for (i = 0; i < w.d.n; i++)
		document_render(j, NULL, &w.d.v[i]);
	jout_arr_end(j);
	jout_obj_end(j);
	return RC_OK;
}

static enum rc
add(struct req *req, const void *arg)
{
	struct editor by = editor_of(req);
	struct creative c;
	char text[UUID_TEXT];
	enum rc rc;

	(void)arg;
	rc = creative_add(req->db, &req->arena, &by, req->body, &c, &req->err);
	if (rc != RC_OK)
		return rc;
	uuid_text(&c.uuid, text);
	req->location = arena_fmt(&req->arena, "%s/api/creatives/%s",
	    req->conf->base_url, text);
	render(&req->j, &c);
	return RC_CREATED;
}

static enum rc
change(struct req *req, const void *arg)
{
	struct editor by = editor_of(req);
	struct creative c;
	struct uuid id;
	enum rc rc;

	(void)arg;
	rc = studio_id(req, &id);
	if (rc == RC_OK)
		rc = creative_change(req->db, &req->arena, &by, &id, req->body,
		    &c, &req->err);
	if (rc == RC_OK)
		render(&req->j, &c);
	return rc;
}

static enum rc
take_away(struct req *req, const void *arg)
{
	struct editor by = editor_of(req);
	struct uuid id;
	enum rc rc;

	(void)arg;
	rc = studio_id(req, &id);
	if (rc == RC_OK)
		rc = creative_remove(req->db, &req->arena, &by, &id, &req->err);
	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

static const struct route routes[] = {
	{ "GET", "/creatives", PREFIX_API, ROLE_ANY, TX_READ, 0, &list_table,
	    NULL, list, NULL, NULL },
	{ "POST", "/creatives", PREFIX_API, ROLE_ANY, TX_WRITE, 0, NULL,
	    &creative_table, add, NULL, NULL },
	{ "GET", "/creatives/{id}", PREFIX_API, ROLE_ANY, TX_READ, 0, NULL,
	    NULL, detail, NULL, NULL },
	{ "PATCH", "/creatives/{id}", PREFIX_API, ROLE_ANY, TX_WRITE, 0, NULL,
	    &creative_table, change, NULL, NULL },
	{ "DELETE", "/creatives/{id}", PREFIX_API, ROLE_ANY, TX_WRITE, 0, NULL,
	    NULL, take_away, NULL, NULL },
};

const struct route_table creatives_routes = ROUTE_TABLE(routes);
