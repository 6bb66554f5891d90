/*
 * password: password hashes by Argon2id (libsodium).
 *
 * One hash takes about 16 ms and 19 MiB by design. Therefore only the auth pool,
 * the user pool and the command line program use this, and they must not hold
 * the database's writer lock during a call. A hash ("$argon2id$v=19$m=19456,t=2,p=1$...")
 * contains its parameters, so hashes with other parameters than the configured
 * ones can still be verified.
 */
#ifndef CRYPTO_PASSWORD_H
#define CRYPTO_PASSWORD_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"

#define PASSWORD_MIN	8	/* code points */
#define PASSWORD_MAX	200

/*
 * Initializes the parameters, once per process. Returns false, after a log
 * entry, if libsodium or the memory is not available.
 */
bool	 password_init(const struct conf *);
/*
 * Returns a new hash in the arena, or NULL, after a log entry, if the memory
 * could not be allocated.
 */
char	*password_hash(struct arena *, const char *password);
/*
 * Compares a password with a stored hash. Returns RC_OK if they match. Returns
 * RC_AUTH if they do not match, or the hash is invalid. Returns RC_FAULT, after
 * a log entry, if the memory could not be allocated. If hash is NULL, a dummy
 * hash is verified instead, so that the time does not reveal whether an account
 * exists. The result is then RC_AUTH or RC_FAULT.
 */
enum rc	 password_verify(const char *hash, const char *password);
/* Returns whether the parameters of a hash differ from the configured ones. */
bool	 password_old(const char *hash);
/*
 * Returns why a password is too weak, a literal for users, or NULL if it is
 * acceptable. A weak password is too short, one repeated character, a common
 * password in any case, or the username. It is also weak if its letters are
 * those of the username, the e-mail address, its local part, "Earmark",
 * conf->app_name, or a part of the host of conf->base_url, one or more times.
 * username, email: NULL: unknown.
 */
const char *password_weak(const char *password, const struct conf *,
	    const char *username, const char *email);

#endif
