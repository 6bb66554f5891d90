/*
 * flyer: notices of what goes on nearby; anyone signed in may publish one.
 *
 * Favorites of a flyer end with it. Lists run along the primary key, newest
 * first.
 */
#ifndef DOM_FLYER_H
#define DOM_FLYER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"

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

#endif
