/*
 * session_presence: ends sessions of lost parties and sessions without a
 * conversation, and finds outages of the service.
 *
 * The job copies the proofs of presence into the database and stores that the
 * service ran (BEAT). If the last stored time is older than calls.gap, the
 * service was down in between. The time of an outage is not billed: paused_ms
 * and the end of the lease grow by it.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/int64.h"
#include "domain/calls/session_internal.h"
#include "domain/common/id_page.h"
#include "domain/common/kv_setting.h"

#define BEAT	"session_beat"		/* setting: the service ran then */
#define BATCH	250			/* sessions in one transaction */

/* The values of the configuration; see session_configure(). */
static struct {
	int64_t lost_after, gap, lost_free;
} limits = { .lost_after = MINUTE, .gap = 20 * SECOND, .lost_free = 3 };

void
session_configure(const struct conf *conf)
{
	limits.lost_after = conf->lost_after * SECOND;
	limits.gap = conf->gap * SECOND;
	limits.lost_free = conf->lost_free;
}

/*
 * Marks live sessions that an outage interrupted. beat: when the service ran
 * last. session 0: all sessions.
 */
static enum rc
open_gaps(struct db *db, int64_t session, int64_t beat, int64_t now)
{
	struct stmt *q = stmt_get(db, session == 0 ? Q_SESSION_GAPS :
	    Q_SESSION_GAP);
	enum rc rc;

	if (session != 0)
		stmt_int(q, ":session", session);
	stmt_int(q, ":beat", beat);
	stmt_int(q, ":gap", limits.gap);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	if (rc != RC_OK || db_changes(db) == 0)
		return rc;
	q = stmt_get(db, Q_SESSION_GAP_MEDIA);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

enum rc
session_find_gap(struct db *db, struct session *s, int64_t now, struct err *err)
{
	int64_t beat;
	enum rc rc = kv_setting_get(db, BEAT, 0, &beat);

	if (rc != RC_OK || now - int64_max(beat, s->started_at) <= limits.gap)
		return rc;
	rc = open_gaps(db, s->id, beat, now);
	return rc == RC_OK ? session_core(db, s->id, 0, s, err) : rc;
}

enum rc
session_move_start(struct db *db, struct session *s, int64_t start)
{
	int64_t by = start - s->billed_from;
	struct stmt *q;

	if (by <= 0)
		return RC_OK;
	s->billed_from = start;
	s->leased_until += by;
	s->lasts_until += by;
	q = stmt_get(db, Q_SESSION_MOVE_START);
	stmt_int(q, ":session", s->id);
	stmt_int(q, ":by", by);
	return stmt_run(q);
}

static enum rc
clear_flags(struct db *db, struct session *s)
{
	struct stmt *q = stmt_get(db, Q_SESSION_CLEAR);

	s->waiting = s->gap_open = false;
	stmt_int(q, ":session", s->id);
	return stmt_run(q);
}

enum rc
session_waivable(struct db *db, int64_t customer, int64_t now, bool *yes)
{
	struct stmt *q = stmt_get(db, Q_SESSION_WAIVED);
	int64_t n = 0;

	stmt_int(q, ":customer", customer);
	stmt_int(q, ":since", now - DAY);
	if (stmt_row(q))
		n = stmt_col_int(q, 0);
	*yes = n < limits.lost_free;
	return stmt_done(q);
}

/* Ends a session as the rules decided. */
static enum rc
end_by_rule(struct db *db, struct session *s, const struct session_party *p,
    const struct session_decision *d, int64_t now, struct err *err)
{
	struct session_close close = { .cause = d->cause, .at = d->at,
		.free_of_charge = d->free_of_charge };
	enum rc rc = RC_OK;

	if (d->cause == SESSION_CAUSE_LOST_CUSTOMER) {
		rc = session_waivable(db, s->customer, now, &close.waived);
		if (rc == RC_OK && !close.waived) {
			close.at = d->at_otherwise;
			close.cause = d->cause_otherwise;
		}
	}
	return rc == RC_OK ? session_close(db, s, p, &close, now, err) : rc;
}

/* Does what the rules say about a session. */
static enum rc
apply(struct db *db, struct session *s, const struct session_party *p,
    int64_t now, struct err *err)
{
	struct session_decision d = session_rules_decide(s, p,
	    limits.lost_after, now);
	enum rc rc;

	switch (d.verdict) {
	case SESSION_CONTINUES:
		break;
	case SESSION_CONFIRMED:
		rc = clear_flags(db, s);
		return rc == RC_OK ? session_move_start(db, s, d.at) : rc;
	case SESSION_RESUMED:
		return clear_flags(db, s);
	case SESSION_OVER:
		return end_by_rule(db, s, p, &d, now, err);
	}
	return RC_OK;
}

enum rc
session_review(struct db *db, struct session *s,
    struct session_party p[SESSION_PARTIES], int64_t now, struct err *err)
{
	enum rc rc = session_find_gap(db, s, now, err);

	if (rc == RC_OK)
		rc = session_party_load(db, s, now, p);
	return rc == RC_OK ? apply(db, s, p, now, err) : rc;
}

/* ---- job */

/* The sessions of the present pass. It belongs to earmark-jobs. */
static struct {
	int64_t *ids;
	size_t n, next;
} pass;

static enum rc
list_live(struct db *db)
{
	struct stmt *q = stmt_get(db, Q_SESSION_LIVE_IDS);
	static size_t max;
	int64_t *more;

	pass.n = pass.next = 0;
	while (stmt_row(q)) {
		if (pass.n == max) {
			max = max * 2 + BATCH;
			more = realloc(pass.ids, max * sizeof(*pass.ids));
			if (more == NULL)
				BUG("out of memory");
			pass.ids = more;
		}
		pass.ids[pass.n++] = stmt_col_int(q, 0);
	}
	return stmt_done(q);
}

enum rc
session_presence_pending(struct job_run *run)
{
	enum rc rc;

	if (pass.next < pass.n) {
		run->work = true;
		return RC_OK;
	}
	rc = list_live(run->db);
	run->work = rc == RC_OK && pass.n > 0;
	return rc;
}

/* Finds outages and stores that the service runs, before the first batch. */
static enum rc
begin_pass(struct job_run *run)
{
	int64_t beat;
	enum rc rc = kv_setting_get(run->db, BEAT, 0, &beat);

	/* The clock was set back: what happened before it counts as now. */
	if (rc == RC_OK && beat > run->now + limits.gap) {
		struct stmt *q = stmt_get(run->db, Q_SESSION_CLOCK_BACK);

		stmt_int(q, ":now", run->now);
		rc = stmt_run(q);
		beat = run->now;
	}
	if (rc == RC_OK)
		rc = open_gaps(run->db, 0, beat, run->now);
	return rc == RC_OK ? kv_setting_put(run->db, BEAT, run->now) : rc;
}

struct watched {
	struct session s;
	struct session_party p[SESSION_PARTIES];
};

/* Reads a batch of live sessions, as far as the rules need them. */
static enum rc
read_batch(struct job_run *run, const int64_t *ids, size_t n,
    struct watched *list, size_t *found)
{
	struct stmt *q = stmt_get(run->db, Q_SESSION_WATCH);

	*found = 0;
	stmt_text(q, ":ids", id_page_json(run->arena, ids, n));
	while (*found < n && stmt_row(q)) {
		struct watched *w = &list[(*found)++];

		w->s = (struct session){ .id = stmt_col_int(q, 0),
		    .customer = stmt_col_int(q, 1),
		    .listener = stmt_col_int(q, 2), .call = stmt_col_opt(q, 3),
		    .waiting = stmt_col_int(q, 4) != 0,
		    .started_at = stmt_col_int(q, 5),
		    .billed_from = stmt_col_int(q, 6),
		    .gap_from = stmt_col_opt(q, 7),
		    .gap_until = stmt_col_opt(q, 8),
		    .gap_open = stmt_col_int(q, 9) != 0 };
		session_party_row(q, 10, &w->p[SESSION_PARTY_CUSTOMER]);
		session_party_row(q, 19, &w->p[SESSION_PARTY_LISTENER]);
	}
	return stmt_done(q);
}

/* Stores new proofs, and does what the rules say, in a savepoint. */
static enum rc
watch(struct job_run *run, struct watched *w, struct err *err)
{
	struct session_decision d;
	enum rc rc = RC_OK;

	for (int side = 0; rc == RC_OK && side < SESSION_PARTIES; side++)
		if (session_party_merge(&w->p[side], side == 0 ?
		    w->s.customer : w->s.listener, run->now))
			rc = session_party_store(run->db, w->s.id, side,
			    &w->p[side]);
	d = session_rules_decide(&w->s, w->p, limits.lost_after, run->now);
	if (rc != RC_OK || d.verdict == SESSION_CONTINUES)
		return rc;
	rc = db_save(run->db);
	if (rc != RC_OK)
		return rc;
	rc = session_core(run->db, w->s.id, 0, &w->s, err);
	if (rc == RC_OK)
		rc = apply(run->db, &w->s, w->p, run->now, err);
	run->done += rc == RC_OK;
	return job_item_end(run, w->s.id, rc);
}

enum rc
session_presence_run(struct job_run *run)
{
	size_t n = pass.n - pass.next, found = 0;
	struct watched *list;
	struct err err;
	enum rc rc = pass.next == 0 ? begin_pass(run) : RC_OK;

	err_init(&err, run->arena);
	if (n > BATCH)
		n = BATCH;
	list = arena_zalloc(run->arena, n, sizeof(*list));
	if (rc == RC_OK)
		rc = read_batch(run, pass.ids + pass.next, n, list, &found);
	for (size_t i = 0; rc == RC_OK && i < found; i++)
		rc = watch(run, &list[i], &err);
	pass.next = rc == RC_OK ? pass.next + n : pass.n;
	run->more = rc == RC_OK && pass.next < pass.n;
	return rc;
}
