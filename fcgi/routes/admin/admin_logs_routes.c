/*
 * admin_logs_routes: the audit log of administrators and the activity of users.
 */
#include "domain/common/audit.h"
#include "domain/common/favoritable.h"
#include "domain/favorites/favorite_admin_log.h"
#include "fcgi/core/page_batches.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/favorites/favorite_log_json.h"

struct audit_in {
	struct pages pages;
	int64_t actor, from, to;
	const char *q, *action, *target;
};

#define SINCE(S) \
	{ .name = "from", .type = F_TIME, .off = offsetof(S, from), \
	    .dflt = FIELD_NONE }, \
	{ .name = "to", .type = F_TIME, .off = offsetof(S, to), \
	    .dflt = INT64_MAX }

static const struct field audit_fields[] = {
	PAGING_FIELDS(struct audit_in, pages),
	SINCE(struct audit_in),
	{ .name = "actor", .alias = "actor_id", .type = F_INT,
	    .off = offsetof(struct audit_in, actor), .min = 1,
	    .max = FIELD_INT_MAX },
	{ .name = "action", .type = F_STR,
	    .off = offsetof(struct audit_in, action), .min = 1, .max = 60 },
	{ .name = "target", .type = F_STR,
	    .off = offsetof(struct audit_in, target), .min = 1, .max = 100 },
	{ .name = "q", .alias = "request_id", .type = F_STR,
	    .flags = FIELD_TRIM, .off = offsetof(struct audit_in, q),
	    .min = 1, .max = 64 },
};
static const struct field_table audit_table =
    FIELD_TABLE(audit_fields, struct audit_in);

static void
render_audit(struct json_write *j, const struct audit_row *row)
{
	json_write_obj(j, NULL);
	json_write_int(j, "id", row->id);
	json_write_time(j, "at", row->at);
	json_write_opt(j, "actor_id", row->actor);
	json_write_str(j, "action", row->action);
	json_write_str(j, "target", row->target);
	json_write_raw(j, "before", row->before);
	json_write_raw(j, "after", row->after);
	json_write_str(j, "request_id", row->request_id);
	json_write_obj_end(j);
}

/* A page of the audit log. */
struct audit_list_page {
	struct audit_query at;		/* the position */
	const struct pages *pages;
	struct audit_page rows;		/* those that were read last */
};

static enum rc
read_audit(struct req *req, void *list, struct arena *a, size_t bytes,
    bool *cut)
{
	struct audit_list_page *p = list;
	enum rc rc;

	p->at.bytes = bytes;
	rc = audit_list(req->db, a, &p->at, &p->rows);
	*cut = p->rows.cut;
	if (rc == RC_OK && p->rows.n > 0) {
		p->at.given = true;
		p->at.offset = 0;
		p->at.before_at = p->rows.rows[p->rows.n - 1].at;
		p->at.before_id = p->rows.rows[p->rows.n - 1].id;
		p->at.limit -= (int64_t)p->rows.n;
	}
	return rc;
}

static void
begin_audit(struct req *req, void *list)
{
	(void)list;
	json_write_obj(&req->j, NULL);
	json_write_arr(&req->j, "audit");
}

static void
render_audit_rows(struct req *req, const void *list)
{
	const struct audit_list_page *p = list;

	for (size_t i = 0; i < p->rows.n; i++)
		render_audit(&req->j, &p->rows.rows[i]);
}

static void
end_audit(struct req *req, void *list)
{
	struct audit_list_page *p = list;
	struct cursor c = { .key = p->at.before_at, .id = p->at.before_id };

	json_write_arr_end(&req->j);
	paging_render(req, p->pages, p->rows.total, p->rows.more,
	    p->rows.more ? paging_cursor_write(req, PAGING_ADMIN_AUDIT, &c) :
	    NULL);
	json_write_obj_end(&req->j);
}

static const struct page_batches audit_batches = {
	.read = read_audit, .begin = begin_audit, .rows = render_audit_rows,
	.end = end_audit,
};

static enum rc
list_audit(struct req *req)
{
	const struct audit_in *in = req->query;
	struct audit_list_page *p = arena_new(&req->arena,
	    struct audit_list_page);
	struct cursor c = { .order = 0 };
	enum rc rc;

	rc = paging_cursor_read(req, PAGING_ADMIN_AUDIT, in->pages.cursor, &c);
	if (rc != RC_OK)
		return rc;
	p->pages = &in->pages;
	p->at = (struct audit_query){ .actor = in->actor,
	    .action = in->action, .target = in->target,
	    .request_id = in->q, .from = in->from, .to = in->to,
	    .limit = in->pages.per_page,
	    .offset = paging_offset(&in->pages, &c),
	    .given = c.given, .before_at = c.key, .before_id = c.id };
	return page_batches(req, &audit_batches, p, c.given);
}

static const char *const actions[] = { "unsaved", "saved", NULL };

struct activity_in {
	struct pages pages;
	int64_t from, to;
	int kind, action;
	const char *user, *entity;
};

static const struct field activity_fields[] = {
	PAGING_FIELDS(struct activity_in, pages),
	SINCE(struct activity_in),
	{ .name = "user", .alias = "user_id", .type = F_ID,
	    .off = offsetof(struct activity_in, user) },
	{ .name = "kind", .type = F_ENUM, .words = favorite_kind_names,
	    .off = offsetof(struct activity_in, kind), .dflt = -1 },
	{ .name = "entity", .alias = "entity_id", .type = F_ID,
	    .off = offsetof(struct activity_in, entity) },
	{ .name = "action", .type = F_ENUM, .words = actions,
	    .off = offsetof(struct activity_in, action), .dflt = -1 },
};
static const struct field_table activity_table =
    FIELD_TABLE(activity_fields, struct activity_in);

/* Parses a positive integer into *id, or a UUID into *uuid. */
static enum rc
read_id(struct req *req, const char *name, const char *text, int64_t *id,
    struct uuid *uuid)
{
	if (!text || (str_int(text, id) && *id > 0 && *id <= FIELD_INT_MAX))
		return RC_OK;
	*id = 0;
	if (uuid_read(text, uuid))
		return RC_OK;
	return err_field(&req->err, name, "must be an id or a UUID");
}

static enum rc
read_activity(struct req *req, struct favorite_admin_log_query *query)
{
	const struct activity_in *in = req->query;
	enum rc user, entity;

	memset(query, 0, sizeof(*query));
	query->kind = in->kind + 1;
	query->saved = in->action;
	query->from = in->from;
	query->to = in->to;
	query->limit = in->pages.per_page;
	user = read_id(req, "user", in->user, &query->user,
	    &query->user_uuid);
	entity = read_id(req, "entity", in->entity, &query->entity,
	    &query->entity_uuid);
	/* An integer id is unique only within its kind. */
	if (query->entity != 0 && query->kind == 0)
		return err_field(&req->err, "kind",
		    "is required with an integer entity");
	return user != RC_OK ? user : entity;
}

static void
render_event(struct json_write *j, const struct favorite_event *e)
{
	json_write_obj(j, NULL);
	json_write_uuid(j, "user_id", &e->user);
	json_write_str(j, "kind", favorite_kind_names[e->kind - 1]);
	favorite_log_json_id(j, "entity_id", e);
	if (e->kind == FAVORITE_DESTINATION)
		json_write_uuid(j, "destination_id", &e->entity);
	json_write_str(j, "action", actions[e->saved]);
	json_write_time(j, "occurred_at", e->at);
	json_write_str(j, "source", "favorites_api");
	json_write_str(j, "request_id", e->request_id);
	json_write_obj_end(j);
}

static enum rc
list_activity(struct req *req)
{
	const struct activity_in *in = req->query;
	struct cursor c = { .order = 0 };
	struct favorite_admin_log_query query;
	struct favorite_events events;
	int64_t total;
	enum rc rc;

	rc = read_activity(req, &query);
	if (rc == RC_OK)
		rc = paging_cursor_read(req, PAGING_ADMIN_ACTIVITY,
		    in->pages.cursor, &c);
	if (rc != RC_OK)
		return rc;
	query.given = c.given;
	query.before_at = c.key;
	query.before_seq = c.id;
	query.offset = paging_offset(&in->pages, &c);
	rc = favorite_admin_log_list(req->db, &req->arena, &query, &events,
	    &total);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_arr(&req->j, "activity");
	for (size_t i = 0; i < events.n; i++) {
		render_event(&req->j, &events.items[i]);
		c.key = events.items[i].at;
		c.id = events.items[i].seq;
	}
	json_write_arr_end(&req->j);
	paging_render(req, &in->pages, total, events.more,
	    events.more ? paging_cursor_write(req, PAGING_ADMIN_ACTIVITY, &c) :
	    NULL);
	json_write_obj_end(&req->j);
	return RC_OK;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/admin/audit", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN, .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .query = &audit_table, .handler = list_audit },
	{ .method = "GET", .path = "/admin/activity", .prefix = PREFIX_APP,
	    .role = ROLE_ADMIN | ROLE_SUPPORT | ROLE_MODERATOR,
	    .tx = TX_READ, .flags = ROUTE_NO_STORE,
	    .query = &activity_table, .handler = list_activity },
};

const struct route_table admin_logs_routes = ROUTE_TABLE(routes);
