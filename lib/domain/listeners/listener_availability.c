#include "domain/listeners/listener_availability.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "base/time_zone.h"
#include "domain/listeners/presence.h"

/* Maximum number of listeners in one transaction of the job. */
#define BATCH	200

/* ---- the minutes of a day */

/* The minutes of a listener in the last 24 hours. */
struct used {
	int64_t ms;
	int64_t limit_until;		/* INT64_MIN: not reached */
	bool live;
};

/*
 * Adds up the sessions, the latest first. The limit is reached until the session
 * that reaches it ended a day ago.
 */
static enum rc
read_used(struct db *db, int64_t user, int64_t max_minutes, int64_t now,
    struct used *u)
{
	int64_t max = max_minutes == INT64_MIN ? INT64_MAX :
	    max_minutes * MINUTE;
	struct stmt *q = stmt_get(db, Q_LISTENER_AVAILABILITY_LIVE);
	enum rc rc;

	*u = (struct used){ .limit_until = INT64_MIN };
	stmt_int(q, ":user", user);
	stmt_int(q, ":now", now);
	u->live = stmt_row(q);
	if (u->live)
		u->ms = stmt_col_int(q, 0);
	rc = stmt_done(q);
	if (rc != RC_OK)
		return rc;
	if (u->ms >= max)
		u->limit_until = now + DAY;
	q = stmt_get(db, Q_LISTENER_AVAILABILITY_ENDED);
	stmt_int(q, ":user", user);
	stmt_int(q, ":since", now - DAY);
	while (stmt_row(q)) {
		u->ms += stmt_col_int(q, 1);
		if (u->ms >= max && u->limit_until == INT64_MIN)
			u->limit_until = stmt_col_int(q, 0) + DAY;
	}
	return stmt_done(q);
}

static enum rc
store_limit(struct db *db, int64_t user, int64_t limit_until, int64_t check_at)
{
	struct stmt *q = stmt_get(db, Q_LISTENER_AVAILABILITY_LIMIT);

	stmt_int(q, ":user", user);
	stmt_opt(q, ":limit_until", limit_until);
	stmt_opt(q, ":check_at", check_at);
	return stmt_run(q);
}

/* The row of a listener without the hours. */
struct rules {
	bool found, accepting;
	int64_t max_minutes, limit_until, check_at;
};

static enum rc
load_rules(struct db *db, int64_t user, struct rules *r)
{
	struct stmt *q = stmt_get(db, Q_LISTENER_AVAILABILITY_RULES);

	stmt_int(q, ":user", user);
	r->found = stmt_row(q);
	if (r->found) {
		r->accepting = stmt_col_int(q, 0) != 0;
		r->max_minutes = stmt_col_opt(q, 1);
		r->limit_until = stmt_col_opt(q, 2);
		r->check_at = stmt_col_opt(q, 3);
	}
	return stmt_done(q);
}

enum rc
listener_availability_refresh(struct db *db, int64_t user, int64_t now)
{
	struct used u = { .limit_until = INT64_MIN };
	int64_t check_at = INT64_MIN;
	struct rules r;
	enum rc rc;

	rc = load_rules(db, user, &r);
	if (rc != RC_OK || !r.found)
		return rc;
	if (r.max_minutes != INT64_MIN) {
		rc = read_used(db, user, r.max_minutes, now, &u);
		if (u.limit_until != INT64_MIN)
			check_at = u.limit_until;
		else if (u.live)
			check_at = now + r.max_minutes * MINUTE - u.ms;
	}
	if (rc == RC_OK && (u.limit_until != r.limit_until ||
	    check_at != r.check_at))
		rc = store_limit(db, user, u.limit_until, check_at);
	return rc == RC_OK ? presence_close(db, user, !r.accepting ||
	    u.limit_until != INT64_MIN, now) : rc;
}

enum rc
listener_availability_pending(struct job_run *run)
{
	return job_due_pending(run, Q_LISTENER_AVAILABILITY_DUE, run->now);
}

static enum rc
refresh(struct job_run *run, int64_t user, struct err *err)
{
	enum rc rc = listener_availability_refresh(run->db, user, run->now);

	(void)err;
	run->done += rc == RC_OK;
	return rc;
}

enum rc
listener_availability_run(struct job_run *run)
{
	return job_each(run, Q_LISTENER_AVAILABILITY_DUE, run->now, BATCH,
	    refresh);
}

/* ---- the listener's own view */

/* Sets the results. */
static enum rc
compute_results(struct db *db, int64_t user, int64_t now,
    struct listener_availability *a)
{
	struct used u;
	enum rc rc = read_used(db, user, a->max_minutes, now, &u);

	a->used_ms = u.ms;
	a->limit_until = u.limit_until;
	a->next = a->accepting && a->time_zone != NULL ?
	    opening_hours_next(&a->hours, a->time_zone, now, u.limit_until) :
	    INT64_MIN;
	return rc;
}

enum rc
listener_availability_get(struct db *db, struct arena *arena, int64_t user,
    int64_t now, struct listener_availability *a, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_LISTENER_AVAILABILITY_GET);
	const char *weekly, *exceptions;
	bool found, valid = true;
	enum rc rc;

	memset(a, 0, sizeof(*a));
	stmt_int(q, ":user", user);
	found = stmt_row(q);
	if (found) {
		a->time_zone = stmt_col_text(q, 0, arena);
		a->own_zone = a->time_zone != NULL;
		if (!a->own_zone)
			a->time_zone = stmt_col_text(q, 6, arena);
		weekly = stmt_col_peek(q, 1);
		exceptions = stmt_col_peek(q, 2);
		if (weekly != NULL && exceptions != NULL)
			valid = opening_hours_parse(weekly, exceptions,
			    &a->hours);
		a->accepting = stmt_col_int(q, 3) != 0;
		a->max_minutes = stmt_col_opt(q, 4);
	}
	rc = stmt_done(q);
	if (rc == RC_OK && !found)
		return err_set(err, RC_NOT_FOUND, NULL, "Listener not found");
	if (rc == RC_OK && !valid) {
		log_error("listener_hours", "the hours of listener %" PRId64
		    " are invalid", user);
		return RC_FAULT;
	}
	return rc == RC_OK ? compute_results(db, user, now, a) : rc;
}

static enum rc
check_exceptions(const struct opening_hours *h, struct err *err)
{
	const struct opening_exception *x, *y, *end = h->v + h->n;

	for (x = h->v; x < end; x++) {
		if (opening_hours_day_overlap(&x->day, x->first < x->last))
			return err_field(err, "exceptions",
			    "must not have hours that overlap");
		for (y = x + 1; y < end; y++)
			if (x->first <= y->last && y->first <= x->last)
				return err_field(err, "exceptions",
				    "must not name a day twice, unless all "
				    "dates are equal and all have hours");
	}
	return RC_OK;
}

static bool
has_hours(const struct opening_hours *h)
{
	for (int day = 0; day < 7; day++)
		if (h->weekly[day].n > 0)
			return true;
	return h->n > 0;
}

static enum rc
check_hours(const struct listener_availability *a, int64_t now,
    struct err *err)
{
	int64_t offset;

	if (a->time_zone == NULL && has_hours(&a->hours))
		return err_field(err, "time_zone", "is required with hours");
	if (a->time_zone != NULL &&
	    !time_zone_offset(a->time_zone, now, &offset))
		return err_field(err, "time_zone", "must be the name of a time "
		    "zone, such as Asia/Kolkata");
	if (opening_hours_weekly_overlap(&a->hours))
		return err_field(err, "weekly",
		    "must not have hours that overlap");
	return check_exceptions(&a->hours, err);
}

enum rc
listener_availability_put(struct db *db, int64_t user, int64_t now,
    struct listener_availability *a, struct err *err)
{
	char weekly[OPENING_WEEKLY_TEXT], exceptions[OPENING_EXCEPTIONS_TEXT];
	struct stmt *q;
	enum rc rc;

	rc = check_hours(a, now, err);
	if (rc != RC_OK)
		return rc;
	opening_hours_weekly_text(&a->hours, weekly);
	opening_hours_exceptions_text(&a->hours, exceptions);
	q = stmt_get(db, Q_LISTENER_AVAILABILITY_PUT);
	stmt_int(q, ":user", user);
	stmt_text(q, ":time_zone", a->own_zone || has_hours(&a->hours) ?
	    a->time_zone : NULL);
	stmt_text(q, ":weekly", weekly);
	stmt_text(q, ":exceptions", exceptions);
	stmt_int(q, ":accepting", a->accepting);
	stmt_opt(q, ":max_minutes", a->max_minutes);
	rc = stmt_run(q);
	if (rc == RC_OK)
		rc = listener_availability_refresh(db, user, now);
	return rc == RC_OK ? compute_results(db, user, now, a) : rc;
}
