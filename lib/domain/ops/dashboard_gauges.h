/* dashboard_gauges: the dashboard and the disk as gauges of /metrics. */
#ifndef DOMAIN_OPS_DASHBOARD_GAUGES_H
#define DOMAIN_OPS_DASHBOARD_GAUGES_H

#include <stdint.h>

#include "base/buf.h"
#include "base/conf.h"
#include "db/db.h"

/*
 * Appends gauges in the text format of Prometheus: the sums of the current day,
 * what is live or waits for the staff, and the sizes of database and disk.
 * Amounts are in units of the currency, with its decimals. Reads a few rows, in
 * a read transaction.
 */
enum rc	dashboard_gauges(struct db *, const struct conf *, int64_t now,
	    struct buf *);

#endif
