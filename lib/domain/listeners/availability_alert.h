/*
 * availability_alert: notifies customers when a listener becomes available.
 *
 * Customers request it with a favorite (favorite.notify). The transaction in
 * which a listener comes online or ends a call marks the listener. A job then
 * writes the messages to the outbox in batches.
 */
#ifndef DOMAIN_LISTENERS_AVAILABILITY_ALERT_H
#define DOMAIN_LISTENERS_AVAILABILITY_ALERT_H

#include <stdint.h>

#include "db/db.h"
#include "domain/common/job.h"

/* Minimum time between two alerts about a listener to a customer, ms. */
#define AVAILABILITY_ALERT_EVERY	INT64_C(3600000)

/*
 * Marks a listener that became available. If a customer waits for the listener,
 * wakes up earmark-jobs.
 */
enum rc	availability_alert_mark(struct db *, int64_t listener, int64_t now);

/*
 * Sets *at to the time of the last alert about a listener to a customer; 0 if
 * none is stored.
 */
enum rc	availability_alert_last(struct db *, int64_t listener,
	    int64_t customer, int64_t *at);

/*
 * The job that notifies waiting customers ("listener_available"), oldest
 * favorite first. It skips marked listeners that are no longer available.
 */
enum rc	availability_alert_pending(struct job_run *);
enum rc	availability_alert_run(struct job_run *);

#endif
