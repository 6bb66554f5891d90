/*
 * reauth: whether a caller has proved their identity recently.
 *
 * Some requests need a sign-in within REAUTH_RECENT, or the password again. A
 * refresh of the tokens is not a sign-in. Argon2 is slow and must not run while
 * the write lock is held: reauth_find(), in a read transaction, returns the hash
 * to compare the password with. reauth_settle(), in a write transaction, decides
 * and counts a wrong password.
 */
#ifndef DOMAIN_ACCOUNTS_REAUTH_H
#define DOMAIN_ACCOUNTS_REAUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"

#define REAUTH_RECENT	(15 * MINUTE)

struct reauth {
	int64_t user, session;		/* session: 0: none */
	const char *hash;		/* set by reauth_find(); NULL: none */
	bool tried;			/* the caller compared a password */
	bool matched;			/* and it was right */
};

/*
 * Reads the hash of the user's password. Returns RC_LIMITED after
 * conf->login_max_attempts wrong passwords in conf->login_window seconds; then
 * the password must not be compared.
 */
enum rc	reauth_find(struct db *, struct arena *, const struct conf *,
	    int64_t now, struct reauth *, struct err *);
/*
 * Returns RC_FORBIDDEN reauthentication_required if the session did not sign in
 * recently and the password did not match. The caller must commit the counter of
 * wrong passwords despite the error.
 */
enum rc	reauth_settle(struct db *, const struct conf *, const struct reauth *,
	    int64_t now, struct err *);

#endif
