/*
 * metric: counters that all processes of an installation share.
 *
 * One file in run_dir, mapped by each process: a hash index over 1,792 slots of
 * {value, name with labels}. A series is found or made once at start (under a
 * lock) and then counted with one relaxed atomic addition. Counts survive the
 * death of a worker and begin again with a new file. Without metric_open()
 * every series is a private dummy, so code never asks.
 */
#ifndef BASE_METRIC_H
#define BASE_METRIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

typedef _Atomic uint64_t metric;	/* the one typedef: an atomic word */

#define METRIC_NAME 168

/* Map DIR/metrics. False (logged) when that can not be done. */
bool	 metric_open(const char *dir);
/*
 * The series of that full name, e.g. name{route="/x",code="200"}. Never NULL.
 * When the table is full all further series share one overflow series.
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
 * All series as "name value" lines, sorted, grouped by family. What is called
 * _seconds_sum or _seconds_total counts microseconds, and is told in seconds.
 */
void	 metric_dump(struct buf *);
/*
 * Such lines as Prometheus reads them: the families of the table, each with
 * what it is. What is of none of them, of an earlier version, is left out.
 */
void	 metric_expose(const char *lines, struct buf *out);

#endif
