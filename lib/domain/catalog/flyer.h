/*
 * flyer: notices of what goes on nearby; anyone signed in may publish one.
 *
 * Favorites of a flyer end with it. Lists run along the primary key, newest
 * first.
 */
#ifndef DOMAIN_CATALOG_FLYER_H
#define DOMAIN_CATALOG_FLYER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/catalog/catalog.h"

/* Absent texts are NULL, absent times and coordinates INT64_MIN. */
struct flyer {
	int64_t id, publisher_id;
	const char *title, *description, *image_url, *category;
	int64_t lat, lng;		/* 10^-6 degree; both or neither */
	const char *address;
	int64_t valid_from, valid_until, created_at;
	int64_t version, favorites_count;
	bool is_favorited;		/* by whom it is shown to */
};

/*
 * Fill a flyer from a row whose columns from col0 on are, in this order:
 *
 *	f.id, f.publisher_id, f.title, f.description, f.image_url, f.category,
 *	f.lat, f.lng, f.address, f.valid_from, f.valid_until, f.created_at,
 *	f.version, e.favorites_count
 *
 * (flyer f, entity e). is_favorited is left alone. Returns the column behind
 * them. A row of a left join that found nothing has id 0.
 */
int	flyer_row(struct stmt *, int col0, struct arena *, struct flyer *);

/* What a list is to show; NULL and INT64_MIN do not filter. */
struct flyer_query {
	const char *q;			/* words */
	const char *category;		/* any case */
	int64_t lat, lng;		/* 10^-6 degree: within ... */
	int64_t metres;			/* ... of that place */
};

struct flyer_page {
	size_t n;
	struct flyer *v;
	bool more;			/* there are rows behind these */
	int64_t total;			/* that the query finds */
};

/* A page of flyers, newest first, with the viewer's favorites (0: nobody's). */
enum rc	flyer_list(struct db *, struct arena *, const struct flyer_query *,
	    const struct span *, int64_t viewer, struct flyer_page *);
/* RC_NOT_FOUND: err says "Flyer not found". */
enum rc	flyer_get(struct db *, struct arena *, int64_t id, int64_t viewer,
	    struct flyer *, struct err *);

/* Members as a body gives them; see catalog_edit_text() and catalog_edit_num(). */
struct flyer_edit {
	const char *title, *description, *image_url, *category, *address;
	int64_t lat, lng, valid_from, valid_until;
};
extern const struct field_table flyer_add_table, flyer_change_table;

/*
 * Publish, change, take away; the flyer as the editor then sees
 * it. RC_FORBIDDEN: it is somebody else's. What an
 * administrator does to the flyers of others is audited.
 */
enum rc	flyer_publish(struct db *, struct arena *, const struct editor *,
	    const struct flyer_edit *, struct flyer *, struct err *);
enum rc	flyer_change(struct db *, struct arena *, const struct editor *,
	    int64_t id, const struct flyer_edit *, struct flyer *,
	    struct err *);
enum rc	flyer_remove(struct db *, struct arena *, const struct editor *,
	    int64_t id, struct err *);
/*
 * Import a row: add it, or bring the row of that source to what is given.
 * source.uuid is not looked at.
 */
enum rc	flyer_put(struct db *, struct arena *, const struct source *,
	    const struct flyer_edit *, enum put *, struct err *);

#endif
