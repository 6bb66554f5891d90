#include "fcgi/routes/support/ticket_json.h"

#include "fcgi/routes/catalog/catalog_page.h"

enum rc
ticket_json_path_id(struct req *req, int64_t *id)
{
	return req_path_id(req, id, "Ticket not found");
}

void
ticket_json_members(struct json_write *j, const struct ticket *t, bool staff)
{
	json_write_int(j, "id", t->id);
	json_write_str(j, "subject", t->subject);
	json_write_str(j, "category", ticket_category_names[t->category - 1]);
	json_write_str(j, "status", ticket_status_names[t->status - 1]);
	json_write_opt(j, "session_id", t->session);
	json_write_int(j, "replies_count", t->replies);
	json_write_time(j, "created_at", t->created_at);
	json_write_time(j, "updated_at", t->updated_at);
	if (!staff)
		return;
	json_write_int(j, "user_id", t->user);
	json_write_str(j, "username", t->username);
	json_write_opt(j, "assignee_id", t->assignee);
	json_write_str(j, "assignee", t->assignee_name);
	json_write_int(j, "notes_count", t->notes);
}

/* Customers do not see which member of the staff replied. */
void
ticket_json_reply_members(struct json_write *j, const struct ticket_reply *r)
{
	json_write_int(j, "id", r->id);
	json_write_str(j, "from", r->kind == REPLY_CUSTOMER ? "customer" :
	    "support");
	json_write_str(j, "body", r->body);
	json_write_time(j, "created_at", r->created_at);
}

static void
render_reply(struct json_write *j, const char *key,
    const struct ticket_reply *r, bool staff)
{
	json_write_obj(j, key);
	ticket_json_reply_members(j, r);
	if (staff) {
		json_write_bool(j, "internal", r->kind == REPLY_NOTE);
		json_write_int(j, "author_id", r->author);
		json_write_str(j, "author", r->author_name);
	}
	json_write_obj_end(j);
}

/*
 * Sets the ETag of a ticket for its customer. Internal notes do not change the
 * version.
 */
static enum rc
ticket_etag(struct req *req, const struct ticket *t, bool staff)
{
	return staff ? RC_OK : req_etag(req, 2, t->id, t->version);
}

enum rc
ticket_json_detail(struct req *req, enum paging_tag tag, const struct ticket *t,
    bool staff)
{
	const struct paged *in = req->query;
	const struct pages *p = &in->pages;
	struct reply_page page = { .limit = p->per_page, .notes = staff };
	struct cursor c = { .order = 0 };
	struct json_write *j = &req->j;
	enum rc rc;

	rc = paging_cursor_read(req, tag, p->cursor, &c);
	if (rc == RC_OK)
		rc = ticket_etag(req, t, staff);
	if (rc != RC_OK)
		return rc;
	page.after = c.given ? c.id : 0;
	page.offset = c.given ? 0 : (p->page - 1) * p->per_page;
	rc = ticket_replies(req->db, &req->arena, t->id, &page);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	ticket_json_members(j, t, staff);
	json_write_str(j, "body", t->body);
	json_write_arr(j, "replies");
	for (size_t i = 0; i < page.n; i++) {
		render_reply(j, NULL, &page.v[i], staff);
		c.id = page.v[i].id;
	}
	json_write_arr_end(j);
	paging_render(req, p, t->replies + (staff ? t->notes : 0), page.more,
	    page.more ? paging_cursor_write(req, tag, &c) : NULL);
	json_write_obj_end(j);
	return RC_OK;
}

/* Sets the ETag of a page of tickets. */
static enum rc
list_etag(struct req *req, const struct ticket_page *page, bool staff)
{
	struct tag tag;

	if (staff)
		return RC_OK;
	catalog_page_tag_init(&tag, page->total, page->more);
	catalog_page_tag_add(&tag, req->actor.user);
	for (size_t i = 0; i < page->n; i++) {
		catalog_page_tag_add(&tag, page->v[i].id);
		catalog_page_tag_add(&tag, page->v[i].version);
	}
	return catalog_page_tag_end(req, &tag);
}

enum rc
ticket_json_render_list(struct req *req, enum paging_tag tag,
    const struct pages *p, int64_t order, struct ticket_query *query,
    bool staff)
{
	struct cursor c = { .order = order };
	struct ticket_page page;
	struct json_write *j = &req->j;
	enum rc rc = paging_cursor_read(req, tag, p->cursor, &c);

	if (rc != RC_OK)
		return rc;
	query->limit = p->per_page;
	query->before = c.given ? c.id : INT64_MAX;
	query->offset = c.given ? 0 : (p->page - 1) * p->per_page;
	rc = ticket_list(req->db, &req->arena, query, &page);
	if (rc == RC_OK)
		rc = list_etag(req, &page, staff);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_arr(j, "tickets");
	for (size_t i = 0; i < page.n; i++) {
		json_write_obj(j, NULL);
		ticket_json_members(j, &page.v[i], staff);
		json_write_obj_end(j);
		c.id = page.v[i].id;
	}
	json_write_arr_end(j);
	paging_render(req, p, page.total, page.more, page.more ?
	    paging_cursor_write(req, tag, &c) : NULL);
	json_write_obj_end(j);
	return RC_OK;
}

enum rc
ticket_json_reply_added(struct req *req, const struct ticket *t,
    const struct ticket_reply *r, bool staff)
{
	struct json_write *j = &req->j;

	json_write_obj(j, NULL);
	json_write_obj(j, "ticket");
	ticket_json_members(j, t, staff);
	json_write_obj_end(j);
	render_reply(j, "reply", r, staff);
	json_write_obj_end(j);
	return RC_CREATED;
}
