/*
 * item_cache: keeps the JSON of items of lists that this worker has rendered.
 *
 * Lists of different users have different responses, but share items. An item is
 * identified by kind and id. Its revision changes with each change of its JSON.
 * A handler reads the revisions of its items for each request, so no item is
 * outdated.
 *
 * The items that were rendered last are kept, with ITEM_CACHE_BYTES in total and
 * at most ITEM_CACHE_ITEMS. Workers that keep no items need no memory for this.
 */
#ifndef FCGI_CORE_ITEM_CACHE_H
#define FCGI_CORE_ITEM_CACHE_H

#include <stdint.h>

#define ITEM_CACHE_BYTES	(2500 * 1024)
#define ITEM_CACHE_ITEMS	6144
/* Larger items are not kept. */
#define ITEM_CACHE_ITEM	1024

/* kind: 1 to 255, chosen by the caller. */
struct item_key {
	int kind;
	int64_t id, revision;
};

/* Returns the JSON of an item, valid until the next item is kept, or NULL. */
const char	*item_cache_get(const struct item_key *);
void		 item_cache_put(const struct item_key *, const char *json);

#endif
