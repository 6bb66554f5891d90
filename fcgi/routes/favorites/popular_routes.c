/*
 * popular_routes: the ranking of the objects that were saved most, with the
 * card of each object, as the lists of its kind show it.
 */
#include "base/hash.h"
#include "domain/favorites/popular.h"
#include "fcgi/core/paging.h"
#include "fcgi/core/routes.h"
#include "fcgi/routes/catalog/catalog_json.h"
#include "fcgi/routes/listeners/listener_json.h"

struct popular_params {
	int kind, window;
	int64_t limit;
	const char *cursor;
};
/* Same order as enum ranking_window. */
static const char *const windows[] = { "24h", "7d", "30d", NULL };
static const struct field popular_fields[] = {
	{ .name = "kind", .type = F_ENUM, .flags = FIELD_REQUIRED, .dflt = -1,
	    .words = favorite_kind_names,
	    .off = offsetof(struct popular_params, kind) },
	{ .name = "window", .type = F_ENUM, .words = windows,
	    .dflt = RANKING_7D,
	    .off = offsetof(struct popular_params, window) },
	{ .name = "limit", .type = F_INT, .flags = FIELD_CLAMP,
	    .off = offsetof(struct popular_params, limit), .min = 1,
	    .max = RANKING_MAX, .dflt = 20 },
	{ .name = "cursor", .type = F_STR,
	    .off = offsetof(struct popular_params, cursor), .min = 1,
	    .max = 512 },
};
static const struct field_table popular_table =
    FIELD_TABLE(popular_fields, struct popular_params);

/* Returns a hash of everything that is shown of a card. */
static uint64_t
hash_card(enum favorite_kind kind, const void *card, uint64_t seed)
{
	const struct flyer *flyer = card;
	const struct destination *destination = card;
	const struct studio_head *head = card;
	int64_t version;

	if (kind == FAVORITE_LISTENER)
		return listener_hash(card, seed);
	version = kind == FAVORITE_FLYER ? flyer->version :
	    kind == FAVORITE_DESTINATION ? destination->version :
	    head->version;
	return hash_fast(seed, &version, sizeof(version));
}

static uint64_t
hash_page(enum favorite_kind kind, const struct popular_page *page)
{
	uint64_t h = hash_fast(HASH_FAST_SEED, &page->more, sizeof(page->more));

	for (size_t i = 0; i < page->n; i++) {
		const struct popular_item *item = &page->items[i];
		const int64_t numbers[] = { item->rank, item->position,
			item->entity_id, item->saves, item->favorites_count,
			item->is_favorited };

		h = hash_fast(h, numbers, sizeof(numbers));
		h = hash_card(kind, item->card, h);
	}
	return h;
}

static void
render_card(struct req *req, enum favorite_kind kind,
    const struct popular_item *item)
{
	struct json_write *j = &req->j;

	if (kind == FAVORITE_FLYER) {
		catalog_json_flyer_render(j, req->conf, "card", item->card);
		return;
	}
	if (kind == FAVORITE_DESTINATION) {
		catalog_json_destination_render(j, "card", item->card);
		return;
	}
	json_write_obj(j, "card");
	if (kind == FAVORITE_LISTENER)
		listener_json_members(j, req->conf, item->card,
		    req->actor.user != 0 ? LISTENER_JSON_SIGNED_IN :
		    LISTENER_JSON_OPEN);
	else if (kind == FAVORITE_STYLE)
		catalog_json_style_members(j, item->card);
	else if (kind == FAVORITE_CREATIVE)
		catalog_json_creative_members(j, item->card);
	else
		catalog_json_document_members(j, item->card);
	if (kind >= FAVORITE_STYLE)
		json_write_bool(j, "is_favorite", item->is_favorited);
	json_write_obj_end(j);
}

static void
render_item(struct req *req, enum favorite_kind kind,
    const struct popular_item *item)
{
	struct json_write *j = &req->j;

	json_write_obj(j, NULL);
	json_write_int(j, "rank", item->rank);
	json_write_str(j, "kind", favorite_kind_names[kind - 1]);
	if (kind <= FAVORITE_FLYER)
		json_write_int(j, "id", item->entity_id);
	else
		json_write_uuid(j, "id", &item->entity);
	json_write_str(j, "title", item->title);
	json_write_int(j, "saves", item->saves);
	json_write_int(j, "favorites_count", item->favorites_count);
	json_write_bool(j, "is_favorited", item->is_favorited);
	render_card(req, kind, item);
	json_write_obj_end(j);
}

static enum rc
list_popular(struct req *req)
{
	const struct popular_params *p = req->query;
	enum favorite_kind kind = (enum favorite_kind)(p->kind + 1);
	struct popular_query query = { .kind = kind,
	    .window = (enum ranking_window)p->window,
	    .viewer = req->actor.user, .now = req->now, .limit = p->limit,
	    .bytes = PAGE_BYTES };
	/* A cursor is valid for one ranking. */
	struct cursor c = { .order = p->kind * RANKING_WINDOWS + p->window };
	struct json_write *j = &req->j;
	const struct popular_item *last;
	struct popular_page page;
	char *next = NULL;
	enum rc rc;

	rc = paging_cursor_read(req, PAGING_POPULAR, p->cursor, &c);
	if (rc != RC_OK)
		return rc;
	query.after = c.key;
	query.rank = c.id;
	rc = popular_list(req->db, &req->arena, &query, &page);
	/* Presence changes without a version, so the tag is a hash. */
	if (rc == RC_OK)
		rc = req_etag(req, 3, (int64_t)hash_page(kind, &page),
		    (int64_t)(req->actor.user != 0), req->conf->max_rate);
	if (rc != RC_OK)
		return rc;
	json_write_obj(j, NULL);
	json_write_str(j, "kind", favorite_kind_names[p->kind]);
	json_write_str(j, "window", windows[p->window]);
	json_write_arr(j, "items");
	for (size_t i = 0; i < page.n; i++)
		render_item(req, kind, &page.items[i]);
	json_write_arr_end(j);
	if (page.more && page.n > 0) {
		last = &page.items[page.n - 1];
		c.key = last->position;
		c.id = last->rank;
		next = paging_cursor_write(req, PAGING_POPULAR, &c);
	}
	json_write_str(j, "next_cursor", next);
	json_write_obj_end(j);
	paging_link(req, next);
	return RC_OK;
}

static const struct route routes[] = {
	{ .method = "GET", .path = "/popular", .prefix = PREFIX_V1,
	    .role = ROLE_MAYBE, .tx = TX_READ, .flags = ROUTE_SEARCH,
	    .query = &popular_table, .handler = list_popular },
};
const struct route_table popular_routes = ROUTE_TABLE(routes);
