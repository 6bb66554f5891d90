/*
 * account_ban: bans accounts, and lifts bans.
 *
 * A ban takes effect with the next request, because each request reads the
 * account. It also ends the live call and session, and all device sessions, so
 * that older tokens stay invalid after the ban is lifted. A temporary ban stops
 * to apply at its end (see domain/common/actor.h); a job updates the row later.
 */
#ifndef DOMAIN_ACCOUNTS_ACCOUNT_BAN_H
#define DOMAIN_ACCOUNTS_ACCOUNT_BAN_H

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/common/audit.h"
#include "domain/common/job.h"

/*
 * Bans a user until a time, or permanently (INT64_MIN); audited. The reason may
 * be NULL. A repeated ban changes reason and end. Returns RC_BAD
 * cannot_ban_self if the user is the administrator, RC_FORBIDDEN as
 * role_check_staff(), RC_CONFLICT as role_keep_admin(), RC_NOT_FOUND if the
 * user does not exist or was deleted, and RC_INVALID if `until` is not in the
 * future or the account is not verified and the ban is temporary.
 */
enum rc	account_ban_add(struct db *, struct arena *, int64_t user,
	    const char *reason, int64_t until, const struct audit_by *,
	    struct err *);
/*
 * Lifts a ban; audited. Does nothing if the user is not banned. Returns
 * RC_FORBIDDEN as role_check_staff().
 */
enum rc	account_ban_lift(struct db *, struct arena *, int64_t user,
	    const struct audit_by *, struct err *);

/* Job: lifts expired bans. */
enum rc	account_ban_pending(struct job_run *);
enum rc	account_ban_run(struct job_run *);

#endif
