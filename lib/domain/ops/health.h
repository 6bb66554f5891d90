/*
 * health: what the service says of itself.
 */
#ifndef DOMAIN_OPS_HEALTH_H
#define DOMAIN_OPS_HEALTH_H

#include <stdint.h>

#include "base/buf.h"
#include "db/db.h"
#include "domain/ops/backup_log.h"

/* The states of the last backup and drill, for /health. */
struct health {
	struct backup_log_status backup, drill;
};

/* Does the database answer? Opens and ends a transaction of its own. */
enum rc	health_ping(struct db *, struct arena *, const struct conf *,
	    int64_t now, struct health *);
/*
 * Add what the database knows to the process counters, in Prometheus' text
 * form: users, listeners, messages that wait, jobs, backups.
 */
enum rc	health_gauges(struct db *, struct arena *, const struct conf *,
	    int64_t now, struct buf *);

#endif
