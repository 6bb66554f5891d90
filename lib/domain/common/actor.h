/*
 * actor: who is calling, as the database knows it at this moment.
 *
 * A token only says who signed in once. The account and its device session are
 * read on every request, so a ban, a change of roles, a logout or a deletion
 * takes effect at once.
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
 * A caller's credential: the number of the login session of an access token, or
 * of a service token. The other one is 0.
 */
struct credential {
	int64_t user, session, service_token;
};

struct actor_row {
	int64_t user;
	struct uuid uuid;
	unsigned roles;
	int status;		/* enum user_status */
	bool active;		/* active, or banned until a time now past */
	bool session_ok;	/* the credential is this user's, not revoked */
};

/*
 * Reads the account behind a credential by one indexed statement, inside a
 * transaction. With a service token the role service alone counts. RC_NOT_FOUND:
 * no such user (*row is zeroed); any other failure is the database's.
 */
enum rc	actor_load(struct db *, const struct credential *, int64_t now,
	    struct actor_row *);

/* May this account act with this credential? */
static inline bool
actor_ok(const struct actor_row *row)
{
	return row->active && row->session_ok;
}

/* The rule behind `active`; banned_until is INT64_MIN where it is null. */
static inline bool
actor_active(int status, int64_t banned_until, int64_t now)
{
	return status == USER_ACTIVE || (status == USER_BANNED &&
	    banned_until != INT64_MIN && banned_until <= now);
}

#endif
