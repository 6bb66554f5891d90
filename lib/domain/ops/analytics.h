/* analytics: time series of metrics, from the sums in domain/common/rollup.h */
#ifndef DOMAIN_OPS_ANALYTICS_H
#define DOMAIN_OPS_ANALYTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "db/db.h"
#include "domain/common/rollup.h"

/* "registrations", ... and "hour", ... for F_ENUM: the index is id minus 1. */
extern const char *const metric_names[];
extern const char *const span_names[];

enum metric_unit { UNIT_COUNT, UNIT_MINUTES, UNIT_MONEY };
/* Returns the unit of a metric's values. */
enum metric_unit analytics_metric_unit(enum metric_id);
/* Returns whether a metric has shares, for example by language. */
bool	analytics_metric_divided(enum metric_id);

#define ANALYTICS_POINTS 10000		/* maximum of one response */
#define ANALYTICS_SHARES 512		/* of a point; exceeds the languages */
#define ANALYTICS_LABEL	24		/* bytes of a share's name, with NUL */

struct analytics_query {
	enum metric_id metric;
	enum rollup_span bucket;
	int64_t from, to;		/* starts of buckets; to: exclusive */
};

struct analytics_point {
	int64_t at, value;
	size_t n;
	struct analytics_share {
		char label[ANALYTICS_LABEL];
		int64_t n;
	} by[ANALYTICS_SHARES];
};

/*
 * Rounds from and to to whole buckets. INT64_MIN: the default, which is the
 * present bucket and 48 hours, 30 days or 26 weeks in total. Returns RC_INVALID
 * if from is not before to, or the range has too many buckets.
 */
enum rc	analytics_range(struct analytics_query *, int64_t now, struct err *);

/*
 * Calls `visit` for each bucket in order, also for empty ones. *total: the sum
 * of all; INT64_MIN for the number of active users, because buckets overlap.
 */
typedef void analytics_visit(void *, const struct analytics_point *);
enum rc	analytics_read(struct db *, const struct analytics_query *,
	    analytics_visit *visit, void *arg, int64_t *total);

#endif
