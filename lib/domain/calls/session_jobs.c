/*
 * session_jobs: extends leases, ends sessions whose money is used up, reports
 * low balances, and computes mean lengths.
 */
#include "base/str.h"
#include "domain/calls/session_internal.h"
#include "domain/calls/session_notice.h"
#include "domain/common/kv_setting.h"

#define BATCH	50			/* sessions in one transaction */
/* A minute is reserved this long before it begins. */
#define AHEAD	(2 * SECOND)

#define WINDOW	(30 * DAY)		/* of sessions in a mean length */
#define SLICE	HOUR			/* of ends that one run handles */
#define LATE	MINUTE			/* delay of the ends that jobs write */
#define MEAN_AT	"session_mean_at"	/* setting: progress of the job */

enum rc
session_due_pending(struct job_run *run)
{
	return job_due_pending(run, Q_SESSION_DUE, run->now + AHEAD);
}

/* Reserves the next minute, or ends the session if its lease is over. */
static enum rc
renew(struct job_run *run, int64_t id, struct err *err)
{
	struct session s;
	int64_t before;
	bool first;
	enum rc rc;

	rc = session_core(run->db, id, 0, &s, err);
	if (rc == RC_OK)
		rc = session_find_gap(run->db, &s, run->now, err);
	if (rc != RC_OK)
		return rc;
	before = s.leased_until;
	rc = session_lease(run->db, &s, run->now + MINUTE, run->now, err);
	if (rc != RC_OK || s.leased_until > run->now) {
		run->done += rc == RC_OK && s.leased_until > before;
		return rc;
	}
	run->done++;
	return session_end(run->db, id, 0, SESSION_CAUSE_MONEY, s.leased_until,
	    run->now, &s, &first, err);
}

enum rc
session_due_run(struct job_run *run)
{
	/* A session in its last seconds stays due until it ends. */
	return job_each(run, Q_SESSION_DUE, run->now + AHEAD, BATCH, renew);
}

static int64_t
low_until(const struct job_run *run)
{
	return run->now + run->conf->low_balance_notice * SECOND;
}

enum rc
session_low_pending(struct job_run *run)
{
	return job_due_pending(run, Q_SESSION_LOW, low_until(run));
}

static enum rc
set_low_balance_notified(struct db *db, const struct session *s, bool notified)
{
	struct stmt *q = stmt_get(db, Q_SESSION_LOW_SET);

	stmt_int(q, ":id", s->id);
	stmt_int(q, ":notified", notified);
	stmt_int(q, ":lasts_until", s->lasts_until);
	return stmt_run(q);
}

/* Notifies both parties of a low balance, unless it was topped up meanwhile. */
static enum rc
notify_low(struct job_run *run, int64_t id, struct err *err)
{
	struct session s;
	struct wallet w;
	int64_t left;
	enum rc rc;

	rc = session_core(run->db, id, 0, &s, err);
	if (rc == RC_OK)
		rc = session_funds(run->db, s.customer, s.tariff.rate, &w);
	if (rc != RC_OK)
		return rc;
	s.lasts_until = session_base(&s) + session_lasts(&s, &w);
	left = s.lasts_until - run->now;
	if (s.lasts_until > low_until(run))
		return set_low_balance_notified(run->db, &s, false);
	rc = set_low_balance_notified(run->db, &s, true);
	run->done++;
	/* If the time is over, session.ended follows. */
	return rc == RC_OK && left > 0 ? session_notice_low(run->db, run->arena,
	    &s, left, run->now) : rc;
}

enum rc
session_low_run(struct job_run *run)
{
	return job_each(run, Q_SESSION_LOW, low_until(run), BATCH, notify_low);
}

/* Reads the time from which the ends of sessions were not handled yet. */
static enum rc
mean_from(struct job_run *run, int64_t *since)
{
	enum rc rc = kv_setting_get(run->db, MEAN_AT, 0, since);

	if (*since < run->now - WINDOW)
		*since = run->now - WINDOW;
	return rc;
}

enum rc
session_mean_pending(struct job_run *run)
{
	struct stmt *q;
	int64_t since;
	enum rc rc = mean_from(run, &since);

	if (rc != RC_OK || since >= run->now)
		return rc;
	q = stmt_get(run->db, Q_SESSION_MEAN_ANY);
	stmt_int(q, ":since", since);
	stmt_int(q, ":until", run->now);
	stmt_int(q, ":window", WINDOW);
	run->work = stmt_row(q) && stmt_col_int(q, 0) != 0;
	return stmt_done(q);
}

/*
 * Finds the listeners whose mean may have changed: a session ended, or became
 * older than WINDOW. The array is in the arena.
 */
static enum rc
find_changed_means(struct job_run *run, int64_t since, int64_t until,
    int64_t **users, size_t *n)
{
	struct stmt *q = stmt_get(run->db, Q_SESSION_MEAN_DUE);
	size_t max = 0;

	*n = 0;
	*users = NULL;
	stmt_int(q, ":since", since);
	stmt_int(q, ":until", until);
	stmt_int(q, ":window", WINDOW);
	while (stmt_row(q)) {
		if (*n == max) {
			int64_t *old = *users;

			max = max * 2 + BATCH;
			*users = arena_zalloc(run->arena, max,
			    sizeof(**users));
			if (*n > 0)
				memcpy(*users, old, *n * sizeof(*old));
		}
		(*users)[(*n)++] = stmt_col_int(q, 0);
	}
	return stmt_done(q);
}

static enum rc
set_mean(struct job_run *run, int64_t user)
{
	struct stmt *q = stmt_get(run->db, Q_SESSION_MEAN);
	int64_t mean = INT64_MIN;
	enum rc rc;

	stmt_int(q, ":user", user);
	stmt_int(q, ":since", run->now - WINDOW);
	if (stmt_row(q))
		mean = stmt_col_opt(q, 0);
	rc = stmt_done(q);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(run->db, Q_SESSION_MEAN_SET);
	stmt_int(q, ":user", user);
	stmt_opt(q, ":mean", mean);
	rc = stmt_run(q);
	run->done += rc == RC_OK && db_changes(run->db) > 0;
	return rc;
}

enum rc
session_mean_run(struct job_run *run)
{
	int64_t since, until, *users;
	size_t n = 0;
	enum rc rc = mean_from(run, &since);

	if (rc != RC_OK || since >= run->now)
		return rc;
	until = since + SLICE < run->now ? since + SLICE : run->now;
	rc = find_changed_means(run, since, until, &users, &n);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = set_mean(run, users[i]);
	run->more = until < run->now;
	/* Jobs may write an end late, so the last minute is handled twice. */
	return rc == RC_OK ? kv_setting_put(run->db, MEAN_AT,
	    run->more ? until : until - LATE) : rc;
}
