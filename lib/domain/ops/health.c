#include "domain/ops/health.h"

#include <inttypes.h>

#include "base/str.h"
#include "domain/common/actor.h"
#include "domain/common/counter.h"
#include "domain/listeners/listener_search.h"
#include "domain/messaging/delivery.h"
#include "domain/ops/chain_check_log.h"
#include "domain/ops/dashboard_gauges.h"

enum rc
health_ping(struct db *db, struct arena *a, const struct conf *conf,
    int64_t now, struct health *out)
{
	enum rc rc = db_read(db);
	struct stmt *q;

	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_HEALTH_PING);
	(void)stmt_row(q);
	rc = stmt_done(q);
	if (rc == RC_OK)
		rc = backup_log_read(db, a, conf, now, BACKUP_LOG_BACKUP,
		    &out->backup);
	if (rc == RC_OK)
		rc = backup_log_read(db, a, conf, now, BACKUP_LOG_DRILL,
		    &out->drill);
	db_read_end(db);
	return rc;
}

/* Appends counters: "user:1" becomes earmark_users{status="active"}, etc. */
static enum rc
counter_gauges(struct db *db, struct buf *out)
{
	static const struct {
		const char *kind, *family, *label;
		const char *const *names;	/* by number; NULL ends */
	} kinds[] = {
		{ "user", "earmark_users", "status", user_status_names },
		{ "listener", "earmark_listeners", "verification",
		    verification_names },
	};
	char name[32];
	int64_t n;
	enum rc rc;

	for (size_t i = 0; i < NELEM(kinds); i++)
		for (int w = 0; kinds[i].names[w]; w++) {
			(void)snprintf(name, sizeof(name), "%s:%d",
			    kinds[i].kind, w);
			rc = counter_get(db, name, &n);
			if (rc != RC_OK)
				return rc;
			buf_fmt(out, "%s{%s=\"%s\"} %" PRId64 "\n",
			    kinds[i].family, kinds[i].label,
			    kinds[i].names[w], n);
		}
	rc = counter_get(db, "listed", &n);
	buf_fmt(out, "earmark_listed_listeners %" PRId64 "\n", n);
	return rc;
}

static enum rc
outbox_gauges(struct db *db, int64_t now, struct buf *out)
{
	int64_t n, since;
	enum rc rc;

	for (int channel = 1; channel <= DELIVERY_CHANNELS; channel++) {
		const char *name = delivery_channel(channel);

		rc = delivery_waiting(db, channel, &n, &since);
		if (rc != RC_OK)
			return rc;
		buf_fmt(out, "earmark_outbox_pending{lane=\"%s\"} %" PRId64
		    "\n", name, n);
		buf_fmt(out, "earmark_outbox_oldest_seconds{lane=\"%s\"} %"
		    PRId64 "\n", name, since == INT64_MIN || since > now ? 0 :
		    (now - since) / 1000);
	}
	return RC_OK;
}

static enum rc
job_gauges(struct db *db, struct buf *out)
{
	struct stmt *q = stmt_get(db, Q_HEALTH_JOBS);

	while (stmt_row(q))
		buf_fmt(out, "earmark_job_last_run_timestamp_seconds"
		    "{job=\"%s\"} %" PRId64 "\n", stmt_col_peek(q, 0),
		    stmt_col_int(q, 1) / 1000);
	return stmt_done(q);
}

enum rc
health_gauges(struct db *db, struct arena *a, const struct conf *conf,
    int64_t now, struct buf *out)
{
	enum rc rc = counter_gauges(db, out);

	if (rc == RC_OK)
		rc = outbox_gauges(db, now, out);
	if (rc == RC_OK)
		rc = job_gauges(db, out);
	if (rc == RC_OK)
		rc = backup_log_gauges(db, a, conf, now, out);
	if (rc == RC_OK)
		rc = chain_check_log_gauges(db, a, out);
	if (rc == RC_OK)
		rc = dashboard_gauges(db, conf, now, out);
	buf_fmt(out, "earmark_schema_version %d\n", db_schema_want());
	return rc;
}
