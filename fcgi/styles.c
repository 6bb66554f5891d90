/*
 * Styles: seen by all who are signed in, changed by their owner. E's shapes.
 */
#include "base/str.h"
#include "dom/style.h"
#include "fcgi/catalog_json.h"
#include "fcgi/catalog_page.h"
#include "fcgi/groups.h"

struct list_query {
	struct studio_query page;
};

static const struct field list_fields[] = {
	STUDIO_FIELDS(struct list_query, page),
};
static const struct field_table list_table =
    FIELD_TABLE(list_fields, struct list_query);

static void
render(struct jout *j, const struct style *s)
{
	jout_obj(j, NULL);
	style_members(j, s);
	jout_bool(j, "is_favorite", s->is_favorite);
	jout_obj_end(j);
}

static enum rc
list(struct req *req, const void *arg)
{
	const struct list_query *in = req->query;
	const struct studio_query *query = &in->page;
	struct style_page page;
	struct span span;
	struct tag tag;
	size_t i;
	enum rc rc;

	(void)arg;
	rc = studio_span(req, PAGE_STYLES, query, query->mine, &span);
	if (rc == RC_OK)
		rc = style_list(req->db, &req->arena, req->actor.user,
		    query->mine != 0, &span, &page);
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
	studio_end(req, PAGE_STYLES, query, query->mine, page.total,
	    page.more ? page.v[page.n - 1].id : 0);
	return RC_OK;
}

static enum rc
detail(struct req *req, const void *arg)
{
	struct style s;
	struct uuid id;
	enum rc rc;

	(void)arg;
	rc = studio_id(req, &id);
	if (rc == RC_OK)
		rc = style_get(req->db, &req->arena, &id, req->actor.user, &s,
		    &req->err);
	if (rc == RC_OK)
		rc = req_etag(req, 3, s.id, s.version,
		    (int64_t)s.is_favorite);
	if (rc == RC_OK)
		render(&req->j, &s);
	return rc;
}

static enum rc
add(struct req *req, const void *arg)
{
	struct editor by = editor_of(req);
	struct style s;
	char text[UUID_TEXT];
	enum rc rc;

	(void)arg;
	rc = style_add(req->db, &req->arena, &by, req->body, &s, &req->err);
	if (rc != RC_OK)
		return rc;
	uuid_text(&s.uuid, text);
	req->location = arena_fmt(&req->arena, "%s/api/styles/%s",
	    req->conf->base_url, text);
	render(&req->j, &s);
	return RC_CREATED;
}

static enum rc
change(struct req *req, const void *arg)
{
	struct editor by = editor_of(req);
	struct style s;
	struct uuid id;
	enum rc rc;

	(void)arg;
	rc = studio_id(req, &id);
	if (rc == RC_OK)
		rc = style_change(req->db, &req->arena, &by, &id, req->body,
		    &s, &req->err);
	if (rc == RC_OK)
		render(&req->j, &s);
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
		rc = style_remove(req->db, &req->arena, &by, &id, &req->err);
	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

static const struct route routes[] = {
	{ "GET", "/styles", PREFIX_API, ROLE_ANY, TX_READ, 0, &list_table, NULL,
	    list, NULL, NULL },
	{ "POST", "/styles", PREFIX_API, ROLE_ANY, TX_WRITE, 0, NULL,
	    &style_add_table, add, NULL, NULL },
	{ "GET", "/styles/{id}", PREFIX_API, ROLE_ANY, TX_READ, 0, NULL, NULL,
	    detail, NULL, NULL },
	{ "PATCH", "/styles/{id}", PREFIX_API, ROLE_ANY, TX_WRITE, 0, NULL,
	    &style_change_table, change, NULL, NULL },
	{ "DELETE", "/styles/{id}", PREFIX_API, ROLE_ANY, TX_WRITE, 0, NULL,
	    NULL, take_away, NULL, NULL },
};

const struct route_table styles_routes = ROUTE_TABLE(routes);
