/*
 * system: what the service says of itself.
 */
#ifndef DOM_SYSTEM_H
#define DOM_SYSTEM_H

#include <stdint.h>

#include "base/buf.h"
#include "db/db.h"

/* Does the database answer? Opens and ends a transaction of its own. */
enum rc	system_ping(struct db *);
/*
 * Add what the database knows to the process counters, in Prometheus' text
 * form: users, listeners, messages that wait, jobs.
 */
enum rc	system_gauges(struct db *, int64_t now, struct buf *);

#endif
