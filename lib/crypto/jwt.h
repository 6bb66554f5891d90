/*
 * jwt: access tokens (RFC 7519), HS256 by default, ES256 by configuration.
 *
 * Only the configured algorithm is accepted; iss, aud, exp, nbf, iat, sub, sid
 * and the token's use ("access") are checked here, since libjwt 1.10 checks
 * none of them. A verified token is remembered in memory (4,096 of them), so
 * the next request with it costs one keyed digest; whether its account and
 * device session still stand is the caller's question to the database.
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
	int64_t session;	/* sid: device session */
	int64_t issued, expires; /* ms */
	const char *id;		/* jti, for jwt_sign() alone; NULL: none */
};

/* Take the keys from the configuration; false (logged): they can not be used. */
bool	 jwt_init(const struct conf *, bool sign);
/* A token for the claims; arena memory. */
char	*jwt_sign(struct arena *, const struct claims *);
/* The claims of a valid token at `now`; false: not one. */
bool	 jwt_verify(const char *token, size_t n, int64_t now, struct claims *);

#endif
