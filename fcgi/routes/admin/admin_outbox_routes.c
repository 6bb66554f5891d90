/*
 * admin_outbox_routes: lists and retries outgoing messages.
 */
#include "base/str.h"
#include "domain/common/identifier.h"
#include "domain/common/outbox.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"

struct list_in {
	struct pages pages;
	int64_t user_id;
	int state, channel;
};
static const struct field list_fields[] = {
	PAGING_FIELDS(struct list_in, pages),
	{ .name = "state", .type = F_ENUM, .words = outbox_state_names,
	    .off = offsetof(struct list_in, state), .dflt = -1 },
	{ .name = "lane", .type = F_ENUM, .words = outbox_channel_names,
	    .off = offsetof(struct list_in, channel), .dflt = -1 },
	{ .name = "user_id", .type = F_INT,
	    .off = offsetof(struct list_in, user_id), .min = 1,
	    .max = FIELD_INT_MAX },
};
static const struct field_table list_table =
    FIELD_TABLE(list_fields, struct list_in);

/*
 * Masks a recipient so that it can still be recognized: "+91********10",
 * "a***@b.example", "fcm-to***".
 */
static const char *
mask_recipient(struct arena *a, const struct outbox_item *m)
{
	if (m->recipient == NULL || m->channel != OUTBOX_PUSH)
		return m->recipient == NULL ? NULL :
		    identifier_mask(a, m->recipient);
	return arena_fmt(a, "%.6s***", m->recipient);
}

static void
render_admin_outbox(struct req *req, const struct outbox_item *m)
{
	struct json_write *j = &req->j;

	json_write_obj(j, NULL);
	json_write_int(j, "id", m->id);
	json_write_str(j, "lane", outbox_channel_names[m->channel - 1]);
	json_write_opt(j, "user_id", m->user);
	json_write_str(j, "recipient", mask_recipient(&req->arena, m));
	json_write_str(j, "template", m->template);
	json_write_str(j, "state", outbox_state_names[m->state]);
	json_write_int(j, "attempts", m->attempts);
	json_write_time(j, "due_at", m->due_at);
	json_write_time(j, "expires_at", m->expires_at);
	json_write_time(j, "created_at", m->created_at);
	json_write_time(j, "done_at", m->done_at);
	json_write_str(j, "error", m->error);
	json_write_obj_end(j);
}

static enum rc
list_admin_outbox(struct req *req)
{
	const struct list_in *in = req->query;
	struct outbox_query query = { .user = in->user_id,
	    .state = in->state, .channel = in->channel + 1,
	    .limit = in->pages.per_page };
	struct paging_list list = { .tag = PAGING_ADMIN_OUTBOX,
	    .pages = &in->pages,
	    .cursor.order = (in->state + 1) * 4 + in->channel + 1 };
	struct outbox_page page;
	enum rc rc;

	rc = paging_list_begin(req, &list);
	if (rc != RC_OK)
		return rc;
	query.before = list.before;
	query.offset = list.offset;
	rc = outbox_list(req->db, &req->arena, &query, &page);
	if (rc != RC_OK)
		return rc;
	paging_list_open(req, "messages");
	for (size_t i = 0; i < page.n; i++) {
		render_admin_outbox(req, &page.items[i]);
		list.cursor.id = page.items[i].id;
	}
	return paging_list_end(req, &list, page.total, page.more);
}

static enum rc
retry(struct req *req)
{
	const struct audit_by by = req_by(req);
	struct outbox_item m;
	int64_t id;
	enum rc rc;

	rc = req_path_id(req, &id, "Message not found");
	if (rc != RC_OK)
		return rc;
	rc = outbox_retry(req->db, &req->arena, id, &by, &m, &req->err);
	if (rc == RC_OK)
		render_admin_outbox(req, &m);
	return rc;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/admin/outbox", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN | ROLE_SUPPORT,
	    .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .query = &list_table, .handler = list_admin_outbox },
	{ .method = "POST", .path = "/admin/outbox/{id}/retry",
	    .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN | ROLE_SUPPORT,
	    .tx = TX_WRITE,
	    .handler = retry },
};

const struct route_table admin_outbox_routes = ROUTE_TABLE(routes);
