/*
 * jwks: sets of public keys of OpenID providers (JSON Web Key Sets, RFC 7517).
 */
#ifndef PROVIDERS_JWKS_H
#define PROVIDERS_JWKS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "crypto/public_key.h"

#define JWKS_KEYS	64		/* maximum of keys that are used */
#define JWKS_KID_BYTES	255

struct jwks_key {
	const char *kid;
	struct public_key key;
};

/*
 * Reads the keys that can verify signatures by RS256 and ES256. Keys without
 * kid, of other algorithms or uses, and weak ones (public_key_ok()) are left
 * out. Of two keys with one kid and type, the first counts. Returns the number
 * of keys in *out; 0 if the text is invalid.
 */
size_t	jwks_read(struct arena *, const char *text, size_t n,
	    struct jwks_key **out);

#endif
