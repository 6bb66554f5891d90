#include "fcgi/routes/support/ticket_json.h"

#include "fcgi/routes/catalog/catalog_page.h"

enum rc
ticket_path_id(struct req *req, int64_t *id)
{
	return req_path_id(req, id, "Ticket not found");
}

void
ticket_members(struct jout *j, const struct ticket *t, bool staff)
{
	jout_int(j, "id", t->id);
	jout_str(j, "subject", t->subject);
	jout_str(j, "category", ticket_category_words[t->category - 1]);
	jout_str(j, "status", ticket_status_words[t->status - 1]);
	jout_opt(j, "session_id", t->session);
	jout_int(j, "replies_count", t->replies);
	jout_time(j, "created_at", t->created_at);
	jout_time(j, "updated_at", t->updated_at);
	if (!staff)
		return;
	jout_int(j, "user_id", t->user);
	jout_str(j, "username", t->username);
	jout_opt(j, "assignee_id", t->assignee);
	jout_str(j, "assignee", t->assignee_name);
	jout_int(j, "notes_count", t->notes);
}

/* A customer is not told which of us it was. */
void
reply_members(struct jout *j, const struct ticket_reply *r)
{
	jout_int(j, "id", r->id);
	jout_str(j, "from", r->kind == REPLY_CUSTOMER ? "customer" :
	    "support");
	jout_str(j, "body", r->body);
	jout_time(j, "created_at", r->created_at);
}

static void
reply_render(struct jout *j, const char *key, const struct ticket_reply *r,
    bool staff)
{
	jout_obj(j, key);
	reply_members(j, r);
	if (staff) {
		jout_bool(j, "internal", r->kind == REPLY_NOTE);
		jout_int(j, "author_id", r->author);
		jout_str(j, "author", r->author_name);
	}
	jout_obj_end(j);
}

/* An ETag for what a customer sees; a note moves nothing in it. */
static enum rc
tag_of(struct req *req, const struct ticket *t, bool staff)
{
	return staff ? RC_OK : req_etag(req, 2, t->id, t->version);
}

enum rc
ticket_detail(struct req *req, enum page_tag tag, const struct ticket *t,
    bool staff)
{
	const struct paged *in = req->query;
	const struct pages *p = &in->pages;
	struct reply_page page = { .limit = p->per_page, .notes = staff };
	struct cursor c = { .order = 0 };
	struct jout *j = &req->j;
	enum rc rc;

	rc = cursor_read(req, tag, p->cursor, &c);
	if (rc == RC_OK)
		rc = tag_of(req, t, staff);
	if (rc != RC_OK)
		return rc;
	page.after = c.given ? c.id : 0;
	page.offset = c.given ? 0 : (p->page - 1) * p->per_page;
	rc = ticket_replies(req->db, &req->arena, t->id, &page);
	if (rc != RC_OK)
		return rc;
	jout_obj(j, NULL);
	ticket_members(j, t, staff);
	jout_str(j, "body", t->body);
	jout_arr(j, "replies");
	for (size_t i = 0; i < page.n; i++) {
		reply_render(j, NULL, &page.v[i], staff);
		c.id = page.v[i].id;
	}
	jout_arr_end(j);
	pages_render(req, p, t->replies + (staff ? t->notes : 0), page.more,
	    page.more ? cursor_write(req, tag, &c) : NULL);
	jout_obj_end(j);
	return RC_OK;
}

/* The same for a page of a list: the tickets in it, as they are. */
static enum rc
list_tag(struct req *req, const struct ticket_page *page, bool staff)
{
	struct tag tag;

	if (staff)
		return RC_OK;
	tag_init(&tag, page->total, page->more);
	tag_add(&tag, req->actor.user);
	for (size_t i = 0; i < page->n; i++) {
		tag_add(&tag, page->v[i].id);
		tag_add(&tag, page->v[i].version);
	}
	return tag_end(req, &tag);
}

enum rc
ticket_list_render(struct req *req, enum page_tag tag, const struct pages *p,
    int64_t order, struct ticket_query *query, bool staff)
{
	struct cursor c = { .order = order };
	struct ticket_page page;
	struct jout *j = &req->j;
	enum rc rc = cursor_read(req, tag, p->cursor, &c);

	if (rc != RC_OK)
		return rc;
	query->limit = p->per_page;
	query->before = c.given ? c.id : INT64_MAX;
	query->offset = c.given ? 0 : (p->page - 1) * p->per_page;
	rc = ticket_list(req->db, &req->arena, query, &page);
	if (rc == RC_OK)
		rc = list_tag(req, &page, staff);
	if (rc != RC_OK)
		return rc;
	jout_obj(j, NULL);
	jout_arr(j, "tickets");
	for (size_t i = 0; i < page.n; i++) {
		jout_obj(j, NULL);
		ticket_members(j, &page.v[i], staff);
		jout_obj_end(j);
		c.id = page.v[i].id;
	}
	jout_arr_end(j);
	pages_render(req, p, page.total, page.more, page.more ?
	    cursor_write(req, tag, &c) : NULL);
	jout_obj_end(j);
	return RC_OK;
}

enum rc
reply_added(struct req *req, const struct ticket *t,
    const struct ticket_reply *r, bool staff)
{
	struct jout *j = &req->j;

	jout_obj(j, NULL);
	jout_obj(j, "ticket");
	ticket_members(j, t, staff);
	jout_obj_end(j);
	reply_render(j, "reply", r, staff);
	jout_obj_end(j);
	return RC_CREATED;
}
