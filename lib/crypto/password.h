/*
 * password: Argon2id by libsodium. One hash takes some 16 ms and 19 MiB on
 * purpose, so only the auth pool and the operator's program link this, and
 * nobody calls it while holding the database's writer lock.
 *
 * The text of a hash ("$argon2id$v=19$m=19456,t=2,p=1$...") names its own
 * parameters; one made with others than today's still verifies.
 */
#ifndef CRYPTO_PASSWORD_H
#define CRYPTO_PASSWORD_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/conf.h"

#define PASSWORD_MIN	8	/* code points */
#define PASSWORD_MAX	200

/* Once a process; false (logged): there is no Argon2 here. */
bool	 password_init(const struct conf *);
/* A new hash; NULL (logged): no memory for one. */
char	*password_hash(struct arena *, const char *password);
/*
 * Does the hash belong to the password? NULL for a hash takes the time of one
 * and is false.
 */
bool	 password_verify(const char *hash, const char *password);
/* Was it made with other parameters than a new one would be? */
bool	 password_old(const char *hash);
/*
 * Why nobody should use this password, a literal for people; NULL: no reason.
 * It is short, among the common ones (in any case), or no more than the username.
 */
const char *password_weak(const char *password, const char *username);

#endif
