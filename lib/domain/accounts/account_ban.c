#include "domain/accounts/account_ban.h"

#include "base/str.h"
#include "domain/accounts/auth_session.h"
#include "domain/calls/call.h"
#include "domain/common/actor.h"
#include "domain/listeners/presence.h"

#define BATCH 100			/* bans lifted in one transaction */

/* The status, and whether the account has proved who it is. */
static enum rc
load(struct db *db, int64_t user, int *status, bool *proved, struct err *err)
{
	struct stmt *q = db_q(db, Q_BAN_STATE);
	bool found;
	enum rc rc;

	q_int(q, ":id", user);
	found = q_row(q);
	if (found) {
		*status = (int)q_col_int(q, 0);
		*proved = q_col_int(q, 1) != 0;
	}
	rc = q_done(q);
	if (rc != RC_OK)
		return rc;
	if (!found || *status == USER_DELETED)
		return err_set(err, RC_NOT_FOUND, NULL, "User not found");
	return RC_OK;
}

static enum rc
set(struct db *db, int64_t user, const char *reason, int64_t until, int64_t now)
{
	struct stmt *q = db_q(db, Q_BAN_SET);

	q_int(q, ":id", user);
	q_text(q, ":reason", reason);
	if (until == INT64_MIN)
		q_null(q, ":until");
	else
		q_int(q, ":until", until);
	q_int(q, ":now", now);
	return q_run(q);
}

/*
 * Sessions and codes end, and the person is offline. The jobs delete the tokens
 * of the sessions, which may be many.
 */
static enum rc
cut_off(struct db *db, int64_t user, int64_t now)
{
	enum rc rc = token_revoke_all(db, user, now);
	struct stmt *q;

	if (rc != RC_OK)
		return rc;
	q = db_q(db, Q_BAN_CODES);
	q_int(q, ":id", user);
	rc = q_run(q);
	return rc == RC_OK ? presence_end(db, user) : rc;
}

static enum rc
record(struct db *db, struct arena *arena, int64_t user, const char *action,
    const char *before, const struct audit_by *by)
{
	const char *after;
	enum rc rc;

	rc = audit_user(db, arena, user, &after);
	if (rc != RC_OK)
		return rc;
	return audit_add(db, by, action,
	    arena_fmt(arena, "user:%lld", (long long)user), before, after);
}

enum rc
ban_user(struct db *db, struct arena *arena, int64_t user, const char *reason,
    int64_t until, const struct audit_by *by, struct err *err)
{
	const char *before;
	bool proved;
	int status;
	enum rc rc;

	if (until != INT64_MIN && until <= by->now)
		return err_field(err, "until", "must be in the future");
	rc = load(db, user, &status, &proved, err);
	if (rc != RC_OK)
		return rc;
	if (user == by->actor)
		return err_set(err, RC_BAD, "cannot_ban_self",
		    "Cannot ban yourself");
	/* When its end has come the account would count as active. */
	if (!proved && until != INT64_MIN)
		return err_field(err, "until", "is not for an account that "
		    "is not verified: ban it for good");
	rc = audit_user(db, arena, user, &before);
	if (rc == RC_OK)
		rc = set(db, user, reason, until, by->now);
	if (rc == RC_OK)
		rc = call_end_of(db, user, CAUSE_BAN, by->now, err);
	if (rc == RC_OK)
		rc = cut_off(db, user, by->now);
	return rc == RC_OK ?
	    record(db, arena, user, "user.ban", before, by) : rc;
}

enum rc
ban_lift(struct db *db, struct arena *arena, int64_t user,
    const struct audit_by *by, struct err *err)
{
	const char *before;
	struct stmt *q;
	bool proved;
	int status;
	enum rc rc;

	rc = load(db, user, &status, &proved, err);
	if (rc != RC_OK || status != USER_BANNED)
		return rc;
	rc = audit_user(db, arena, user, &before);
	if (rc != RC_OK)
		return rc;
	q = db_q(db, Q_BAN_LIFT);
	q_int(q, ":id", user);
	q_int(q, ":status", proved ? USER_ACTIVE : USER_PENDING);
	q_int(q, ":now", by->now);
	rc = q_run(q);
	return rc == RC_OK ?
	    record(db, arena, user, "user.unban", before, by) : rc;
}

/* Up to `most` accounts whose ban has run out. */
static enum rc
run_out(struct job_run *run, int64_t most, int64_t *users, int64_t *n)
{
	struct stmt *q = db_q(run->db, Q_BAN_DUE);

	*n = 0;
	q_int(q, ":now", run->now);
	q_int(q, ":limit", most);
	while (*n < most && q_row(q))
		users[(*n)++] = q_col_int(q, 0);
	return q_done(q);
}

enum rc
ban_look(struct job_run *run)
{
	int64_t user, n;
	enum rc rc = run_out(run, 1, &user, &n);

	run->work = rc == RC_OK && n > 0;
	return rc;
}

enum rc
ban_act(struct job_run *run)
{
	const struct audit_by by = { .now = run->now };
	int64_t users[BATCH], n;
	struct err err;
	enum rc rc;

	err_init(&err, run->arena);
	rc = run_out(run, BATCH, users, &n);
	for (; rc == RC_OK && run->done < n; run->done++)
		rc = ban_lift(run->db, run->arena, users[run->done], &by,
		    &err);
	run->more = n == BATCH;
	return rc;
}
