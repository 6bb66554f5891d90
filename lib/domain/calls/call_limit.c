#include "domain/calls/call_limit.h"

#include <stdbool.h>

#include "base/clock.h"
#include "base/refusal.h"
#include "domain/calls/call_finish.h"
#include "domain/calls/session.h"
#include "domain/listeners/availability_alert.h"

#define SHORT		(10 * MINUTE)	/* the window of calls.rings */
#define RECENT		500		/* calls that are read */
#define RECENT_SESSIONS	50		/* sessions that are read */

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

/* Counts the unanswered calls of the last hour, newest first. */
static enum rc
count_unanswered(struct db *db, int64_t caller, int64_t callee, int64_t now,
    struct limit *pair, struct limit *pair_hour, struct limit *total,
    int64_t *last)
{
	struct stmt *q = stmt_get(db, Q_CALL_LIMIT_RECENT);
	bool accepted = false;
	enum call_state state;
	int64_t at;

	*last = 0;
	stmt_int(q, ":caller", caller);
	stmt_int(q, ":limit", RECENT);
	while (stmt_row(q)) {
		state = (enum call_state)stmt_col_int(q, 1);
		at = stmt_col_int(q, 2);
		if (at <= now - HOUR)
			break;
		if (state == CALL_ACCEPTED || state == CALL_ENDED) {
			accepted |= stmt_col_int(q, 0) == callee;
			continue;
		}
		/* The server ended it: the balance, a ban, an operator. */
		if (stmt_col_int(q, 3) != 0)
			continue;
		count_call(total, at, now);
		if (accepted || stmt_col_int(q, 0) != callee)
			continue;
		if (*last == 0)
			*last = at;
		count_call(pair, at, now);
		count_call(pair_hour, at, now);
	}
	return stmt_done(q);
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

enum rc
call_limit_push(struct db *db, const struct conf *conf, int64_t customer,
    int64_t listener, int64_t now, bool *push)
{
	int64_t n = 0, n_hour = 0;
	struct stmt *q;

	*push = true;
	if (conf->rings == 0 && conf->rings_hour == 0)
		return RC_OK;
	q = stmt_get(db, Q_CALL_LIMIT_UNSEEN);
	stmt_int(q, ":customer", customer);
	stmt_int(q, ":listener", listener);
	stmt_int(q, ":recent", RECENT_SESSIONS);
	stmt_int(q, ":short", now - SHORT);
	stmt_int(q, ":hour", now - HOUR);
	if (stmt_row(q)) {
		n = stmt_col_int(q, 0);
		n_hour = stmt_col_int(q, 1);
	}
	*push = (conf->rings == 0 || n < conf->rings) &&
	    (conf->rings_hour == 0 || n_hour < conf->rings_hour);
	return stmt_done(q);
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
