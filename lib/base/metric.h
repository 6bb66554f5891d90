/*
 * metric: counters that all processes of an installation share.
 *
 * Each process maps one file in run_dir. It contains a hash index over 1,792
 * slots of {value, name with labels}. A series is created under a lock, and
 * found without one. Counting is one relaxed atomic addition. Counts survive the
 * end of a worker and restart at zero with a new file. Without metric_open()
 * every series is a private dummy, so callers need no check.
 */
#ifndef BASE_METRIC_H
#define BASE_METRIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

typedef _Atomic uint64_t metric;	/* the only typedef: an atomic
					 * integer */

#define METRIC_NAME 168

/* Maps DIR/metrics. Returns false, after a log entry, if that fails. */
bool	 metric_open(const char *dir);
/*
 * Returns the series with this full name, such as name{route="/x",code="200"}.
 * Never returns NULL. If the table is full, all further series share one
 * overflow series.
 */
metric	*metric_get(const char *fmt, ...)
	    __attribute__((format(printf, 1, 2)));
static inline void
metric_add(metric *m, uint64_t n)
{
	atomic_fetch_add_explicit(m, n, memory_order_relaxed);
}
static inline void
metric_set(metric *m, uint64_t n)
{
	atomic_store_explicit(m, n, memory_order_relaxed);
}
/*
 * Appends all series as "name value" lines, sorted and grouped by family.
 * Series named _seconds_sum or _seconds_total count microseconds; they are
 * written in seconds.
 */
void	 metric_dump(struct buf *);
/*
 * Appends such lines in the text format of Prometheus: each family of the table
 * with its HELP and TYPE. Series of families that the table does not contain,
 * from an earlier version, are omitted.
 */
void	 metric_expose(const char *lines, struct buf *out);

#endif
