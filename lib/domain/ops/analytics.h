/*
 * analytics: what happened over time, from the sums that domain/common/rollup.h keeps.
 */
#ifndef DOMAIN_OPS_ANALYTICS_H
#define DOMAIN_OPS_ANALYTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "db/db.h"
#include "domain/common/rollup.h"

/* "registrations", ... and "hour", ... for F_ENUM: the index is one less. */
extern const char *const metric_names[];
extern const char *const span_names[];

enum metric_unit { UNIT_COUNT, UNIT_MINUTES, UNIT_MONEY };
enum metric_unit analytics_metric_unit(enum metric_id);
/* Is it divided by something: how a call ended, a language? */
bool	analytics_metric_divided(enum metric_id);

#define ANALYTICS_POINTS 10000		/* in one answer */
#define ANALYTICS_SHARES 512		/* of one point; more than languages */
#define ANALYTICS_WORD	24		/* bytes of one's word */

struct analytics_query {
	enum metric_id metric;
	enum rollup_span bucket;
	int64_t from, to;		/* the starts of two buckets */
};

struct analytics_point {
	int64_t at, value;
	size_t n;
	struct analytics_share {
		char word[ANALYTICS_WORD];
		int64_t n;
	} by[ANALYTICS_SHARES];
};

/*
 * Make whole buckets of the times given; INT64_MIN: the one that now is in, and
 * as many before it as one looks at. RC_INVALID: from is not before to, or
 * there are too many.
 */
enum rc	analytics_range(struct analytics_query *, int64_t now, struct err *);

/*
 * Tell each bucket in order, empty ones too. *total: of all; INT64_MIN where
 * there is none, since people who come again are the same.
 */
typedef void analytics_visit(void *, const struct analytics_point *);
enum rc	analytics_read(struct db *, const struct analytics_query *,
	    analytics_visit *visit, void *arg, int64_t *total);

#endif
