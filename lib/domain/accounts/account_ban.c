#include "domain/accounts/account_ban.h"

#include "base/str.h"
#include "domain/accounts/auth_session.h"
#include "domain/calls/call.h"
#include "domain/common/actor.h"
#include "domain/common/role.h"
#include "domain/listeners/presence.h"

#define BATCH 100			/* bans lifted in one transaction */

/* Reads the status, and whether the account is verified. */
static enum rc
load_account_ban(struct db *db, int64_t user, int *status, bool *proved,
    struct err *err)
{
	struct stmt *q = stmt_get(db, Q_ACCOUNT_BAN_STATE);
	bool found;
	enum rc rc;

	stmt_int(q, ":id", user);
	found = stmt_row(q);
	if (found) {
		*status = (int)stmt_col_int(q, 0);
		*proved = stmt_col_int(q, 1) != 0;
	}
	rc = stmt_done(q);
	if (rc != RC_OK)
		return rc;
	if (!found || *status == USER_DELETED)
		return err_set(err, RC_NOT_FOUND, NULL, "User not found");
	return RC_OK;
}

static enum rc
store_ban(struct db *db, int64_t user, const char *reason, int64_t until,
    int64_t now)
{
	struct stmt *q = stmt_get(db, Q_ACCOUNT_BAN_SET);

	stmt_int(q, ":id", user);
	stmt_text(q, ":reason", reason);
	stmt_opt(q, ":until", until);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

/*
 * Revokes devices and codes, and ends the presence. A job deletes the tokens
 * of the devices later, because there may be many.
 */
static enum rc
revoke_access(struct db *db, int64_t user, int64_t now)
{
	enum rc rc = auth_session_revoke_all(db, user, now);

	return rc == RC_OK ? presence_end(db, user) : rc;
}

static enum rc
record_account_ban(struct db *db, struct arena *arena, int64_t user,
    const char *action, const char *before, const struct audit_by *by)
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
account_ban_add(struct db *db, struct arena *arena, int64_t user,
    const char *reason, int64_t until, const struct audit_by *by,
    struct err *err)
{
	const char *before;
	bool proved;
	int status;
	enum rc rc;

	if (until != INT64_MIN && until <= by->now)
		return err_field(err, "until", "must be in the future");
	rc = load_account_ban(db, user, &status, &proved, err);
	if (rc != RC_OK)
		return rc;
	if (user == by->actor)
		return err_set(err, RC_BAD, "cannot_ban_self",
		    "You cannot ban your own account");
	rc = role_check_staff(db, user, by, err);
	if (rc == RC_OK)
		rc = role_keep_admin(db, user, by->now, err);
	if (rc != RC_OK)
		return rc;
	/* Otherwise the account would become active at the end of the ban. */
	if (!proved && until != INT64_MIN)
		return err_field(err, "until", "must be null: an account that "
		    "is not verified can only be banned permanently");
	rc = audit_user(db, arena, user, &before);
	if (rc == RC_OK)
		rc = store_ban(db, user, reason, until, by->now);
	if (rc == RC_OK)
		rc = call_end_of(db, user, SESSION_CAUSE_BAN, by->now, err);
	if (rc == RC_OK)
		rc = revoke_access(db, user, by->now);
	return rc == RC_OK ?
	    record_account_ban(db, arena, user, "user.ban", before, by) : rc;
}

enum rc
account_ban_lift(struct db *db, struct arena *arena, int64_t user,
    const struct audit_by *by, struct err *err)
{
	const char *before;
	struct stmt *q;
	bool proved;
	int status;
	enum rc rc;

	rc = load_account_ban(db, user, &status, &proved, err);
	if (rc != RC_OK || status != USER_BANNED)
		return rc;
	rc = role_check_staff(db, user, by, err);
	if (rc == RC_OK)
		rc = audit_user(db, arena, user, &before);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_ACCOUNT_BAN_LIFT);
	stmt_int(q, ":id", user);
	stmt_int(q, ":status", proved ? USER_ACTIVE : USER_PENDING);
	stmt_int(q, ":now", by->now);
	rc = stmt_run(q);
	return rc == RC_OK ?
	    record_account_ban(db, arena, user, "user.unban", before, by) : rc;
}

enum rc
account_ban_pending(struct job_run *run)
{
	return job_due_pending(run, Q_ACCOUNT_BAN_DUE, run->now);
}

static enum rc
lift(struct job_run *run, int64_t user, struct err *err)
{
	const struct audit_by by = { .now = run->now };
	enum rc rc = account_ban_lift(run->db, run->arena, user, &by, err);

	run->done += rc == RC_OK;
	return rc;
}

enum rc
account_ban_run(struct job_run *run)
{
	return job_each(run, Q_ACCOUNT_BAN_DUE, run->now, BATCH, lift);
}
