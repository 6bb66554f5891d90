#include "domain/favorites/popular.h"

#include "domain/common/id_page.h"

/* The cards of a page, in the order of its items. */
struct cards {
	struct card {
		int64_t id;
		bool is_favorited;
		const void *card;
	} *v;
	size_t n;
	bool cut;			/* cards were left out */
};

static void
add_card(struct cards *cards, int64_t id, bool is_favorited, const void *card)
{
	cards->v[cards->n++] = (struct card){ id, is_favorited, card };
}

static enum rc
read_listeners(struct db *db, struct arena *arena,
    const struct popular_query *query, const struct id_page *ids,
    struct cards *cards)
{
	struct listener_item *items;
	size_t n, i;
	enum rc rc;

	rc = listener_items(db, arena, ids->v, ids->n, query->viewer,
	    query->now, &items, &n);
	for (i = 0; i < n; i++)
		add_card(cards, items[i].card.user_id, items[i].is_favorited,
		    &items[i]);
	return rc;
}

static enum rc
read_flyers(struct db *db, struct arena *arena,
    const struct popular_query *query, const struct id_page *ids,
    struct cards *cards)
{
	struct flyer_page page;
	enum rc rc;
	size_t i;

	rc = flyer_items(db, arena, ids, query->bytes, query->viewer, &page);
	for (i = 0; i < page.n; i++)
		add_card(cards, page.v[i].id, page.v[i].is_favorited,
		    &page.v[i]);
	cards->cut = page.more;
	return rc;
}

static enum rc
read_destinations(struct db *db, struct arena *arena,
    const struct popular_query *query, const struct id_page *ids,
    struct cards *cards)
{
	struct destination_page page;
	enum rc rc;
	size_t i;

	rc = destination_items(db, arena, ids, query->bytes, query->viewer,
	    &page);
	for (i = 0; i < page.n; i++)
		add_card(cards, page.v[i].id, page.v[i].is_favorited,
		    &page.v[i]);
	cards->cut = page.more;
	return rc;
}

static enum rc
read_studio(struct db *db, struct arena *arena,
    const struct popular_query *query, const struct id_page *ids,
    struct cards *cards)
{
	const struct studio_type *type =
	    query->kind == FAVORITE_STYLE ? &style_type :
	    query->kind == FAVORITE_CREATIVE ? &creative_type : &document_type;
	const struct studio_head *head;
	struct studio_page page;
	enum rc rc;
	size_t i;

	rc = studio_items(db, arena, type, ids, query->bytes, query->viewer,
	    &page);
	for (i = 0; i < page.n; i++) {
		head = page.v[i];
		add_card(cards, head->id, head->is_favorite, head);
	}
	cards->cut = page.cut;
	return rc;
}

/* Reads at most `max` rows of the ranking, without their cards. */
static enum rc
read_ranking(struct db *db, struct arena *arena,
    const struct popular_query *query, size_t max, struct popular_page *page)
{
	static const enum stmt_id by_kind[FAVORITE_MAX] = {
		[FAVORITE_LISTENER] = Q_POPULAR_LISTENERS,
		[FAVORITE_FLYER] = Q_POPULAR_FLYERS,
		[FAVORITE_DESTINATION] = Q_POPULAR_DESTINATIONS,
		[FAVORITE_STYLE] = Q_POPULAR_STYLES,
		[FAVORITE_CREATIVE] = Q_POPULAR_CREATIVES,
		[FAVORITE_DOCUMENT] = Q_POPULAR_DOCUMENTS,
	};
	struct stmt *q = stmt_get(db, by_kind[query->kind]);
	struct popular_item *item;

	stmt_int(q, ":window", query->window);
	stmt_int(q, ":after", query->after);
	stmt_int(q, ":limit", (int64_t)max);
	if (query->kind == FAVORITE_LISTENER)
		stmt_int(q, ":viewer", query->viewer);
	page->items = arena_zalloc(arena, max, sizeof(*page->items));
	for (page->n = 0; page->n < max && stmt_row(q); page->n++) {
		item = &page->items[page->n];
		item->position = stmt_col_int(q, 0);
		item->entity_id = stmt_col_int(q, 1);
		item->entity = stmt_col_uuid(q, 2);
		item->saves = stmt_col_int(q, 3);
		item->favorites_count = stmt_col_int(q, 4);
		item->title = stmt_col_text(q, 5, arena);
	}
	return stmt_done(q);
}

/* Removes the items without a card, and numbers the others. */
static void
join_cards(const struct popular_query *query, const struct cards *cards,
    struct popular_page *page)
{
	size_t n = 0, c = 0, i;

	for (i = 0; i < page->n && c < cards->n; i++) {
		if (page->items[i].entity_id != cards->v[c].id)
			continue;
		page->items[n] = page->items[i];
		page->items[n].rank = query->rank + (int64_t)n + 1;
		page->items[n].is_favorited = cards->v[c].is_favorited;
		page->items[n].card = cards->v[c].card;
		n++;
		c++;
	}
	page->n = n;
}

enum rc
popular_list(struct db *db, struct arena *arena,
    const struct popular_query *query, struct popular_page *page)
{
	static enum rc (*const read[FAVORITE_MAX])(struct db *, struct arena *,
	    const struct popular_query *, const struct id_page *,
	    struct cards *) = {
		[FAVORITE_LISTENER] = read_listeners,
		[FAVORITE_FLYER] = read_flyers,
		[FAVORITE_DESTINATION] = read_destinations,
		[FAVORITE_STYLE] = read_studio,
		[FAVORITE_CREATIVE] = read_studio,
		[FAVORITE_DOCUMENT] = read_studio,
	};
	size_t limit = (size_t)query->limit;
	struct cards cards = { 0 };
	struct id_page ids = { 0 };
	enum rc rc;

	*page = (struct popular_page){ 0 };
	rc = read_ranking(db, arena, query, limit + 1, page);
	if (rc != RC_OK || page->n == 0)
		return rc;
	page->more = page->n > limit;
	if (page->more)
		page->n = limit;
	ids.v = arena_zalloc(arena, page->n, sizeof(*ids.v));
	for (ids.n = 0; ids.n < page->n; ids.n++)
		ids.v[ids.n] = page->items[ids.n].entity_id;
	cards.v = arena_zalloc(arena, page->n, sizeof(*cards.v));
	rc = read[query->kind](db, arena, query, &ids, &cards);
	if (rc != RC_OK)
		return rc;
	join_cards(query, &cards, page);
	page->more |= cards.cut;
	return RC_OK;
}
