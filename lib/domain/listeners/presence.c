#include "domain/listeners/presence.h"

#include "base/str.h"
#include "domain/common/event.h"
#include "domain/common/id_page.h"
#include "domain/common/text_list.h"
#include "domain/listeners/availability_alert.h"

const char *const presence_names[] = { "offline", "online", "away", NULL };

int
presence_row(struct stmt *q, int col, int64_t now, struct presence *p)
{
	int64_t status = stmt_col_int(q, col);
	int64_t online = stmt_col_int(q, col + 1);
	int64_t reachable = stmt_col_int(q, col + 2);

	p->until = online > reachable ? online : reachable;
	p->is_online = status != PRESENCE_OFFLINE && p->until > now;
	p->status = p->is_online ? (enum presence_status)status :
	    PRESENCE_OFFLINE;
	p->busy_since = stmt_col_opt(q, col + 3);
	p->is_busy = p->busy_since != INT64_MIN;
	p->last_seen = stmt_col_opt(q, col + 4);
	return col + 5;
}

/* Makes a user look offline to a viewer, because of a block. */
static void
hide_presence(struct presence *p)
{
	p->status = PRESENCE_OFFLINE;
	p->is_online = p->is_busy = false;
	p->last_seen = p->busy_since = INT64_MIN;
	p->until = 0;
}

enum rc
presence_get(struct db *db, int64_t user, int64_t viewer, int64_t now,
    struct presence *p, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_PRESENCE_GET);
	bool found;
	enum rc rc;

	stmt_int(q, ":user", user);
	stmt_int(q, ":viewer", viewer);
	found = stmt_row(q);
	if (found) {
		p->user_id = user;
		(void)presence_row(q, 0, now, p);
		if (stmt_col_int(q, 7) != 0)
			hide_presence(p);
	}
	rc = stmt_done(q);
	if (rc == RC_OK && !found)
		return err_set(err, RC_NOT_FOUND, NULL, "User not found");
	return rc;
}

enum rc
presence_many(struct db *db, struct arena *arena, const int64_t *ids, size_t n,
    int64_t viewer, int64_t now, struct presence **list, size_t *found)
{
	struct stmt *q = stmt_get(db, Q_PRESENCE_MANY);

	*list = arena_zalloc(arena, n, sizeof(**list));
	*found = 0;
	stmt_text(q, ":ids", id_page_json(arena, ids, n));
	stmt_int(q, ":viewer", viewer);
	while (*found < n && stmt_row(q)) {
		struct presence *p = &(*list)[(*found)++];

		p->user_id = stmt_col_int(q, 0);
		(void)presence_row(q, 1, now, p);
		if (stmt_col_int(q, 6) != 0)
			hide_presence(p);
	}
	return stmt_done(q);
}

/*
 * A row, with the columns that other users do not see. `own` is the status that
 * the user set; p.status is offline if it has expired or the user is closed.
 */
struct state {
	struct presence p;
	enum presence_status own;
	int64_t online_until, reachable_until;
	bool listed, closed;
};

static enum rc
load_presence(struct db *db, int64_t user, int64_t now, struct state *s)
{
	struct stmt *q = stmt_get(db, Q_PRESENCE_GET);
	bool found;
	enum rc rc;

	*s = (struct state){ .p.user_id = user };
	stmt_int(q, ":user", user);
	stmt_int(q, ":viewer", 0);
	found = stmt_row(q);
	if (found) {
		(void)presence_row(q, 0, now, &s->p);
		s->online_until = stmt_col_int(q, 1);
		s->reachable_until = stmt_col_int(q, 2);
		s->listed = stmt_col_int(q, 5) != 0;
		s->closed = stmt_col_opt(q, 6) != INT64_MIN;
		s->own = s->p.until <= now ? PRESENCE_OFFLINE :
		    (enum presence_status)stmt_col_int(q, s->closed ? 6 : 0);
	}
	rc = stmt_done(q);
	return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

/* Returns whether the user can be called now. */
static bool
is_free(const struct presence *p)
{
	return p->status == PRESENCE_ONLINE && !p->is_busy;
}

/* Notifies the users that see this user. */
static enum rc
notify_watchers(struct db *db, const struct presence *is, int64_t now)
{
	enum rc rc = event_add_object(db, is->user_id, EVENT_PRESENCE_CHANGED,
	    now, JSON_OBJECT(JSON_INT("user_id", is->user_id),
	    JSON_STR("status", presence_names[is->status]),
	    JSON_BOOL("is_online", is->is_online),
	    JSON_BOOL("is_busy", is->is_busy)));

	return rc == RC_OK && is_free(is) ?
	    availability_alert_mark(db, is->user_id, now) : rc;
}

/* If the visible status changed, notifies other users. */
static enum rc
notify_change(struct db *db, const struct state *was,
    enum presence_status status, int64_t now)
{
	struct presence is = was->p;

	if (status == was->p.status || !was->listed)
		return RC_OK;
	is.is_online = status != PRESENCE_OFFLINE;
	is.status = status;
	return notify_watchers(db, &is, now);
}

/*
 * Stores a row. If the visible status changed, notifies other users. A closed
 * user remains offline.
 */
static enum rc
store_presence(struct db *db, const struct state *was,
    enum presence_status status, int64_t online_until, int64_t reachable_until,
    int64_t now)
{
	struct stmt *q = stmt_get(db, Q_PRESENCE_SET);
	enum rc rc;

	stmt_int(q, ":user", was->p.user_id);
	stmt_int(q, ":status", was->closed ? PRESENCE_OFFLINE : status);
	stmt_opt(q, ":closed", was->closed ? (int64_t)status : INT64_MIN);
	stmt_int(q, ":online_until", online_until);
	stmt_int(q, ":reachable_until", reachable_until);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	if (was->closed || (online_until <= now && reachable_until <= now))
		status = PRESENCE_OFFLINE;
	return rc == RC_OK ? notify_change(db, was, status, now) : rc;
}

enum rc
presence_close(struct db *db, int64_t user, bool closed, int64_t now)
{
	struct stmt *q;
	struct state s;
	enum rc rc;

	rc = load_presence(db, user, now, &s);
	if (rc != RC_OK || s.closed == closed)
		return rc == RC_NOT_FOUND ? RC_OK : rc;
	q = stmt_get(db, Q_PRESENCE_CLOSE);
	stmt_int(q, ":user", user);
	stmt_int(q, ":status", closed ? PRESENCE_OFFLINE : s.own);
	stmt_opt(q, ":closed", closed ? (int64_t)s.own : INT64_MIN);
	rc = stmt_run(q);
	return rc == RC_OK ? notify_change(db, &s, closed ? PRESENCE_OFFLINE :
	    s.own, now) : rc;
}

enum rc
presence_set(struct db *db, int64_t user, enum presence_status status,
    int64_t ttl, int64_t reachable, int64_t now)
{
	int64_t online = now + ttl;
	struct state s;
	enum rc rc;

	rc = load_presence(db, user, now, &s);
	if (rc != RC_OK)
		return rc;
	if (status == PRESENCE_OFFLINE)
		return store_presence(db, &s, status, 0, 0, now);
	if (s.online_until == PRESENCE_HELD)
		online = PRESENCE_HELD;
	return store_presence(db, &s, status, online,
	    reachable != INT64_MIN ? reachable : s.reachable_until, now);
}

enum rc
presence_hold(struct db *db, int64_t user, int64_t now)
{
	struct state s;
	enum rc rc;

	rc = load_presence(db, user, now, &s);
	if (rc != RC_OK)
		return rc == RC_NOT_FOUND ? RC_OK : rc;
	return store_presence(db, &s, s.own != PRESENCE_OFFLINE ? s.own :
	    PRESENCE_ONLINE, PRESENCE_HELD, s.reachable_until, now);
}

enum rc
presence_release(struct db *db, int64_t user, int64_t now)
{
	struct state s;
	enum rc rc;

	rc = load_presence(db, user, now, &s);
	if (rc != RC_OK)
		return rc == RC_NOT_FOUND ? RC_OK : rc;
	if (s.online_until != PRESENCE_HELD)
		return RC_OK;
	return store_presence(db, &s, s.reachable_until > now ? s.own :
	    PRESENCE_OFFLINE, now, s.reachable_until, now);
}

/* Stores since when a user is busy, and notifies other users. */
static enum rc
store_busy(struct db *db, int64_t user, int64_t since, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_PRESENCE_BUSY);
	struct state s;
	enum rc rc;

	stmt_int(q, ":user", user);
	stmt_opt(q, ":since", since);
	rc = stmt_run(q);
	if (rc == RC_OK)
		rc = load_presence(db, user, now, &s);
	if (rc == RC_OK && s.listed)
		return notify_watchers(db, &s.p, now);
	/* A user may have been banned or deleted meanwhile. */
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc
presence_busy(struct db *db, int64_t one, int64_t other, int64_t since,
    int64_t now)
{
	enum rc rc = store_busy(db, one, since, now);

	return rc == RC_OK ? store_busy(db, other, since, now) : rc;
}

enum rc
presence_end(struct db *db, int64_t user)
{
	struct stmt *q = stmt_get(db, Q_PRESENCE_END);

	stmt_int(q, ":user", user);
	return stmt_run(q);
}

/* ---- expired presence */

#define BATCH	200

enum rc
presence_lapse_pending(struct job_run *run)
{
	return job_due_pending(run, Q_PRESENCE_LAPSED, run->now);
}

static enum rc
lapse(struct job_run *run, int64_t user, struct err *err)
{
	struct stmt *q = stmt_get(run->db, Q_PRESENCE_LAPSE);
	struct state s;
	enum rc rc;

	(void)err;
	stmt_int(q, ":user", user);
	rc = stmt_run(q);
	if (rc == RC_OK)
		rc = load_presence(run->db, user, run->now, &s);
	if (rc == RC_OK && s.listed)
		rc = notify_watchers(run->db, &s.p, run->now);
	else if (rc == RC_NOT_FOUND)
		rc = RC_OK;	/* banned or deleted */
	run->done += rc == RC_OK;
	return rc;
}

enum rc
presence_lapse_run(struct job_run *run)
{
	return job_each(run, Q_PRESENCE_LAPSED, run->now, BATCH, lapse);
}
