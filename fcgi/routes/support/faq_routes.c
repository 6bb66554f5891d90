/*
 * faq_routes: frequently asked questions. All users read them, administrators
 * change them.
 */
#include "domain/common/audit.h"
#include "domain/support/faq.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "json/json_read_only.h"

static void
render_faq(struct json_write *j, const struct faq *f)
{
	json_write_obj(j, NULL);
	json_write_int(j, "id", f->id);
	json_write_str(j, "category", f->category);
	json_write_str(j, "question", f->question);
	json_write_str(j, "answer", f->answer);
	json_write_int(j, "position", f->position);
	json_write_bool(j, "published", f->published);
	json_write_time(j, "created_at", f->created_at);
	json_write_time(j, "updated_at", f->updated_at);
	json_write_obj_end(j);
}

struct list_in {
	struct pages pages;
	const char *q, *category;
	int drafts;
};
static const struct field list_fields[] = {
	PAGING_FIELDS(struct list_in, pages),
	{ .name = "q", .type = F_STR, .flags = FIELD_TRIM,
	    .off = offsetof(struct list_in, q), .max = 200 },
	{ .name = "category", .type = F_STR, .flags = FIELD_TRIM,
	    .off = offsetof(struct list_in, category), .max = FAQ_CATEGORY },
	{ .name = "drafts", .type = F_BOOL,
	    .off = offsetof(struct list_in, drafts) },
};
static const struct field_table list_table =
    FIELD_TABLE(list_fields, struct list_in);

static void
render_categories(struct json_write *j, const struct faq_categories *all)
{
	json_write_arr(j, "categories");
	for (size_t i = 0; i < all->n; i++) {
		json_write_obj(j, NULL);
		json_write_str(j, "category", all->v[i].name);
		json_write_int(j, "count", all->v[i].n);
		json_write_obj_end(j);
	}
	json_write_arr_end(j);
}

static const char *
faq_given(const char *text)
{
	return text != NULL && *text != '\0' ? text : NULL;
}

/* Finds the page of entries that the query selects, and the categories. */
static enum rc
find_faq(struct req *req, const struct list_in *in, struct cursor *c,
    struct faq_categories *all, struct faq_page *page)
{
	struct faq_query query = { .q = faq_given(in->q),
		.category = faq_given(in->category), .drafts = in->drafts == 1,
		.limit = in->pages.per_page, .position = INT64_MIN };
	int64_t version;
	enum rc rc = paging_cursor_read(req, PAGING_FAQ, in->pages.cursor, c);

	if (rc == RC_OK)
		rc = faq_version(req->db, &version);
	if (rc == RC_OK)
		rc = req_etag(req, 1, version);
	if (rc != RC_OK)
		return rc;
	if (c->given) {
		query.position = c->key;
		query.id = c->id;
	} else {
		query.offset = (in->pages.page - 1) * in->pages.per_page;
	}
	rc = faq_categories(req->db, &req->arena, query.drafts, all);
	return rc != RC_OK ? rc :
	    faq_list(req->db, &req->arena, &query, all, page);
}

static enum rc
list_faqs(struct req *req)
{
	const struct list_in *in = req->query;
	struct cursor c = { .order = 0 };
	struct faq_categories all;
	struct faq_page page;
	struct json_write *j = &req->j;
	enum rc rc;

	if (in->drafts == 1 && !(req->actor.roles & ROLE_ADMIN))
		return err_set(&req->err, RC_FORBIDDEN, "role_required",
		    "Access denied. Admin role required");
	rc = find_faq(req, in, &c, &all, &page);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_arr(j, "faq");
	for (size_t i = 0; i < page.n; i++) {
		render_faq(j, &page.v[i]);
		c.key = page.v[i].position;
		c.id = page.v[i].id;
	}
	json_write_arr_end(j);
	render_categories(j, &all);
	paging_render(req, &in->pages, page.total, page.more, page.more ?
	    paging_cursor_write(req, PAGING_FAQ, &c) : NULL);
	json_write_obj_end(j);
	return RC_OK;
}

#define EDIT_FIELDS(need, is_published) \
	{ .name = "category", .type = F_STR, .flags = FIELD_TRIM | (need), \
	    .off = offsetof(struct faq_edit, category), .min = 1, \
	    .max = FAQ_CATEGORY }, \
	{ .name = "question", .type = F_STR, .flags = FIELD_TRIM | (need), \
	    .off = offsetof(struct faq_edit, question), .min = 1, \
	    .max = FAQ_QUESTION }, \
	{ .name = "answer", .type = F_STR, \
	    .flags = FIELD_TRIM | FIELD_CTL | (need), \
	    .off = offsetof(struct faq_edit, answer), .min = 1, \
	    .max = FAQ_ANSWER }, \
	{ .name = "position", .type = F_INT, \
	    .off = offsetof(struct faq_edit, position), .min = 0, \
	    .max = FAQ_POSITION, .dflt = FIELD_NONE }, \
	{ .name = "published", .type = F_BOOL, \
	    .off = offsetof(struct faq_edit, published), \
	    .dflt = (is_published) }

static const struct field add_fields[] = { EDIT_FIELDS(FIELD_REQUIRED, 1) };
static const struct field_table add_table =
    FIELD_TABLE(add_fields, struct faq_edit);
static const struct field change_fields[] = { EDIT_FIELDS(0, -1) };
static const struct field_table change_table =
    FIELD_TABLE(change_fields, struct faq_edit);

static enum rc
add_faq(struct req *req)
{
	struct audit_by who = req_by(req);
	struct faq f;
	enum rc rc;

	rc = faq_add(req->db, &req->arena, req->body, &who, &f, &req->err);
	if (rc != RC_OK)
		return rc;
	render_faq(&req->j, &f);
	return RC_CREATED;
}

static enum rc
faq_path_id(struct req *req, int64_t *id)
{
	return req_path_id(req, id, "FAQ entry not found");
}

static enum rc
change_faq(struct req *req)
{
	struct audit_by who = req_by(req);
	struct faq f;
	int64_t id;
	enum rc rc = faq_path_id(req, &id);

	if (rc == RC_OK)
		rc = faq_change(req->db, &req->arena, id, req->body, &who, &f,
		    &req->err);
	if (rc == RC_OK)
		render_faq(&req->j, &f);
	return rc;
}

static enum rc
remove_faq(struct req *req)
{
	struct audit_by who = req_by(req);
	int64_t id;
	enum rc rc = faq_path_id(req, &id);

	if (rc == RC_OK)
		rc = faq_remove(req->db, &req->arena, id, &who, &req->err);
	return rc == RC_OK ? RC_NO_CONTENT : rc;
}

static const struct json_read_only faq_read_only[] = {
	{ "id", JSON_READ_ONLY_FIXED },
	{ "created_at", JSON_READ_ONLY_FIXED },
	{ NULL, NULL }
};

static const struct route routes[] = {
	{ .method = "GET", .path = "/support/faq", .prefix = PREFIX_APP,
	    .role = ROLE_MAYBE, .tx = TX_READ, .flags = ROUTE_SEARCH,
	    .query = &list_table, .handler = list_faqs },
	{ .method = "POST", .path = "/support/faq", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN, .tx = TX_WRITE, .body = &add_table,
	    .handler = add_faq },
	{ .method = "PUT", .path = "/support/faq/{id}", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN, .tx = TX_WRITE, .body = &change_table,
	    .handler = change_faq, .read_only = faq_read_only },
	{ .method = "DELETE", .path = "/support/faq/{id}", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN, .tx = TX_WRITE, .handler = remove_faq },
};

const struct route_table faq_routes = ROUTE_TABLE(routes);
