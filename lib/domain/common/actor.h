/*
 * actor: loads the account and the credential of the caller of a request.
 *
 * A token only identifies the account that signed in. The account and its login
 * session are read on every request. So a ban, a change of roles, a sign-out or
 * a deletion takes effect immediately.
 */
#ifndef DOMAIN_COMMON_ACTOR_H
#define DOMAIN_COMMON_ACTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid.h"
#include "db/db.h"

/* user.status */
enum user_status { USER_PENDING, USER_ACTIVE, USER_DELETED, USER_BANNED };
/* "pending_verification", "active", "deleted", "banned", NULL. */
extern const char *const user_status_names[];

/*
 * A caller's credential. `session` is the id of the login session of an access
 * token, `service_token` is the id of a service token. The other one is 0.
 */
struct credential {
	int64_t user, session, service_token;
};

struct actor_row {
	int64_t user;
	struct uuid uuid;
	unsigned roles;
	int status;		/* enum user_status */
	bool active;		/* active, or the ban has expired */
	bool session_ok;	/* belongs to the user, is not revoked */
};

/*
 * Loads the account of a credential. Must run in a transaction. For a service
 * token, only the role "service" is returned. Returns RC_NOT_FOUND if no such
 * user exists (*row is zeroed), or an error of the database.
 */
enum rc	actor_load(struct db *, const struct credential *, int64_t now,
	    struct actor_row *);

/* The second factor of a caller. */
struct actor_factor {
	bool enabled;		/* the account has one */
	int64_t proved_at;	/* when the session proved it; INT64_MIN: never */
};
/* Reads it. Must run in a transaction. */
enum rc	actor_factor(struct db *, const struct credential *,
	    struct actor_factor *);

/*
 * Sets RC_FORBIDDEN account_inactive, with reason and end of the ban if the
 * account is banned. The caller has proved that the account is theirs. Must run
 * in a transaction. Returns RC_FORBIDDEN, or an error of the database.
 */
enum rc	actor_inactive(struct db *, int64_t user, struct err *);

/* Returns whether the account may act with this credential. */
static inline bool
actor_ok(const struct actor_row *row)
{
	return row->active && row->session_ok;
}

/*
 * Returns whether an account is active. If banned_until is null, it is
 * INT64_MIN.
 */
static inline bool
actor_active(int status, int64_t banned_until, int64_t now)
{
	return status == USER_ACTIVE || (status == USER_BANNED &&
	    banned_until != INT64_MIN && banned_until <= now);
}

#endif
