#include "domain/ops/dashboard.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "domain/support/ticket.h"

static enum rc
read_days(struct db *db, int64_t now, struct dashboard *d)
{
	struct stmt *q = stmt_get(db, Q_DASHBOARD_DAYS);
	int64_t today = rollup_span_start(ROLLUP_SPAN_DAY, now);

	stmt_int(q, ":today", today);
	stmt_int(q, ":yesterday", today - DAY);
	while (stmt_row(q)) {
		int64_t *day = stmt_col_int(q, 1) == today ? d->today :
		    d->yesterday;

		day[stmt_col_int(q, 0)] += stmt_col_int(q, 2);
	}
	return stmt_done(q);
}

static enum rc
count_listeners(struct db *db, int64_t now, struct dashboard *d)
{
	struct stmt *q = stmt_get(db, Q_DASHBOARD_LISTENERS);

	stmt_int(q, ":now", now);
	if (stmt_row(q)) {
		d->listeners_online = stmt_col_int(q, 0);
		d->listeners_busy = stmt_col_int(q, 1);
	}
	return stmt_done(q);
}

static enum rc
count_live_sessions(struct db *db, struct dashboard *d)
{
	struct stmt *q = stmt_get(db, Q_DASHBOARD_SESSIONS);

	if (stmt_row(q))
		d->sessions_live = stmt_col_int(q, 0);
	return stmt_done(q);
}

static bool
begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static enum rc
read_counters(struct db *db, struct dashboard *d)
{
	struct stmt *q = stmt_get(db, Q_DASHBOARD_COUNTERS);

	while (stmt_row(q)) {
		const char *name = stmt_col_peek(q, 0);
		int64_t n = stmt_col_int(q, 1);

		if (begins(name, "listener:"))
			d->verifications_pending += n;
		else if (begins(name, "payment:"))
			d->payments_flagged += n;
		else if (begins(name, "call:"))
			d->calls_live += n;
		else if (begins(name, "outbox:0:"))
			d->outbox_pending += n;
		else
			d->outbox_dead += n;
	}
	return stmt_done(q);
}

static enum rc
read_ledger_check(struct db *db, struct dashboard *d)
{
	struct stmt *q = stmt_get(db, Q_DASHBOARD_LEDGER);

	if (stmt_row(q)) {
		d->ledger_ok = stmt_col_int(q, 0) != 0;
		d->ledger_at = stmt_col_int(q, 1);
		d->transfers = stmt_col_int(q, 2);
	}
	return stmt_done(q);
}

enum rc
dashboard_read(struct db *db, int64_t now, struct dashboard *d)
{
	enum rc rc;

	*d = (struct dashboard){ .ledger_ok = -1, .ledger_at = INT64_MIN };
	rc = read_days(db, now, d);
	if (rc == RC_OK)
		rc = count_listeners(db, now, d);
	if (rc == RC_OK)
		rc = count_live_sessions(db, d);
	if (rc == RC_OK)
		rc = ticket_waiting(db, &d->tickets_open);
	if (rc == RC_OK)
		rc = read_counters(db, d);
	return rc == RC_OK ? read_ledger_check(db, d) : rc;
}
