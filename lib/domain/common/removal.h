/*
 * removal: deletions that may concern many rows, in batches.
 *
 * One transaction deletes at most REMOVAL_BATCH rows (fewer of the large
 * ones), so no writer waits longer than a few ms. What is left over is marked
 * in account_removal or entity_removal. Readers do not see what is marked, and
 * a job deletes the rest. Each batch commits by itself, so a job that is killed
 * continues where it was.
 */
#ifndef DOMAIN_COMMON_REMOVAL_H
#define DOMAIN_COMMON_REMOVAL_H

#include <stdint.h>

#include "db/db.h"
#include "domain/common/favoritable.h"
#include "domain/common/job.h"

#define REMOVAL_BATCH	50

/*
 * Deletes the favorites of a flyer or destination, or marks it where there are
 * more than one batch, and writes "unsaved" into the log of their owners. To be
 * called before its own row is deleted.
 */
enum rc	removal_entity(struct db *, enum favorite_kind, int64_t id,
	    const struct uuid *, const char *request_id, int64_t now);
/*
 * Deletes the first batch of the rows of an account that is being deleted, and
 * marks it where there are more.
 */
enum rc	removal_account(struct db *, int64_t user, const char *request_id,
	    int64_t now);

/* The job: the next batch of what is marked. */
enum rc	removal_pending(struct job_run *);
enum rc	removal_run(struct job_run *);

#endif
