#include "domain/ops/retention.h"

#include "base/clock.h"
#include "base/str.h"
#include "domain/accounts/network.h"
#include "domain/common/event.h"
#include "domain/common/kv_setting.h"
#include "domain/common/rollup.h"
#include "domain/favorites/ranking.h"

#define BATCH 50			/* rows of one transaction */

/* Deletes a batch of rows by a statement with :before and :max. */
static enum rc
delete_expired(struct job_run *r, enum stmt_id id, int64_t before)
{
	struct stmt *q;
	enum rc rc;

	/* The batch is full: the next run handles this table. */
	if (r->done >= BATCH) {
		r->more = true;
		return RC_OK;
	}
	q = stmt_get(r->db, id);
	stmt_int(q, ":before", before);
	stmt_int(q, ":max", BATCH - r->done);
	rc = stmt_run(q);
	if (rc == RC_OK)
		r->done += db_changes(r->db);
	r->more |= r->done >= BATCH;
	return rc;
}

/*
 * Deletes the oldest rows of favorite_log that the ranking has counted. The
 * setting of the last deleted row is updated in the same transaction, so that a
 * client that asks for older changes gets the full list.
 */
static enum rc
delete_log(struct job_run *r)
{
	int64_t counted, end;
	struct stmt *q;
	enum rc rc;

	rc = kv_setting_get(r->db, RANKING_SEQ, 0, &counted);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(r->db, Q_RETENTION_LOG_END);
	stmt_int(q, ":upto", counted);
	stmt_int(q, ":max", BATCH);
	stmt_int(q, ":before", r->now - r->conf->history_days * DAY);
	end = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	rc = stmt_done(q);
	if (rc != RC_OK || end == 0)
		return rc;
	q = stmt_get(r->db, Q_RETENTION_LOG);
	stmt_int(q, ":end", end);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	r->done += db_changes(r->db);
	r->more |= r->done >= BATCH;
	return kv_setting_put(r->db, FAVORITE_LOG_FLOOR, end);
}

enum rc
retention_run(struct job_run *r)
{
	const struct {
		enum stmt_id id;
		int64_t before;
	} sweeps[] = {
		{ Q_RETENTION_OTP, r->now - DAY },
		{ Q_RETENTION_OTP_REQUEST, r->now - DAY },
		{ Q_RETENTION_PUBLIC_COUNTER, r->now },
		{ Q_RETENTION_SUPPRESSION, r->now },
		{ Q_RETENTION_NETWORK, r->now - NETWORK_KNOWN },
		{ Q_RETENTION_REFRESH, r->now },
		{ Q_RETENTION_REVOKED_TOKENS, r->now - 7 * DAY },
		{ Q_RETENTION_REVOKED, r->now - 7 * DAY },
		{ Q_RETENTION_UNUSED, r->now - r->conf->refresh_ttl * SECOND -
		    r->conf->access_ttl * SECOND },
		{ Q_RETENTION_REVOCATION, r->now - DAY },
		{ Q_RETENTION_CONTACT_CHANGE, r->now - DAY },
		{ Q_RETENTION_CONTACT_UNDO, r->now },
		{ Q_RETENTION_CONTACT_LOCK, r->now },
		{ Q_RETENTION_SECURITY_LOG, r->now - 365 * DAY },
		{ Q_RETENTION_ONE_TIME_LINK, r->now },
		{ Q_RETENTION_MFA_CHALLENGE, r->now },
		{ Q_RETENTION_ID_TOKEN, r->now },
		{ Q_RETENTION_THROTTLE, r->now },
		{ Q_RETENTION_PENDING, r->now - 2 * DAY },
		{ Q_RETENTION_IDEMPOTENCY, r->now - DAY },
		{ Q_RETENTION_OUTBOX, r->now - 7 * DAY },
		{ Q_RETENTION_SANDBOX, r->now - 7 * DAY },
		{ Q_RETENTION_NOTIFICATION, r->now - 90 * DAY },
		{ Q_RETENTION_PUSH_DEVICE, r->now - 270 * DAY },
		{ Q_RETENTION_FORMER_ADDRESS, r->now - r->conf->return_days *
		    DAY },
		{ Q_RETENTION_HOUR, r->now - 31 * DAY },
		{ Q_REALTIME_STORE_FORGET, r->now - EVENT_KEPT },
	};
	enum rc rc = delete_log(r);
	size_t i;

	for (i = 0; i < NELEM(sweeps) && rc == RC_OK; i++)
		rc = delete_expired(r, sweeps[i].id, sweeps[i].before);
	return rc == RC_OK ? rollup_prune(r) : rc;
}
