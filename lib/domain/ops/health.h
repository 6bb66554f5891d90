/* health: the data of /health and /metrics that are in the database. */
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

/*
 * Checks that the database can be read, and reads the states of backups, in a
 * read transaction of its own.
 */
enum rc	health_ping(struct db *, struct arena *, const struct conf *,
	    int64_t now, struct health *);
/*
 * Appends gauges in the text format of Prometheus: users, listeners, pending
 * messages, jobs, backups, the dashboard, and the schema version.
 */
enum rc	health_gauges(struct db *, struct arena *, const struct conf *,
	    int64_t now, struct buf *);

#endif
