/*
 * listener_favorites_routes: favorite listeners of a customer.
 */
#include "base/str.h"
#include "domain/common/favoritable.h"
#include "domain/common/fts_query.h"
#include "domain/common/language.h"
#include "domain/favorites/favorite_list.h"
#include "domain/favorites/favorite_log.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/listeners/listener_json.h"
#include "json/json_read_only.h"

static enum rc
map_not_found(struct req *req, enum rc rc)
{
	return rc != RC_NOT_FOUND ? rc : err_set(&req->err, RC_NOT_FOUND,
	    NULL, "Listener not found");
}

/*
 * Checks that the listener can be added to the favorites. verb is used in the
 * message.
 */
static enum rc
check_target(struct req *req, int64_t id, const char *verb,
    struct favorite_listener *l)
{
	enum rc rc;

	if (id == req->actor.user)
		return err_set(&req->err, RC_BAD, "cannot_favorite_self",
		    "Cannot %s yourself", verb);
	rc = favorite_listener(req->db, &req->arena, id, req->now, l);
	if (rc != RC_OK)
		return map_not_found(req, rc);
	if (!l->active)
		return err_set(&req->err, RC_BAD, "listener_inactive",
		    "Listener account is inactive");
	if (!l->verified)
		return err_set(&req->err, RC_BAD, "listener_not_verified",
		    "Listener account is not verified");
	return RC_OK;
}

static void
render_change(struct req *req, const char *message, int64_t id, bool saved)
{
	json_write_obj(&req->j, NULL);
	json_write_bool(&req->j, "success", true);
	json_write_str(&req->j, "message", message);
	json_write_int(&req->j, "listener_id", id);
	json_write_bool(&req->j, "is_favorited", saved);
	json_write_obj_end(&req->j);
}

struct change_body {
	int64_t listener_id;
};
static const struct field add_fields[] = {
	{ .name = "listener_id", .type = F_INT,
	    .flags = FIELD_REQUIRED, .off = offsetof(struct change_body,
	    listener_id), .min = 1, .max = FIELD_INT_MAX, .dflt = FIELD_NONE },
};
static const struct field_table add_table =
    FIELD_TABLE(add_fields, struct change_body);
/* Clients that cannot send a body with DELETE use the query. */
static const struct field drop_fields[] = {
	{ .name = "listener_id", .type = F_INT,
	    .off = offsetof(struct change_body, listener_id), .min = 1,
	    .max = FIELD_INT_MAX, .dflt = FIELD_NONE },
};
static const struct field_table drop_table =
    FIELD_TABLE(drop_fields, struct change_body);

static enum rc
add_listener_favorite(struct req *req)
{
	const struct change_body *b = req->body;
	struct favorite_change c = { .user = req->actor.user,
	    .kind = FAVORITE_LISTENER,
	    .entity_id = b->listener_id, .now = req->now,
	    .request_id = req->id };
	struct favorite_listener l;
	bool added;
	enum rc rc;

	rc = check_target(req, b->listener_id, "favorite", &l);
	if (rc == RC_OK)
		rc = map_not_found(req, favorite_add(req->db, req->conf, &c,
		    &added, NULL, &req->err));
	if (rc != RC_OK)
		return rc;
	render_change(req, arena_fmt(&req->arena,
	    "Successfully added %s to favorites", l.username),
	    b->listener_id, true);
	return RC_OK;
}

static enum rc
remove_listener_favorite(struct req *req)
{
	const struct change_body *b = req->body, *q = req->query;
	int64_t id = b->listener_id != FIELD_NONE ? b->listener_id :
	    q->listener_id;
	struct favorite_change c = { .user = req->actor.user,
	    .kind = FAVORITE_LISTENER,
	    .entity_id = id, .now = req->now, .request_id = req->id };
	struct favorite_listener l;
	bool removed;
	enum rc rc;

	if (id == FIELD_NONE)
		return err_field(&req->err, "listener_id", "is required");
	rc = check_target(req, id, "unfavorite", &l);
	if (rc == RC_OK)
		rc = favorite_remove(req->db, &c, &removed);
	if (rc != RC_OK)
		return rc;
	render_change(req, arena_fmt(&req->arena,
	    "Successfully removed %s from favorites", l.username), id, false);
	return RC_OK;
}

struct list_query {
	struct pages pages;
	int online, available, sex, sort;
	const char *lang, *q;
};
static const char *const sexes[] = { "male", "female", "other", NULL };
static const char *const sorts[] = { "recent", "rating", "name", "last_seen",
	NULL };
static const struct field list_fields[] = {
	PAGING_FIELDS(struct list_query, pages),
	{ .name = "online", .type = F_BOOL, .dflt = -1,
	    .off = offsetof(struct list_query, online) },
	{ .name = "available", .type = F_BOOL, .dflt = -1,
	    .off = offsetof(struct list_query, available) },
	{ .name = "sex", .type = F_ENUM, .dflt = -1, .words = sexes,
	    .off = offsetof(struct list_query, sex) },
	{ .name = "sort", .type = F_ENUM, .dflt = FAVORITE_RECENT,
	    .words = sorts,
	    .off = offsetof(struct list_query, sort) },
	{ .name = "lang", .type = F_STR, .min = 1, .max = 40,
	    .off = offsetof(struct list_query, lang) },
	{ .name = "q", .type = F_STR, .min = 1, .max = 200,
	    .off = offsetof(struct list_query, q) },
};
static const struct field_table list_table =
    FIELD_TABLE(list_fields, struct list_query);

/*
 * Sets the filter from the query. *none: the search text cannot match any
 * listener.
 */
static void
filter_of(struct req *req, struct favorite_filter *f, bool *none)
{
	const struct list_query *q = req->query;

	*f = (struct favorite_filter){ .online = q->online, .available =
	    q->available, .order = (enum favorite_order)q->sort };
	*none = false;
	if (q->sex >= 0)
		f->sex = sexes[q->sex];
	if (q->lang != NULL) {
		f->lang = language_code(q->lang);
		*none = f->lang == NULL;
	}
	if (q->q != NULL) {
		f->match = fts_query_words(&req->arena, q->q);
		*none = *none || f->match == NULL;
	}
}

static enum rc
list_listener_favorites(struct req *req)
{
	const struct list_query *q = req->query;
	struct favorite_page page = { .limit = q->pages.per_page };
	struct cursor c = { .order = q->sort };
	struct favorite_listeners l = { 0 };
	struct favorite_filter filter;
	struct favorite_user_count total;
	struct json_write *j = &req->j;
	char *next = NULL;
	bool none;
	size_t i;
	enum rc rc;

	rc = paging_cursor_read(req, PAGING_FAV_LISTENER, q->pages.cursor, &c);
	if (rc != RC_OK)
		return rc;
	page.after = c.given;
	page.at = c.key;
	page.id = c.id;
	page.offset = paging_offset(&q->pages, &c);
	filter_of(req, &filter, &none);
	if (!none)
		rc = favorite_list_listeners(req->db, &req->arena,
		    req->actor.user, &filter, &page, req->now, &l);
	/*
	 * Changes of the settings and notes of a favorite also change the
	 * version of the list.
	 */
	if (rc == RC_OK)
		rc = favorite_user_count(req->db, req->actor.user,
		    FAVORITE_LISTENER, &total);
	if (rc == RC_OK)
		rc = req_etag(req, 3, req->actor.user, total.version,
		    l.version);
	if (rc == RC_OK && !none)
		rc = favorite_list_cards(req->db, &req->arena, req->actor.user,
		    &page, req->now, &l);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_arr(j, "favorites");
	for (i = 0; i < l.n; i++) {
		json_write_obj(j, NULL);
		listener_json_render(j, req->conf, &l.cards[i].card);
		json_write_time(j, "favorited_at", l.cards[i].favorited_at);
		json_write_bool(j, "notify_when_available", l.cards[i].notify);
		json_write_str(j, "note", l.cards[i].note);
		json_write_obj_end(j);
	}
	json_write_arr_end(j);
	json_write_int(j, "online_count", l.online);
	json_write_int(j, "available_count", l.available);
	if (l.more)
		next = paging_cursor_write(req, PAGING_FAV_LISTENER,
		    &(struct cursor){
		    .key = l.cards[l.n - 1].favorited_at,
		    .id = l.cards[l.n - 1].id, .order = q->sort });
	paging_render(req, &q->pages, l.total, l.more, next);
	json_write_obj_end(j);
	return RC_OK;
}

static enum rc
get_listener_favorite(struct req *req)
{
	struct favorite_listener l;
	int64_t id;
	bool found;
	enum rc rc;

	if (!req_path_arg_int(req, 0, &id))
		return map_not_found(req, RC_NOT_FOUND);
	rc = favorite_listener(req->db, &req->arena, id, req->now, &l);
	if (rc == RC_OK)
		rc = favorite_find(req->db, req->actor.user, FAVORITE_LISTENER,
		    id, &found, NULL);
	if (rc != RC_OK)
		return map_not_found(req, rc);
	json_write_obj(&req->j, NULL);
	json_write_int(&req->j, "listener_id", id);
	json_write_bool(&req->j, "is_favorited", found);
	json_write_obj_end(&req->j);
	return RC_OK;
}

struct check_body {
	struct intv listener_ids;
};
static const struct field check_fields[] = {
	{ .name = "listener_ids", .type = F_INTV,
	    .flags = FIELD_REQUIRED, .off = offsetof(struct check_body,
	    listener_ids), .max = 100 },
};
static const struct field_table check_table =
    FIELD_TABLE(check_fields, struct check_body);

static enum rc
check_listener_favorite(struct req *req)
{
	const struct intv *ids =
	    &((struct check_body *)req->body)->listener_ids;
	struct uuid *uuids = arena_zalloc(&req->arena, ids->n, sizeof(*uuids));
	enum favorite_kind *kinds = arena_alloc(&req->arena, ids->n *
	    sizeof(*kinds));
	bool *saved = arena_alloc(&req->arena, ids->n);
	size_t i;
	enum rc rc;

	for (i = 0; i < ids->n; i++)
		kinds[i] = FAVORITE_LISTENER;
	rc = favorite_log_contains(req->db, &req->arena, req->actor.user,
	    ids->n, kinds, ids->v, uuids, saved);
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_arr(&req->j, "favorites");
	for (i = 0; i < ids->n; i++) {
		json_write_obj(&req->j, NULL);
		json_write_int(&req->j, "listener_id", ids->v[i]);
		json_write_bool(&req->j, "is_favorited", saved[i]);
		json_write_obj_end(&req->j);
	}
	json_write_arr_end(&req->j);
	json_write_obj_end(&req->j);
	return RC_OK;
}

struct settings_body {
	int notify_when_available;
	const char *note;
};
static const struct field settings_fields[] = {
	{ .name = "notify_when_available",
	    .type = F_BOOL, .dflt = -1, .off = offsetof(struct settings_body,
	    notify_when_available) },
	{ .name = "note", .type = F_STR, .flags = FIELD_CLEAR, .min = 0,
	    .max = 500, .off = offsetof(struct settings_body, note) },
};
static const struct field_table settings_table =
    FIELD_TABLE(settings_fields, struct settings_body);

static enum rc
put_settings(struct req *req)
{
	const struct settings_body *b = req->body;
	struct favorite_settings w;
	int64_t id;
	enum rc rc;

	if (!req_path_arg_int(req, 0, &id))
		return map_not_found(req, RC_NOT_FOUND);
	rc = favorite_settings(req->db, &req->arena, req->actor.user, id,
	    b->notify_when_available, b->note, req->now, &w);
	if (rc == RC_NOT_FOUND)
		return err_set(&req->err, rc, NULL,
		    "Favorite not found");
	if (rc != RC_OK)
		return rc;
	json_write_obj(&req->j, NULL);
	json_write_int(&req->j, "listener_id", id);
	json_write_bool(&req->j, "is_favorited", true);
	json_write_bool(&req->j, "notify_when_available", w.notify);
	json_write_str(&req->j, "note", w.note);
	json_write_obj_end(&req->j);
	return RC_OK;
}

static const struct json_read_only settings_read_only[] = {
	{ "listener_id", JSON_READ_ONLY_FIXED },
	{ "is_favorited",
	    "cannot be changed here, use POST or DELETE /customer/favorites" },
	{ NULL, NULL }
};

static const struct route routes[] = {
	{ .method = "GET", .path = "/customer/favorites", .prefix = PREFIX_APP,
	    .role = ROLE_CUSTOMER, .tx = TX_READ, .query = &list_table,
	    .handler = list_listener_favorites },
	{ .method = "POST", .path = "/customer/favorites", .prefix = PREFIX_APP,
	    .role = ROLE_CUSTOMER, .tx = TX_WRITE, .body = &add_table,
	    .handler = add_listener_favorite },
	{ .method = "DELETE", .path = "/customer/favorites",
	    .prefix = PREFIX_APP, .role = ROLE_CUSTOMER, .tx = TX_WRITE,
	    .flags = ROUTE_BODY_OPT, .query = &drop_table, .body = &drop_table,
	    .handler = remove_listener_favorite },
	{ .method = "POST", .path = "/customer/favorites/check",
	    .prefix = PREFIX_APP, .role = ROLE_CUSTOMER, .tx = TX_READ,
	    .body = &check_table, .handler = check_listener_favorite },
	{ .method = "GET", .path = "/customer/favorites/{listener_id}",
	    .prefix = PREFIX_APP, .role = ROLE_CUSTOMER, .tx = TX_READ,
	    .handler = get_listener_favorite },
	{ .method = "PUT", .path = "/customer/favorites/{listener_id}",
	    .prefix = PREFIX_APP, .role = ROLE_CUSTOMER, .tx = TX_WRITE,
	    .body = &settings_table, .handler = put_settings,
	    .read_only = settings_read_only },
};
const struct route_table listener_favorites_routes = ROUTE_TABLE(routes);
