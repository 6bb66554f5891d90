#include "domain/listeners/availability_alert.h"

#include "base/clock.h"
#include "base/str.h"
#include "base/wakeup.h"
#include "domain/messaging/notification.h"
#include "json/json_build.h"

/* Alerts that were not delivered after this time are outdated. */
#define ALERT_TTL	(15 * MINUTE)
/* Maximum of alerts, and of listeners, in one transaction. */
#define BATCH		500

enum rc
availability_alert_mark(struct db *db, int64_t listener, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_AVAILABILITY_ALERT_MARK);
	enum rc rc;

	stmt_int(q, ":listener", listener);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	if (rc == RC_OK && db_changes(db) > 0)
		db_wake_add(db, WAKEUP_JOBS);
	return rc;
}

enum rc
availability_alert_last(struct db *db, int64_t listener, int64_t customer,
    int64_t *at)
{
	struct stmt *q = stmt_get(db, Q_AVAILABILITY_ALERT_LAST);

	stmt_int(q, ":listener", listener);
	stmt_int(q, ":user", customer);
	*at = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

struct due {
	int64_t listener;
	const char *username;
	bool is_free;
};

/* Returns the next marked listener after *due, or RC_NOT_FOUND. */
static enum rc
next_due(struct db *db, struct arena *arena, int64_t now, struct due *due)
{
	struct stmt *q = stmt_get(db, Q_AVAILABILITY_ALERT_NEXT);
	bool found;
	enum rc rc;

	stmt_int(q, ":after", due->listener);
	stmt_int(q, ":now", now);
	found = stmt_row(q);
	if (found) {
		due->listener = stmt_col_int(q, 0);
		due->username = stmt_col_text(q, 1, arena);
		due->is_free = stmt_col_int(q, 2) != 0;
	}
	rc = stmt_done(q);
	return rc != RC_OK || found ? rc : RC_NOT_FOUND;
}

static enum rc
delete_old_alerts(struct db *db, int64_t listener, int64_t until)
{
	struct stmt *q = stmt_get(db, Q_AVAILABILITY_ALERT_FORGET);

	stmt_int(q, ":listener", listener);
	stmt_int(q, ":until", until);
	return stmt_run(q);
}

static enum rc
mark_done(struct db *db, int64_t listener)
{
	struct stmt *q = stmt_get(db, Q_AVAILABILITY_ALERT_DONE);

	stmt_int(q, ":listener", listener);
	return stmt_run(q);
}

static enum rc
list_waiting(struct db *db, struct arena *arena, int64_t listener, int64_t max,
    int64_t **users, int64_t *n)
{
	struct stmt *q = stmt_get(db, Q_AVAILABILITY_ALERT_SETTINGS);

	*users = arena_zalloc(arena, (size_t)max, sizeof(**users));
	*n = 0;
	stmt_int(q, ":listener", listener);
	stmt_int(q, ":limit", max);
	while (*n < max && stmt_row(q))
		(*users)[(*n)++] = stmt_col_int(q, 0);
	return stmt_done(q);
}

static enum rc
notify_user(struct db *db, struct arena *arena,
    const struct due *due, int64_t user, int64_t now)
{
	const struct notice n = { .kind = NOTICE_AVAILABLE,
		.template = "listener_available",
		.vars = TEXT_VARS({ "name", due->username }),
		.data = json_build_object(arena, JSON_OBJECT(
		    JSON_STR("type", "listener.available"),
		    JSON_INT("listener_id", due->listener))),
		.channels = CHANNEL_IN_APP | CHANNEL_PUSH, .ttl = ALERT_TTL };
	struct stmt *q;
	bool known;
	enum rc rc = notification_send(db, arena, user, &n, now, &known);

	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_AVAILABILITY_ALERT_SENT);
	stmt_int(q, ":listener", due->listener);
	stmt_int(q, ":user", user);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

/* Notifies at most `left` users; *n is their number. */
static enum rc
notify_users(struct db *db, struct arena *arena, const struct due *due,
    int64_t left, int64_t now, int64_t *n)
{
	int64_t *users;
	enum rc rc;

	rc = delete_old_alerts(db, due->listener,
	    now - AVAILABILITY_ALERT_EVERY);
	if (rc == RC_OK)
		rc = list_waiting(db, arena, due->listener, left, &users, n);
	for (int64_t i = 0; rc == RC_OK && i < *n; i++)
		rc = notify_user(db, arena, due, users[i], now);
	return rc;
}

enum rc
availability_alert_pending(struct job_run *run)
{
	struct due due = { 0, NULL, false };
	enum rc rc = next_due(run->db, run->arena, run->now, &due);

	run->work = rc == RC_OK;
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc
availability_alert_run(struct job_run *run)
{
	struct due due = { 0, NULL, false };
	int64_t n;
	enum rc rc;

	for (int looked = 0; looked < BATCH; looked++) {
		rc = next_due(run->db, run->arena, run->now, &due);
		if (rc == RC_NOT_FOUND)
			return RC_OK;
		n = 0;
		if (rc == RC_OK && due.is_free)
			rc = notify_users(run->db, run->arena, &due,
			    BATCH - run->done, run->now, &n);
		if (rc != RC_OK)
			return rc;
		run->done += n;
		run->more = run->done >= BATCH;
		if (run->more)
			return RC_OK;	/* more users may be waiting */
		rc = mark_done(run->db, due.listener);
		if (rc != RC_OK)
			return rc;
	}
	run->more = true;
	return RC_OK;
}
