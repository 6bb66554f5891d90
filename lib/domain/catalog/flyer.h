/*
 * flyer: notices of local events. Any signed-in user may publish them.
 *
 * If a flyer is deleted, its favorites are deleted. Lists are in the order of
 * the primary key, newest first.
 */
#ifndef DOMAIN_CATALOG_FLYER_H
#define DOMAIN_CATALOG_FLYER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/catalog/catalog.h"

/* If null, texts are NULL, and times and coordinates are INT64_MIN. */
struct flyer {
	int64_t id, publisher_id;
	const char *title, *description, *category;
	/* A URL of another server, or a file name (base/image_store.h). */
	const char *image_url, *image;
	int64_t lat, lng;		/* 10^-6 degree; both or neither */
	const char *address;
	int64_t valid_from, valid_until, created_at;
	int64_t version, favorites_count;
	bool is_favorited;		/* by the viewer */
	int64_t distance;		/* in meters, in lists by place */
};

/*
 * Fills a flyer from a row whose columns, starting at col0, are:
 *
 *	f.id, f.publisher_id, f.title, f.description, f.image_url, f.image,
 *	f.category, f.lat, f.lng, f.address, f.valid_from, f.valid_until,
 *	f.created_at, f.version, e.favorites_count
 *
 * (flyer f, favoritable e). Does not set is_favorited. Returns the next column.
 * If a left join found no row, the id is 0.
 */
int	flyer_row(struct stmt *, int col0, struct arena *, struct flyer *);

/* The filters of a list. NULL and INT64_MIN do not filter. */
struct flyer_query {
	const char *q;			/* words */
	const char *category;		/* any case */
	int64_t lat, lng;		/* 10^-6 degree; the center */
	int64_t meters;			/* radius in meters */
};

struct flyer_page {
	size_t n;
	struct flyer *v;
	bool more;			/* more rows follow */
	int64_t total;			/* number of all matching rows */
};

/* Lists flyers, newest first. is_favorited is that of the viewer (0: none). */
enum rc	flyer_list(struct db *, struct arena *, const struct flyer_query *,
	    const struct span *, int64_t viewer, struct flyer_page *);
/*
 * Loads the flyers of a page of ids, in its order. Ids of other things are
 * skipped. If the texts exceed `bytes` (0: no maximum), the other flyers are
 * left out and page->more is set. The total is 0.
 */
enum rc	flyer_items(struct db *, struct arena *, const struct id_page *,
	    size_t bytes, int64_t viewer, struct flyer_page *);
/* Loads a flyer. Returns RC_NOT_FOUND "Flyer not found". */
enum rc	flyer_get(struct db *, struct arena *, int64_t id, int64_t viewer,
	    struct flyer *, struct err *);

/*
 * Members of a request body; see catalog_edit_text() and others. image_url
 * removes an uploaded image (domain/catalog/flyer_image.h), unless it ends with
 * its file name.
 */
struct flyer_edit {
	const char *title, *description, *image_url, *category, *address;
	int64_t lat, lng, valid_from, valid_until;
};
extern const struct field_table flyer_add_table, flyer_change_table;

/*
 * Publish, change or delete a flyer. They return the new state of the flyer, or
 * RC_FORBIDDEN if the editor may not change it. Changes by administrators to
 * flyers of other users are audited. If another user removes a flyer, its
 * publisher is notified of the reason (or NULL).
 */
enum rc	flyer_publish(struct db *, struct arena *, const struct editor *,
	    const struct flyer_edit *, struct flyer *, struct err *);
enum rc	flyer_change(struct db *, struct arena *, const struct editor *,
	    int64_t id, const struct flyer_edit *, struct flyer *,
	    struct err *);
enum rc	flyer_remove(struct db *, struct arena *, const struct editor *,
	    int64_t id, const char *reason, struct err *);
/*
 * Loads a flyer that the editor may change. Returns RC_NOT_FOUND, or
 * RC_FORBIDDEN if it may not.
 */
enum rc	flyer_editable(struct db *, struct arena *, const struct editor *,
	    int64_t id, struct flyer *, struct err *);
/*
 * Audits a change by an administrator of another user's flyer. before: its
 * state before the change (Q_FLYER_STATE).
 */
enum rc	flyer_audit(struct db *, struct arena *, const struct editor *,
	    const char *action, const struct flyer *, const char *before);
/*
 * Imports a row: inserts it, or updates the row with this source. source.uuid
 * is ignored.
 */
enum rc	flyer_put(struct db *, struct arena *, const struct source *,
	    const struct flyer_edit *, enum put *, struct err *);

#endif
