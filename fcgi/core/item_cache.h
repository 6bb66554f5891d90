/*
 * item_cache: keeps the JSON of items of lists that this worker has rendered.
 *
 * Lists of different users have different responses, but share items. An item is
 * identified by kind and id. Its revision changes with each change of its JSON.
 * A handler reads the revisions of its items for each request, or one number for
 * the whole catalog that changes with each revision of the kind. So no item is
 * outdated.
 *
 * The items that were rendered last are kept, with ITEM_CACHE_BYTES in total and
 * at most ITEM_CACHE_ITEMS. Workers that keep no items need no memory for this.
 */
#ifndef FCGI_CORE_ITEM_CACHE_H
#define FCGI_CORE_ITEM_CACHE_H

#include <stddef.h>
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

/*
 * Returns the JSON of an item, valid until the next item is kept, or NULL.
 * Stores its length.
 */
const char	*item_cache_get(const struct item_key *, size_t *len);
void		 item_cache_put(const struct item_key *, const char *json);

/*
 * item_cache_confirm() records that the revision of a kept item is the current
 * one in a state of the catalog. While the catalog is in this state,
 * item_cache_current() finds the item without its revision. It stores the
 * revision, also if the JSON is not kept any more. A state is a number above 0.
 */
const char	*item_cache_current(struct item_key *, int64_t catalog,
		    size_t *len);
void		 item_cache_confirm(const struct item_key *, int64_t catalog);

#endif
