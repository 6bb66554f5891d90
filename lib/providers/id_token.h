/*
 * id_token: ID tokens of OpenID providers (OpenID Connect Core 1.0, 2 and
 * 3.1.3.7).
 *
 * Only RS256 and ES256 are accepted, with a key of the provider that has the kid
 * of the token and the type of the algorithm. The steps are separate, because
 * the caller finds the key in the database:
 *
 *	id_token_parse()	reads the token; nothing of it is trusted
 *	id_token_verify()	checks the signature and the claims
 */
#ifndef PROVIDERS_ID_TOKEN_H
#define PROVIDERS_ID_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/hash.h"
#include "crypto/public_key.h"

#define ID_TOKEN_BYTES	16384
/* A token expires at most this long after it is used. */
#define ID_TOKEN_TTL	(25 * HOUR)

struct id_token {
	enum public_key_type type;	/* by alg */
	const char *kid;
	/* set by id_token_verify() */
	const char *subject;		/* sub */
	const char *email;		/* only if verified; NULL: none */
	int64_t expires_at;		/* ms */
	struct hash hash;		/* of the signed text: ECDSA signatures
					 * can be changed */
	/* private */
	const char *text, *payload;
	size_t signed_len, payload_len, signature_len;
	const uint8_t *signature;
};

/*
 * Reads the header of a token. Returns RC_AUTH id_token_invalid if the token has
 * another form or algorithm, no kid, or a critical header.
 */
enum rc	id_token_parse(struct arena *, const char *token, struct id_token *,
	    struct err *);
/*
 * Verifies a token of a provider at the time now (ms). nonce: the one that the
 * client chose, as text or as the text whose SHA-256 (lower-case hex) is in the
 * token; NULL: none, then the token must have none. Returns RC_AUTH
 * id_token_invalid, or id_token_expired.
 */
enum rc	id_token_verify(struct arena *, const struct conf_oidc *,
	    const struct public_key *, const char *nonce, int64_t now,
	    struct id_token *, struct err *);
/* Sets the error for an invalid token; why: for the client's developer. */
enum rc	id_token_invalid(struct err *, const char *why);

#endif
