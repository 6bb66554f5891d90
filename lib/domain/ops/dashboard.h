/*
 * dashboard: metrics of today and yesterday (UTC), and the present state. It
 * reads only a few rows: the sums of domain/common/rollup.h (some seconds old),
 * counters, and online listeners.
 */
#ifndef DOMAIN_OPS_DASHBOARD_H
#define DOMAIN_OPS_DASHBOARD_H

#include <stdint.h>

#include "db/db.h"
#include "domain/common/rollup.h"

struct dashboard {
	int64_t today[ROLLUP_METRICS], yesterday[ROLLUP_METRICS];
	/* now */
	int64_t listeners_online;
	int64_t listeners_busy;		/* of these */
	int64_t calls_live;		/* ringing and accepted */
	int64_t sessions_live;
	int64_t verifications_pending;
	int64_t tickets_open;		/* those that wait for the staff */
	int64_t outbox_pending, outbox_dead;
	int64_t payments_flagged;
	/* the last verification of the ledger */
	int ledger_ok;			/* -1: never verified */
	int64_t ledger_at;		/* INT64_MIN: never verified */
	int64_t transfers;		/* number of verified transfers */
};

/* Reads the dashboard, in a read transaction. */
enum rc	dashboard_read(struct db *, int64_t now, struct dashboard *);

#endif
