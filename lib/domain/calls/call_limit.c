#include "domain/calls/call_limit.h"

#include <stdbool.h>

#include "base/clock.h"
#include "base/refusal.h"
#include "domain/calls/call_finish.h"
#include "domain/calls/session.h"
#include "domain/listeners/availability_alert.h"

#define SHORT		(10 * MINUTE)	/* the window of calls.rings */
#define RECENT		500		/* calls that are read */

/* A limit of calls in a sliding window. */
struct limit {
	int64_t max, window;
	int64_t n;			/* calls in the window */
	int64_t free_at;		/* when the next call is allowed */
};

/* Counts a call. Calls are counted from the newest to the oldest. */
static void
count_call(struct limit *l, int64_t at, int64_t now)
{
	if (l->max == 0 || at <= now - l->window)
		return;
	if (++l->n == l->max)
		l->free_at = at + l->window;
}

/* A call or a direct session, as far as the limits need it. */
struct ring {
	int64_t callee;
	int64_t at;			/* INT64_MIN: no more */
	bool answered;
	bool ignored;			/* the server ended it: the balance, a
					 * ban, an operator */
};

static struct ring
next_call(struct stmt *q)
{
	struct ring r = { .at = INT64_MIN };
	enum call_state state;

	if (!stmt_row(q))
		return r;
	state = (enum call_state)stmt_col_int(q, 1);
	return (struct ring){ .callee = stmt_col_int(q, 0),
	    .answered = state == CALL_ACCEPTED || state == CALL_ENDED,
	    .at = stmt_col_int(q, 2), .ignored = stmt_col_int(q, 3) != 0 };
}

static struct ring
next_session(struct stmt *q)
{
	struct ring r = { .at = INT64_MIN };
	enum session_cause cause;

	while (r.at == INT64_MIN && stmt_row(q)) {
		/* A call is counted by itself. */
		if (stmt_col_int(q, 1) == 0)
			continue;
		cause = (enum session_cause)stmt_col_int(q, 4);
		r = (struct ring){ .callee = stmt_col_int(q, 0),
		    .at = stmt_col_int(q, 2),
		    .answered = stmt_col_int(q, 3) == 0,
		    .ignored = cause != SESSION_CAUSE_CUSTOMER &&
		    cause != SESSION_CAUSE_LISTENER &&
		    cause != SESSION_CAUSE_FAILED };
	}
	return r;
}

/*
 * Counts the unanswered calls and direct sessions of the last hour, newest
 * first. Without the latter, repeated sessions could replace repeated calls.
 */
static enum rc
count_unanswered(struct db *db, int64_t caller, int64_t callee, int64_t now,
    struct limit *pair, struct limit *pair_hour, struct limit *total,
    int64_t *last)
{
	struct stmt *calls = stmt_get(db, Q_CALL_LIMIT_RECENT);
	struct stmt *sessions = stmt_get(db, Q_CALL_LIMIT_SESSIONS);
	struct ring call, session, r;
	bool accepted = false;
	enum rc rc;

	*last = 0;
	stmt_int(calls, ":caller", caller);
	stmt_int(calls, ":limit", RECENT);
	stmt_int(sessions, ":caller", caller);
	stmt_int(sessions, ":limit", RECENT);
	call = next_call(calls);
	session = next_session(sessions);
	for (;;) {
		r = call.at >= session.at ? call : session;
		if (r.at <= now - HOUR)
			break;
		if (call.at >= session.at)
			call = next_call(calls);
		else
			session = next_session(sessions);
		if (r.answered) {
			accepted |= r.callee == callee;
			continue;
		}
		if (r.ignored)
			continue;
		count_call(total, r.at, now);
		if (accepted || r.callee != callee)
			continue;
		if (*last == 0)
			*last = r.at;
		count_call(pair, r.at, now);
		count_call(pair_hour, r.at, now);
	}
	rc = stmt_done(calls);
	if (rc != RC_OK) {
		(void)stmt_done(sessions);
		return rc;
	}
	return stmt_done(sessions);
}

static enum rc
refuse_ring(int64_t free_at, int64_t now, struct err *err)
{
	refusal_count(REFUSED_RING);
	err_set(err, RC_LIMITED, "ring_limited",
	    "Too many unanswered calls. Try again later");
	err->retry_after = (int)((free_at - now + SECOND - 1) / SECOND);
	return RC_LIMITED;
}

enum rc
call_limit_check(struct db *db, const struct conf *conf, int64_t caller,
    int64_t callee, int64_t now, struct err *err)
{
	struct limit pair = { .max = conf->rings, .window = SHORT },
	    hour = { .max = conf->rings_hour, .window = HOUR },
	    total = { .max = conf->rings_total, .window = HOUR };
	int64_t last, alert = 0;
	enum rc rc;

	if (pair.max == 0 && hour.max == 0 && total.max == 0)
		return RC_OK;
	rc = count_unanswered(db, caller, callee, now, &pair, &hour, &total,
	    &last);
	if (rc == RC_OK && total.free_at != 0)
		return refuse_ring(total.free_at, now, err);
	if (rc != RC_OK || (pair.free_at == 0 && hour.free_at == 0))
		return rc;
	rc = availability_alert_last(db, callee, caller, &alert);
	if (rc != RC_OK || alert > last)
		return rc;
	return refuse_ring(pair.free_at > hour.free_at ? pair.free_at :
	    hour.free_at, now, err);
}

/*
 * Checks that no live session without a call has a channel. Its media events
 * would be taken for those of the call.
 */
static enum rc
check_session(struct db *db, const char *channel, struct err *err)
{
	int64_t session;
	enum rc rc = session_of_channel(db, channel, &session);

	return rc == RC_OK && session != 0 ? err_set(err, RC_CONFLICT,
	    "channel_taken", "A session has this channel") : rc;
}

enum rc
call_limit_channel(struct db *db, const char *channel, int64_t caller,
    int64_t callee, int64_t now, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_CALL_LIMIT_CHANNEL);
	int64_t id, a, b, tokens_until;
	bool found, live;
	enum rc rc;

	stmt_text(q, ":channel", channel);
	found = stmt_row(q);
	if (found) {
		id = stmt_col_int(q, 0);
		a = stmt_col_int(q, 1);
		b = stmt_col_int(q, 2);
		live = stmt_col_int(q, 3) <= CALL_ACCEPTED;
		tokens_until = stmt_col_int(q, 4);
	}
	rc = stmt_done(q);
	if (rc != RC_OK)
		return rc;
	if (!found)
		return check_session(db, channel, err);
	if (live || (tokens_until > now && !(a == caller && b == callee) &&
	    !(a == callee && b == caller)))
		return err_set(err, RC_CONFLICT, "channel_taken",
		    "Another call has this channel");
	q = stmt_get(db, Q_CALL_LIMIT_RELEASE);
	stmt_int(q, ":id", id);
	return stmt_run(q);
}
