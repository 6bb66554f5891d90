/*
 * removal: deletes objects with many dependent rows in batches.
 *
 * One transaction deletes at most REMOVAL_BATCH rows (fewer of large ones), so
 * that no writer waits longer than a few ms. If rows remain, the object is
 * marked in account_removal or entity_removal. Readers do not see marked
 * objects, and a job deletes the remaining rows. Each batch is one transaction,
 * so a job that was killed continues with the next batch.
 */
#ifndef DOMAIN_COMMON_REMOVAL_H
#define DOMAIN_COMMON_REMOVAL_H

#include <stdint.h>

#include "db/db.h"
#include "domain/common/favoritable.h"
#include "domain/common/job.h"

#define REMOVAL_BATCH	50

/*
 * Deletes the favorites of a flyer or destination and logs "unsaved" for their
 * users. If there is more than one batch, marks the object instead. Must be
 * called before its row is deleted.
 */
enum rc	removal_entity(struct db *, enum favorite_kind, int64_t id,
	    const struct uuid *, const char *request_id, int64_t now);
/*
 * Deletes the first batch of the rows of a deleted account, and marks the
 * account if more rows remain.
 */
enum rc	removal_account(struct db *, int64_t user, const char *request_id,
	    int64_t now);

/* The job that deletes the next batch of a marked object. */
enum rc	removal_pending(struct job_run *);
enum rc	removal_run(struct job_run *);

#endif
