/*
 * favorite_list: what a user has saved, with the cards of it.
 *
 * Each list is a fixed number of statements, however long it is. Newest first;
 * a place in it is the key (created_at, id) of a row, never a number of rows,
 * except where a document asks for offsets: then the rows before are passed
 * over in the index alone. If the texts of a page exceed PAGE_BYTES, it has
 * fewer rows than its limit, and `more` is set.
 */
#ifndef DOMAIN_FAVORITES_FAVORITE_LIST_H
#define DOMAIN_FAVORITES_FAVORITE_LIST_H

#include "domain/catalog/creative.h"
#include "domain/catalog/destination.h"
#include "domain/catalog/document.h"
#include "domain/catalog/flyer.h"
#include "domain/catalog/style.h"
#include "domain/common/favoritable.h"
#include "domain/favorites/favorite.h"
#include "domain/listeners/listener.h"

/* The page wanted. */
struct favorite_page {
	int64_t limit, offset;
	bool after;			/* behind the row (at, id) */
	int64_t at, id;
	bool oldest_first;
	size_t bytes;		/* stmt_budget() of flyers; 0: PAGE_BYTES */
};

/* C */
struct favorite_flyer {
	int64_t id, created_at;
	struct flyer flyer;
};
struct favorite_flyers {
	struct favorite_flyer *items;
	size_t n;
	bool more;
};
enum rc	favorite_list_flyers(struct db *, struct arena *, int64_t user,
	    const struct favorite_page *, struct favorite_flyers *);
/*
 * Adds to *version a number that moves with every change of a flyer or its
 * counter on the page; with the list's own version it makes the page's ETag.
 * The page's place moves behind its last row; *more: rows follow.
 */
enum rc	favorite_list_flyers_version(struct db *, int64_t user,
	    struct favorite_page *, int64_t *version, bool *more);

/* D. Without `more_fields` summary and images are left out. */
struct favorite_destination {
	struct uuid uuid;
	int64_t id, created_at, version;	/* version: the destination's */
	struct uuid destination;
	const char *name, *city, *country, *thumbnail_url, *summary, *images;
};
struct favorite_destinations {
	struct favorite_destination *items;
	size_t n;
	bool more;
};
enum rc	favorite_list_destinations(struct db *, struct arena *, int64_t user,
	    const struct favorite_page *, bool more_fields,
	    struct favorite_destinations *);

/* E. The entity's kind says which of the three is filled; alive: it exists. */
struct favorite_studio_item {
	struct favorite f;
	bool alive;
	union {
		struct style style;
		struct creative creative;
		struct document document;
	};
};
struct favorite_studio_list {
	struct favorite_studio_item *items;
	size_t n;
	bool more;
};
/* kind 0: all three. */
enum rc	favorite_list_studio(struct db *, struct arena *, int64_t user,
	    enum favorite_kind, const struct favorite_page *,
	    struct favorite_studio_list *);

/* A */
enum favorite_order {
	FAVORITE_RECENT, FAVORITE_RATING, FAVORITE_NAME, FAVORITE_LAST_SEEN
};
struct favorite_filter {
	int online, available;		/* -1, 0, 1 */
	const char *lang, *sex;		/* NULL: any */
	const char *match;		/* of domain/common/fts_query.h, or NULL */
	enum favorite_order order;
};
struct favorite_card {
	struct listener_card card;
	int64_t favorited_at;
	bool notify;
	const char *note;
	int64_t id;			/* of the favorite */
	int64_t version;		/* moves with all the card shows but time */
};
struct favorite_listeners {
	int64_t total, online, available;	/* of the whole list */
	int64_t version;	/* moves whenever figures or page would */
	struct favorite_card *cards;	/* of the page; NULL: not read yet */
	size_t n;
	bool more;
};
/*
 * The whole list's figures and the version of a page (limit and offset; a page
 * by cursor goes on behind the favorite of that key). Listed listeners only.
 */
enum rc	favorite_list_listeners(struct db *, struct arena *, int64_t user,
	    const struct favorite_filter *, const struct favorite_page *,
	    int64_t now, struct favorite_listeners *);
/* The page's cards, for the same page, in the same transaction. */
enum rc	favorite_list_cards(struct db *, struct arena *, int64_t user,
	    const struct favorite_page *, int64_t now,
	    struct favorite_listeners *);

#endif
