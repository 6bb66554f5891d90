/*
 * availability_alert: telling customers that a listener they wait for is free.
 *
 * A customer wishes it with a favorite (favorite.notify). A listener who comes
 * online or ends a call is marked here, in the transaction that did it; the
 * job then writes the messages to the outbox, a batch at a time.
 */
#ifndef DOMAIN_LISTENERS_AVAILABILITY_ALERT_H
#define DOMAIN_LISTENERS_AVAILABILITY_ALERT_H

#include <stdint.h>

#include "db/db.h"
#include "domain/common/job.h"

/* A customer is told of one listener at most once in this time, ms. */
#define AVAILABILITY_ALERT_EVERY	INT64_C(3600000)

/*
 * The listener is free now. Where a customer waits for that, earmark-jobs is
 * nudged.
 */
enum rc	availability_alert_mark(struct db *, int64_t listener, int64_t now);

/*
 * The job: for listeners that were marked and still are listed, online and
 * free, tell each active customer who wished it ("listener_available"), oldest
 * wish first.
 */
enum rc	availability_alert_pending(struct job_run *);
enum rc	availability_alert_run(struct job_run *);

#endif
