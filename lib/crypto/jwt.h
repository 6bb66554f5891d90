/*
 * jwt: access tokens (RFC 7519) with HS256 or, by configuration, ES256.
 *
 * Only the configured algorithm is accepted. jwt_verify() checks iss, aud, exp,
 * nbf, iat, sub, sid and "use" ("access"), because libjwt 1.10 checks none of
 * them. It caches 4,096 verified tokens per process, so another request with
 * the same token needs only a keyed digest. The caller must check in the
 * database whether the account and the session are still valid.
 */
#ifndef CRYPTO_JWT_H
#define CRYPTO_JWT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"

struct claims {
	int64_t user;		/* sub */
	int64_t session;	/* sid: session of a device */
	int64_t issued, expires; /* ms */
	const char *id;		/* jti, only for jwt_sign(); NULL: none */
};

/*
 * Loads the keys of the configuration. sign also loads the private key. Returns
 * false, after a log entry, if a key is missing or invalid.
 */
bool	 jwt_init(const struct conf *, bool sign);
/*
 * Returns a signed token in the arena. If memory cannot be allocated, the
 * process ends.
 */
char	*jwt_sign(struct arena *, const struct claims *);
/*
 * Verifies a token of n bytes at the time now (ms) and sets its claims. Returns
 * false if the token is invalid or has expired. If memory cannot be allocated,
 * the process ends.
 */
bool	 jwt_verify(const char *token, size_t n, int64_t now, struct claims *);

#endif
