#include "domain/ops/dashboard.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "domain/support/ticket.h"

static enum rc
days(struct db *db, int64_t now, struct dashboard *d)
{
	struct stmt *q = db_q(db, Q_DASHBOARD_DAYS);
	int64_t today = span_start(SPAN_DAY, now);

	q_int(q, ":today", today);
	q_int(q, ":yesterday", today - DAY);
	while (q_row(q)) {
		int64_t *day = q_col_int(q, 1) == today ? d->today :
		    d->yesterday;

		day[q_col_int(q, 0)] += q_col_int(q, 2);
	}
	return q_done(q);
}

static enum rc
listeners(struct db *db, int64_t now, struct dashboard *d)
{
	struct stmt *q = db_q(db, Q_DASHBOARD_LISTENERS);

	q_int(q, ":now", now);
	if (q_row(q)) {
		d->listeners_online = q_col_int(q, 0);
		d->listeners_busy = q_col_int(q, 1);
	}
	return q_done(q);
}

static enum rc
sessions(struct db *db, struct dashboard *d)
{
	struct stmt *q = db_q(db, Q_DASHBOARD_SESSIONS);

	if (q_row(q))
		d->sessions_live = q_col_int(q, 0);
	return q_done(q);
}

static bool
begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static enum rc
tallies(struct db *db, struct dashboard *d)
{
	struct stmt *q = db_q(db, Q_DASHBOARD_TALLIES);

	while (q_row(q)) {
		const char *name = q_col_peek(q, 0);
		int64_t n = q_col_int(q, 1);

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
	return q_done(q);
}

static enum rc
ledger(struct db *db, struct dashboard *d)
{
	struct stmt *q = db_q(db, Q_DASHBOARD_LEDGER);

	if (q_row(q)) {
		d->ledger_ok = q_col_int(q, 0) != 0;
		d->ledger_at = q_col_int(q, 1);
		d->transfers = q_col_int(q, 2);
	}
	return q_done(q);
}

enum rc
dashboard_read(struct db *db, int64_t now, struct dashboard *d)
{
	enum rc rc;

	*d = (struct dashboard){ .ledger_ok = -1, .ledger_at = INT64_MIN };
	rc = days(db, now, d);
	if (rc == RC_OK)
		rc = listeners(db, now, d);
	if (rc == RC_OK)
		rc = sessions(db, d);
	if (rc == RC_OK)
		rc = ticket_waiting(db, &d->tickets_open);
	if (rc == RC_OK)
		rc = tallies(db, d);
	return rc == RC_OK ? ledger(db, d) : rc;
}
