/*
 * favorites_sync_routes: favorites of all kinds: the change feed and look-ups.
 */
#include "base/clock.h"
#include "base/str.h"
#include "domain/common/favoritable.h"
#include "domain/favorites/favorite_log.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/favorites/favorite_log_json.h"

struct changes_query {
	int64_t limit;
	const char *since;
};
static const struct field changes_fields[] = {
	{ .name = "limit", .type = F_INT, .flags = FIELD_CLAMP, .off =
	    offsetof(struct changes_query, limit), .min = 1, .max = 1000,
	    .dflt = 100 },
	{ .name = "since", .type = F_STR, .off = offsetof(struct
	    changes_query, since), .min = 1, .max = 512 },
};
static const struct field_table changes_table =
    FIELD_TABLE(changes_fields, struct changes_query);

/*
 * Orders of a cursor of this feed. IN_LOG: the key is the sequence number in
 * the log. IN_STATE: the full list is being sent. The key is the sequence
 * number when the list began, the id is kind and entity of the last row.
 */
enum { IN_LOG, IN_STATE };
#define KIND_SHIFT 56

static enum rc
read_since(struct req *req, const char *text, struct cursor *c)
{
	*c = (struct cursor){ .order = IN_LOG };
	if (paging_cursor_read(req, PAGING_CHANGES, text, c) == RC_OK)
		return RC_OK;
	err_init(&req->err, &req->arena);
	*c = (struct cursor){ .order = IN_STATE };
	if (paging_cursor_read(req, PAGING_CHANGES, text, c) == RC_OK)
		return RC_OK;
	err_init(&req->err, &req->arena);
	return err_field(&req->err, "since", "is not a cursor of this feed");
}

static enum rc
changes(struct req *req)
{
	const struct changes_query *q = req->query;
	struct cursor c, next = { .order = IN_LOG };
	int64_t head, user = req->actor.user;
	struct favorite_events ev = { 0 };
	struct json_write *j = &req->j;
	bool full;
	size_t i;
	enum rc rc;

	rc = read_since(req, q->since, &c);
	if (rc == RC_OK)
		rc = favorite_log_changes(req->db, &req->arena, user, c.order ==
		    IN_LOG ? c.key : 0, q->limit, &full, &head, &ev);
	if (rc != RC_OK)
		return rc;
	if (!full) {
		next.key = ev.more ? ev.items[ev.n - 1].seq : head;
	} else {
		if (c.order == IN_STATE)
			head = c.key;
		rc = favorite_log_state(req->db, &req->arena, user,
		    c.order == IN_STATE ? c.id >> KIND_SHIFT : 0,
		    c.order == IN_STATE ? c.id & ((INT64_C(1) << KIND_SHIFT) -
		    1) : 0, q->limit, &ev);
		if (rc != RC_OK)
			return rc;
		next.key = head;
		if (ev.more) {
			next.order = IN_STATE;
			next.id = (int64_t)ev.items[ev.n - 1].kind <<
			    KIND_SHIFT | ev.items[ev.n - 1].entity_id;
		}
	}
	json_write_obj(j, NULL);
	json_write_arr(j, "items");
	for (i = 0; i < ev.n; i++)
		favorite_log_json_render(j, &ev.items[i]);
	json_write_arr_end(j);
	json_write_str(j, "cursor", paging_cursor_write(req, PAGING_CHANGES,
	    &next));
	json_write_bool(j, "has_more", ev.more);
	json_write_bool(j, "full", full);
	json_write_obj_end(j);
	return RC_OK;
}

struct item {
	int kind;
	const char *id;
};
static const struct field item_fields[] = {
	{ .name = "kind", .type = F_ENUM, .flags = FIELD_REQUIRED, .dflt = -1,
	    .words = favorite_kind_names, .off = offsetof(struct item, kind) },
	{ .name = "id", .type = F_ID, .flags = FIELD_REQUIRED, .min = 1,
	    .max = 64, .off = offsetof(struct item, id) },
};
static const struct field_table item_table =
    FIELD_TABLE(item_fields, struct item);
struct contains_body {
	struct objv items;
};
static const struct field contains_fields[] = {
	{ .name = "items", .type = F_OBJV, .flags = FIELD_REQUIRED,
	    .sub = &item_table, .max = 100, .off = offsetof(struct
	    contains_body, items) },
};
static const struct field_table contains_table =
    FIELD_TABLE(contains_fields, struct contains_body);

static enum rc
contains(struct req *req)
{
	const struct objv *items = &((struct contains_body *)req->body)->items;
	const struct item *item = items->v;
	struct arena *a = &req->arena;
	struct uuid *uuids = arena_zalloc(a, items->n, sizeof(*uuids));
	enum favorite_kind *kinds = arena_alloc(a, items->n * sizeof(*kinds));
	int64_t *ids = arena_zalloc(a, items->n, sizeof(*ids));
	bool *saved = arena_alloc(a, items->n);
	size_t i;
	enum rc rc;

	for (i = 0; i < items->n; i++) {
		kinds[i] = (enum favorite_kind)(item[i].kind + 1);
		if (kinds[i] <= FAVORITE_FLYER ? !str_int(item[i].id, &ids[i]) :
		    !uuid_parse(item[i].id, &uuids[i]))
			err_field(&req->err, arena_fmt(a, "items[%zu].id", i),
			    kinds[i] <= FAVORITE_FLYER ? "must be an integer" :
			    "must be a UUID");
	}
	if (req->err.rc != RC_OK)
		return req->err.rc;
	rc = favorite_log_contains(req->db, a, req->actor.user, items->n, kinds,
	    ids, uuids, saved);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_arr(&req->j, "contains");
	for (i = 0; i < items->n; i++)
		json_write_bool(&req->j, NULL, saved[i]);
	json_write_arr_end(&req->j);
	json_write_obj_end(&req->j);
	return RC_OK;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/me/changes", .prefix = PREFIX_V1,
	    .role = ROLE_ANY, .tx = TX_READ, .query = &changes_table,
	    .handler = changes },
	{ .method = "POST", .path = "/me/favorites/contains",
	    .prefix = PREFIX_V1, .role = ROLE_ANY, .tx = TX_READ,
	    .body = &contains_table, .handler = contains },
};
const struct route_table favorites_sync_routes = ROUTE_TABLE(routes);
