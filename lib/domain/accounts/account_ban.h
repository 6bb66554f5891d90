/*
 * account_ban: stopping an account, and letting it back in.
 *
 * A ban takes effect with the next request, since the account is read on every
 * one; beside that it ends a live paid session, and the device sessions, so that
 * no token of before works again after the ban is lifted. A ban with an end is
 * lifted by the account's own next request (see domain/common/actor.h) and, in the row, by
 * the job.
 */
#ifndef DOMAIN_ACCOUNTS_ACCOUNT_BAN_H
#define DOMAIN_ACCOUNTS_ACCOUNT_BAN_H

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/common/audit.h"
#include "domain/common/job.h"

/*
 * Ban until a time, INT64_MIN: for good; reason may be NULL. RC_BAD: it is
 * oneself. RC_NOT_FOUND: no such user, or a deleted one. RC_INVALID: until is
 * not in the future. Banning again changes reason and end.
 */
enum rc	account_ban_add(struct db *, struct arena *, int64_t user,
	    const char *reason, int64_t until, const struct audit_by *,
	    struct err *);
/* Lift it. Nothing happens to who is not banned. */
enum rc	account_ban_lift(struct db *, struct arena *, int64_t user,
	    const struct audit_by *, struct err *);

/* The job: lift the bans that have run out. */
enum rc	account_ban_pending(struct job_run *);
enum rc	account_ban_run(struct job_run *);

#endif
