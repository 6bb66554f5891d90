#include "dom/system.h"

#include <inttypes.h>

#include "base/str.h"
#include "dom/delivery.h"

enum rc
system_ping(struct db *db)
{
	enum rc rc = db_read(db);
	struct stmt *q;

	if (rc != RC_OK)
		return rc;
	q = db_q(db, Q_SYSTEM_PING);
	(void)q_row(q);
	rc = q_done(q);
	db_read_end(db);
	return rc;
}

/* The tally "user:1" as earmark_users{status="active"}, and so on. */
static enum rc
tallies(struct db *db, struct buf *out)
{
	static const struct {
		const char *tally, *series;
	} rows[] = {
		{ "listed", "earmark_listed_listeners" },
		{ "listener:0", "earmark_listeners{verification=\"pending\"}" },
		{ "listener:1", "earmark_listeners{verification=\"verified\"}" },
		{ "listener:2", "earmark_listeners{verification=\"rejected\"}" },
		{ "user:0", "earmark_users{status=\"pending_verification\"}" },
		{ "user:1", "earmark_users{status=\"active\"}" },
		{ "user:2", "earmark_users{status=\"deleted\"}" },
		{ "user:3", "earmark_users{status=\"banned\"}" },
	};
	struct stmt *q = db_q(db, Q_SYSTEM_TALLIES);

	while (q_row(q))
		for (size_t i = 0; i < NELEM(rows); i++)
			if (str_eq(rows[i].tally, q_col_peek(q, 0)))
				buf_fmt(out, "%s %" PRId64 "\n",
				    rows[i].series, q_col_int(q, 1));
	return q_done(q);
}

static enum rc
outbox(struct db *db, int64_t now, struct buf *out)
{
	int64_t n, since;
	enum rc rc;

	for (int lane = 1; lane <= DELIVERY_LANES; lane++) {
		const char *name = delivery_lane(lane);

		rc = delivery_waiting(db, lane, &n, &since);
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
jobs(struct db *db, struct buf *out)
{
	struct stmt *q = db_q(db, Q_SYSTEM_JOBS);

	while (q_row(q))
		buf_fmt(out, "earmark_job_last_run_timestamp_seconds"
		    "{job=\"%s\"} %" PRId64 "\n", q_col_peek(q, 0),
		    q_col_int(q, 1) / 1000);
	return q_done(q);
}

enum rc
system_gauges(struct db *db, int64_t now, struct buf *out)
{
	enum rc rc = tallies(db, out);

	if (rc == RC_OK)
		rc = outbox(db, now, out);
	if (rc == RC_OK)
		rc = jobs(db, out);
	buf_fmt(out, "earmark_schema_version %d\n", db_schema_want());
	return rc;
}
