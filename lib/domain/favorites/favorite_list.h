/*
 * favorite_list: lists a user's favorites. Listeners and objects of the studio
 * are included, flyers and destinations are read by id.
 *
 * Each list needs a fixed number of statements, independent of its length. The
 * default order is newest first. A page starts after the key (created_at, id)
 * of a row. If the request has an offset, the rows before the page are skipped
 * in the index. If the texts of a page exceed its `bytes`, the page has fewer
 * rows than its limit and `more` is set.
 */
#ifndef DOMAIN_FAVORITES_FAVORITE_LIST_H
#define DOMAIN_FAVORITES_FAVORITE_LIST_H

#include "domain/catalog/creative.h"
#include "domain/catalog/document.h"
#include "domain/catalog/style.h"
#include "domain/common/favoritable.h"
#include "domain/favorites/favorite.h"
#include "domain/listeners/listener.h"

/* The requested page. */
struct favorite_page {
	int64_t limit, offset;
	bool after;			/* starts after the row (at, id) */
	int64_t at, id;
	bool oldest_first;
	size_t bytes;		/* maximum of the texts; 0: no maximum */
};

/*
 * Favorite flyers or destinations, without the objects. `revision` changes with
 * the object, but not with favorites_count; 0: not read.
 */
struct favorite_ref {
	int64_t id, created_at;
	struct uuid uuid;		/* nil for flyers */
	int64_t entity_id, revision, favorites_count;
};
struct favorite_refs {
	struct favorite_ref *v;
	size_t n;
	bool more;
};
/*
 * Reads a page of them. total: of the list, read in the same transaction. The
 * revisions and favorites_count of destinations are not read unless objects are
 * being deleted, because workers know the revisions of most destinations.
 */
enum rc	favorite_list_refs(struct db *, struct arena *, int64_t user,
	    enum favorite_kind, const struct favorite_page *,
	    const struct favorite_user_count *total, struct favorite_refs *);
/* Reads the revisions that are 0. */
enum rc	favorite_list_revisions(struct db *, struct arena *,
	    enum favorite_kind, struct favorite_refs *);

/*
 * Favorites of the studio. The kind of the favorite selects the member of the
 * union. `alive` is set if the object still exists.
 */
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
	bool cut;			/* rows were left out, see bytes */
};
/* kind 0: all three kinds. */
enum rc	favorite_list_studio(struct db *, struct arena *, int64_t user,
	    enum favorite_kind, const struct favorite_page *,
	    struct favorite_studio_list *);

/* Favorite listeners. */
enum favorite_order {
	FAVORITE_RECENT, FAVORITE_RATING, FAVORITE_NAME, FAVORITE_LAST_SEEN
};
struct favorite_filter {
	int online, available;		/* -1, 0, 1 */
	const char *lang, *sex;		/* NULL: any */
	const char *match;		/* FTS5 query (fts_query.h), or NULL */
	enum favorite_order order;
};
struct favorite_card {
	struct listener_card card;
	int64_t favorited_at;
	bool notify;
	const char *note;
	int64_t id;			/* id of the favorite */
	int64_t version; /* changes with everything on the card but time */
};
struct favorite_listeners {
	int64_t total, online, available;	/* of the whole list */
	int64_t version;	/* changes if the counts or the page change */
	struct favorite_card *cards; /* cards of the page; NULL: not read yet */
	size_t n;
	bool more;
};
/*
 * Reads the counts of the whole list and the version of a page. A page starts
 * at an offset or after the favorite with its key. Only listed listeners are
 * included.
 */
enum rc	favorite_list_listeners(struct db *, struct arena *, int64_t user,
	    const struct favorite_filter *, const struct favorite_page *,
	    int64_t now, struct favorite_listeners *);
/* Reads the cards of the same page. Must run in the same transaction. */
enum rc	favorite_list_cards(struct db *, struct arena *, int64_t user,
	    const struct favorite_page *, int64_t now,
	    struct favorite_listeners *);

#endif
