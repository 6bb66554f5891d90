#include "domain/calls/media_ban.h"

#include "base/clock.h"
#include "base/int64.h"
#include "base/wakeup.h"

#define BATCH	100			/* rows in one transaction */
#define RETRY	(30 * SECOND)		/* maximum pause between attempts */
#define KEPT	DAY			/* after the expiry, for inspection */

enum state { STATE_CREATE, STATE_CREATED, STATE_DELETE };

bool
media_ban_on(const struct conf *conf)
{
	return conf->agora_app_id[0] != '\0' &&
	    conf->agora_customer_id[0] != '\0' &&
	    conf->agora_customer_file[0] != '\0';
}

enum rc
media_ban_add(struct db *db, int64_t session, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_MEDIA_BAN_ADD);
	enum rc rc;

	stmt_int(q, ":session", session);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	if (rc == RC_OK && db_changes(db) > 0)
		db_wake_add(db, WAKEUP_JOBS);
	return rc;
}

static enum rc
end_bans_of(struct db *db, int64_t user, int64_t other, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_MEDIA_BAN_END);
	enum rc rc;

	stmt_int(q, ":user", user);
	stmt_int(q, ":other", other);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	if (rc == RC_OK && db_changes(db) > 0)
		db_wake_add(db, WAKEUP_JOBS);
	return rc;
}

enum rc
media_ban_end(struct db *db, int64_t user, int64_t other, int64_t now)
{
	enum rc rc = end_bans_of(db, user, other, now);

	return rc == RC_OK ? end_bans_of(db, other, user, now) : rc;
}

enum rc
media_ban_due(struct db *db, int64_t now, bool *any)
{
	struct stmt *q = stmt_get(db, Q_MEDIA_BAN_DUE);

	stmt_int(q, ":now", now);
	*any = stmt_row(q);
	return stmt_done(q);
}

static enum rc
finish_ban(struct db *db, int64_t id, const char *error)
{
	struct stmt *q = stmt_get(db, Q_MEDIA_BAN_FINISH);

	stmt_int(q, ":id", id);
	stmt_text(q, ":error", error);
	return stmt_run(q);
}

/* Reads the next ban that is due. */
static enum rc
next_ban(struct db *db, struct arena *a, int64_t now, struct media_ban *b,
    bool *found)
{
	struct stmt *q = stmt_get(db, Q_MEDIA_BAN_NEXT);

	stmt_int(q, ":now", now);
	*found = stmt_row(q);
	if (*found)
		*b = (struct media_ban){ .id = stmt_col_int(q, 0),
		    .channel = stmt_col_text(q, 1, a),
		    .user = stmt_col_int(q, 2),
		    .delete = stmt_col_int(q, 3) == STATE_DELETE,
		    .rule = stmt_col_int(q, 4),
		    .attempts = stmt_col_int(q, 5),
		    .expires_at = stmt_col_int(q, 6) };
	return stmt_done(q);
}

enum rc
media_ban_claim(struct db *db, struct arena *a, int64_t now, int64_t lease,
    struct media_ban *b, bool *found)
{
	struct stmt *q;
	enum rc rc;

	for (int n = 0; n < BATCH; n++) {
		rc = next_ban(db, a, now, b, found);
		if (rc != RC_OK || !*found)
			return rc;
		if (b->expires_at > now) {
			q = stmt_get(db, Q_MEDIA_BAN_CLAIM);
			stmt_int(q, ":id", b->id);
			stmt_int(q, ":until", now + lease);
			return stmt_run(q);
		}
		rc = finish_ban(db, b->id, b->attempts > 0 ? "expired" : NULL);
		if (rc != RC_OK)
			return rc;
	}
	*found = false;
	return RC_OK;
}

enum rc
media_ban_done(struct db *db, const struct media_ban *b, int64_t rule,
    int64_t now)
{
	struct stmt *q;

	if (b->delete)
		return finish_ban(db, b->id, NULL);
	q = stmt_get(db, Q_MEDIA_BAN_CREATED);
	stmt_int(q, ":id", b->id);
	stmt_int(q, ":rule", rule);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

enum rc
media_ban_failed(struct db *db, const struct media_ban *b, const char *error,
    int64_t after, int64_t now)
{
	int64_t wait = SECOND << int64_min(b->attempts, 5);
	struct stmt *q = stmt_get(db, Q_MEDIA_BAN_FAILED);

	wait = int64_min(wait, RETRY);
	stmt_int(q, ":id", b->id);
	stmt_int(q, ":due", now + (after > wait ? after : wait));
	stmt_text(q, ":error", error);
	return stmt_run(q);
}

enum rc
media_ban_prune_pending(struct job_run *run)
{
	struct stmt *q = stmt_get(run->db, Q_MEDIA_BAN_OLDEST);

	stmt_int(q, ":before", run->now - KEPT);
	run->work = stmt_row(q);
	return stmt_done(q);
}

enum rc
media_ban_prune_run(struct job_run *run)
{
	struct stmt *q = stmt_get(run->db, Q_MEDIA_BAN_PRUNE);
	enum rc rc;

	stmt_int(q, ":before", run->now - KEPT);
	stmt_int(q, ":max", BATCH);
	rc = stmt_run(q);
	run->done = db_changes(run->db);
	run->more = run->done >= BATCH;
	return rc;
}
