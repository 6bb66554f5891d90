/*
 * favorite_items: the JSON of favorite flyers and destinations. It contains what
 * is the same for all users. The worker keeps it (item_cache.h), so most flyers
 * and destinations are not read again.
 */
#ifndef FCGI_ROUTES_FAVORITES_FAVORITE_ITEMS_H
#define FCGI_ROUTES_FAVORITES_FAVORITE_ITEMS_H

#include "domain/favorites/favorite_list.h"
#include "fcgi/core/req.h"

/* A destination plus _SUMMARY, _IMAGES or both has these members too. */
enum favorite_item_kind {
	FAVORITE_ITEM_FLYER = 1, FAVORITE_ITEM_DESTINATION = 4,
	FAVORITE_ITEM_SUMMARY = 1, FAVORITE_ITEM_IMAGES = 2
};

struct favorite_items {
	int kind;
	int64_t catalog;		/* see favorite_items_find() */
	struct favorite_refs *refs;
	struct favorite_item {
		const char *json;	/* an object; NULL: it was deleted */
		size_t len;
		bool is_new;		/* not kept yet */
	} *v;				/* refs->n items */
};

/*
 * Finds the kept items of favorites that were read in the same transaction.
 * Reads the revisions that are 0, unless no object of the kind has changed since
 * the item was found before. catalog: that of favorite_user_count().
 */
enum rc	favorite_items_find(struct req *, struct arena *, int kind,
	    int64_t catalog, struct favorite_refs *, struct favorite_items *);
/*
 * Reads the items that were not found. If their texts exceed `bytes` (0: no
 * maximum), reduces the refs and sets their `more`.
 */
enum rc	favorite_items_read(struct req *, struct arena *, size_t bytes,
	    struct favorite_items *);
/* Keeps new items. Must be called after the last use of all items. */
void	favorite_items_keep(const struct favorite_items *);

#endif
