/*
 * actor: who is calling, as the database knows it at this moment.
 *
 * A token only says who signed in once. The account and its device session are
 * read on every request, so a ban, a change of roles, a logout or a deletion
 * takes effect at once.
 */
#ifndef DOM_ACTOR_H
#define DOM_ACTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/uuid.h"
#include "db/db.h"

/* user.status */
enum user_status { USER_PENDING, USER_ACTIVE, USER_DELETED, USER_BANNED };
/* "pending_verification", "active", "deleted", "banned", NULL. */
extern const char *const user_status_words[];

struct actor_row {
	int64_t user;
	struct uuid uuid;
	unsigned roles;
	int status;		/* enum user_status */
	bool active;		/* active, or banned until a time now past */
	bool session_ok;	/* the device session is this user's, not revoked */
};

/*
 * One indexed statement, inside a transaction. RC_NOT_FOUND: no such user (*row
 * is zeroed); any other failure is the database's.
 */
enum rc	actor_load(struct db *, int64_t user, int64_t session, int64_t now,
	    struct actor_row *);

/* The rule behind `active`; banned_until is INT64_MIN where it is null. */
static inline bool
actor_active(int status, int64_t banned_until, int64_t now)
{
	return status == USER_ACTIVE || (status == USER_BANNED &&
	    banned_until != INT64_MIN && banned_until <= now);
}

#endif
