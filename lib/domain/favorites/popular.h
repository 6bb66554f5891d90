/*
 * popular: the objects that were saved most, with everything that lists show of
 * them. The ranking is the one that the jobs of ranking.h store.
 */
#ifndef DOMAIN_FAVORITES_POPULAR_H
#define DOMAIN_FAVORITES_POPULAR_H

#include "domain/catalog/creative.h"
#include "domain/catalog/destination.h"
#include "domain/catalog/document.h"
#include "domain/catalog/flyer.h"
#include "domain/catalog/style.h"
#include "domain/common/favoritable.h"
#include "domain/favorites/ranking.h"
#include "domain/listeners/listener.h"

struct popular_query {
	enum favorite_kind kind;
	enum ranking_window window;
	int64_t viewer;			/* 0: none */
	int64_t now;
	int64_t limit;
	int64_t after;	/* position in the stored ranking; 0: the first */
	int64_t rank;			/* of the item at `after` */
	size_t bytes;			/* maximum of the texts */
};

struct popular_item {
	int64_t rank;	/* among the objects that the viewer sees, from 1 */
	int64_t position;		/* in the stored ranking */
	int64_t entity_id, saves, favorites_count;
	struct uuid entity;
	const char *title;		/* username, title, name, or NULL */
	bool is_favorited;		/* by the viewer */
	/*
	 * The object: struct listener_item, flyer, destination, style, creative
	 * or document, depending on the kind.
	 */
	const void *card;
};

struct popular_page {
	struct popular_item *items;
	size_t n;
	bool more;			/* more items follow */
};

/*
 * Lists a ranking. Objects that are deleted, not listed or not public are left
 * out, and listeners that the viewer blocked or was blocked by. The page has
 * fewer items than its limit if their texts exceed query->bytes.
 */
enum rc	popular_list(struct db *, struct arena *, const struct popular_query *,
	    struct popular_page *);

#endif
