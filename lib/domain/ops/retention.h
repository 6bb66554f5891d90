/*
 * retention: deletes expired rows, in small batches.
 *
 *	one-time codes		a day after they expired
 *	refresh tokens		when they have expired
 *	device sessions		a week after they were revoked; or when their
 *				refresh tokens have all expired
 *	throttles, counters	when their window has ended
 *	networks of sign-ins	30 days after the last sign-in
 *	accounts		two days old and never verified
 *	idempotency keys	after 24 h
 *	outbox			a week after a message was sent or given up
 *	favorite_log		after jobs.history_days, if the ranking has
 *				counted them; setting 'favorite_log_floor' is
 *				the last deleted row
 *	popular_hour		after 31 days
 *	facts			see domain/common/rollup.h
 */
#ifndef DOMAIN_OPS_RETENTION_H
#define DOMAIN_OPS_RETENTION_H

#include "domain/common/job.h"

#define FAVORITE_LOG_FLOOR "favorite_log_floor"

/* Job: deletes a batch. It runs rarely, so it has no retention_pending(). */
enum rc	retention_run(struct job_run *);

#endif
