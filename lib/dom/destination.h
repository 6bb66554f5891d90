/*
 * destination: places worth going to, kept by administrators and by import.
 *
 * Favorites of a destination end with it. The public id is the UUID.
 */
#ifndef DOM_DESTINATION_H
#define DOM_DESTINATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"
#include "db/db.h"

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

/*
 * Fill a destination from a row whose columns from col0 on are, in this order:
 *
 *	d.id, d.uuid, d.name, d.city, d.country, d.thumbnail_url, d.summary,
 *	d.images, d.lat, d.lng, d.created_at, d.updated_at, d.version,
 *	e.favorites_count
 *
 * (destination d, entity e). is_favorited is left alone. Returns the column
 * behind them. A row of a left join that found nothing has id 0.
 */
int	destination_row(struct stmt *, int col0, struct arena *,
	    struct destination *);

#endif
