/*
 * destination: places worth going to, kept by administrators and by import.
 *
 * Favorites of a destination end with it. The public id is the UUID.
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

/* Absent texts are NULL, absent coordinates INT64_MIN. */
struct destination {
	int64_t id;
	struct uuid uuid;
	const char *name, *city, *country, *thumbnail_url, *summary;
	struct strv images;		/* URLs */
	int64_t lat, lng;		/* 10^-6 degree; both or neither */
	int64_t created_at, updated_at;
	int64_t version, favorites_count;
	bool is_favorited;		/* by whom it is shown to */
};

enum destination_sort {
	DESTINATION_NAME, DESTINATION_POPULAR, DESTINATION_RECENT
};

/* What a list is to show; NULL and "" do not filter. */
struct destination_query {
	const char *q;			/* words */
	const char *city;		/* any case */
	const char *country;		/* English name or ISO code, any case */
	enum destination_sort sort;
};

struct destination_page {
	size_t n;
	struct destination *v;
	bool more;			/* there are rows behind these */
	int64_t total;			/* that the query finds */
};

/*
 * A page of destinations, with the viewer's favorites (0: nobody's). The
 * span's key is the name (as text) or favorites_count, by the order. The
 * name may be its beginning, if a row of that id still tells the rest.
 */
enum rc	destination_list(struct db *, struct arena *,
	    const struct destination_query *, const struct span *,
	    int64_t viewer, struct destination_page *);
/* RC_NOT_FOUND: err says destination_not_found. */
enum rc	destination_get(struct db *, struct arena *, const struct uuid *,
	    int64_t viewer, struct destination *, struct err *);

/* Members as a body gives them; see catalog_edit_text() and the others. */
struct destination_edit {
	const char *name, *city, *country, *thumbnail_url, *summary;
	struct strv images;
	int64_t lat, lng;
};
extern const struct field_table destination_add_table, destination_change_table;

/* Add, change, take away, all audited; the destination as it is then. */
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
 * Import a row: add it, or bring the row of that source to what is given.
 * RC_INVALID: err has the wrong fields.
 */
enum rc	destination_put(struct db *, struct arena *, const struct source *,
	    const struct destination_edit *, enum put *, struct err *);

#endif
