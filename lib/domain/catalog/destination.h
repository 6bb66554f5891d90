/*
 * destination: travel destinations, which administrators and imports maintain.
 *
 * If a destination is deleted, its favorites are deleted. The public id is the
 * UUID.
 */
#ifndef DOMAIN_CATALOG_DESTINATION_H
#define DOMAIN_CATALOG_DESTINATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"
#include "db/db.h"
#include "domain/catalog/catalog.h"

/* If null, texts are NULL, and times and coordinates are INT64_MIN. */
struct destination {
	int64_t id;
	struct uuid uuid;
	const char *name, *city, *country, *thumbnail_url, *summary;
	struct strv images;		/* URLs */
	int64_t lat, lng;		/* 10^-6 degree; both or neither */
	int64_t created_at, updated_at;
	int64_t version, favorites_count;
	bool is_favorited;		/* by the viewer */
};

enum destination_sort {
	DESTINATION_NAME, DESTINATION_POPULAR, DESTINATION_RECENT
};

/* The filters of a list. NULL and "" do not filter. */
struct destination_query {
	const char *q;			/* words */
	const char *city;		/* any case */
	const char *country;		/* English name or ISO code, any case */
	enum destination_sort sort;
};

struct destination_page {
	size_t n;
	struct destination *v;
	bool more;			/* more rows follow */
	int64_t total;			/* number of all matching rows */
};

/*
 * Lists destinations. is_favorited is that of the viewer (0: none). The key of
 * the span is the name (as text) or favorites_count, depending on the order.
 * The name may be truncated if the row with that id still exists.
 */
enum rc	destination_list(struct db *, struct arena *,
	    const struct destination_query *, const struct span *,
	    int64_t viewer, struct destination_page *);
/*
 * Loads the destinations of a page of ids, in its order. Ids of other things are
 * skipped. If the texts exceed `bytes` (0: no maximum), the other destinations
 * are left out and page->more is set. Does not set page->total.
 */
enum rc	destination_items(struct db *, struct arena *, const struct id_page *,
	    size_t bytes, int64_t viewer, struct destination_page *);
/* Loads a destination. Returns RC_NOT_FOUND destination_not_found. */
enum rc	destination_get(struct db *, struct arena *, const struct uuid *,
	    int64_t viewer, struct destination *, struct err *);

/* Members of a request body; see catalog_edit_text() and others. */
struct destination_edit {
	const char *name, *city, *country, *thumbnail_url, *summary;
	struct strv images;
	int64_t lat, lng;
};
extern const struct field_table destination_add_table, destination_change_table;

/*
 * Add, change or delete a destination, and audit it. They return the new state
 * of the destination.
 */
enum rc	destination_add(struct db *, struct arena *, const struct editor *,
	    const struct destination_edit *, struct destination *,
	    struct err *);
enum rc	destination_change(struct db *, struct arena *,
	    const struct editor *, const struct uuid *,
	    const struct destination_edit *, struct destination *,
	    struct err *);
enum rc	destination_remove(struct db *, struct arena *,
	    const struct editor *, const struct uuid *, struct err *);
/*
 * Imports a row: inserts it, or updates the row with this source. If it is
 * invalid, returns RC_INVALID with the fields in err.
 */
enum rc	destination_put(struct db *, struct arena *, const struct source *,
	    const struct destination_edit *, enum put *, struct err *);

#endif
