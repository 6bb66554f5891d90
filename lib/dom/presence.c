#include "dom/presence.h"

#include "base/str.h"
#include "dom/lines.h"
#include "dom/notify.h"

const char *const presence_words[] = { "offline", "online", "away", NULL };

int
presence_row(struct stmt *q, int col, int64_t now, struct presence *p)
{
	int64_t status = q_col_int(q, col);
	int64_t online = q_col_int(q, col + 1);
	int64_t reachable = q_col_int(q, col + 2);

	p->until = online > reachable ? online : reachable;
	p->is_online = status != PRESENCE_OFFLINE && p->until > now;
	p->status = p->is_online ? (enum presence_status)status :
	    PRESENCE_OFFLINE;
	p->busy_since = q_col_opt(q, col + 3);
	p->is_busy = p->busy_since != INT64_MIN;
	p->last_seen = q_col_opt(q, col + 4);
	return col + 5;
}

enum rc
presence_get(struct db *db, int64_t user, int64_t now, struct presence *p,
    struct err *err)
{
	struct stmt *q = db_q(db, Q_PRESENCE_GET);
	bool found;
	enum rc rc;

	q_int(q, ":user", user);
	found = q_row(q);
	if (found) {
		p->user_id = user;
		(void)presence_row(q, 0, now, p);
	}
	rc = q_done(q);
	if (rc == RC_OK && !found)
		return err_set(err, RC_NOT_FOUND, NULL, "User not found");
	return rc;
}

enum rc
presence_many(struct db *db, struct arena *arena, const int64_t *ids, size_t n,
    int64_t now, struct presence **list, size_t *found)
{
	struct stmt *q = db_q(db, Q_PRESENCE_MANY);

	*list = arena_zalloc(arena, n, sizeof(**list));
	*found = 0;
	q_text(q, ":ids", lines_ids(arena, ids, n));
	while (*found < n && q_row(q)) {
		struct presence *p = &(*list)[(*found)++];

		p->user_id = q_col_int(q, 0);
		(void)presence_row(q, 1, now, p);
	}
	return q_done(q);
}

/* Can be called right now. */
static bool
is_free(const struct presence *p)
{
	return p->status == PRESENCE_ONLINE && !p->is_busy;
}

static enum rc
store(struct db *db, int64_t user, enum presence_status status,
    int64_t online_until, int64_t reachable_until, int64_t now)
{
	struct stmt *q = db_q(db, Q_PRESENCE_SET);

	q_int(q, ":user", user);
	q_int(q, ":status", status);
	q_int(q, ":online_until", online_until);
	q_int(q, ":reachable_until", reachable_until);
	q_int(q, ":now", now);
	return q_run(q);
}

enum rc
presence_set(struct db *db, int64_t user, enum presence_status status,
    int64_t ttl, int64_t reachable, int64_t now)
{
	struct stmt *q = db_q(db, Q_PRESENCE_GET);
	struct presence p = { .user_id = user };
	int64_t until = 0;
	bool found;
	enum rc rc;

	q_int(q, ":user", user);
	found = q_row(q);
	if (found) {
		(void)presence_row(q, 0, now, &p);
		until = q_col_int(q, 2);
	}
	rc = q_done(q);
	if (rc != RC_OK)
		return rc;
	if (!found)
		return RC_NOT_FOUND;
	if (status == PRESENCE_OFFLINE)
		return store(db, user, status, 0, 0, now);
	if (reachable != INT64_MIN)
		until = reachable;
	rc = store(db, user, status, now + ttl, until, now);
	if (rc != RC_OK || is_free(&p) || p.is_busy ||
	    status != PRESENCE_ONLINE)
		return rc;
	return notify_mark(db, user, now);
}

enum rc
presence_end(struct db *db, int64_t user)
{
	struct stmt *q = db_q(db, Q_PRESENCE_END);

	q_int(q, ":user", user);
	return q_run(q);
}
