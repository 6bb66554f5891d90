/*
 * secret_token: random tokens that are given to one client, such as those of
 * cookies and links.
 *
 * The database stores the SHA-256 of a token, so a copy of the database contains
 * no valid token. A token is random, so the digest needs no key and no salt.
 */
#ifndef BASE_SECRET_TOKEN_H
#define BASE_SECRET_TOKEN_H

#include <stdbool.h>

#include "base/hash.h"

#define SECRET_TOKEN_BYTES	32
/* The size of the text of a token, base64url with NUL. */
#define SECRET_TOKEN_TEXT	HASH_B64_LEN(SECRET_TOKEN_BYTES)

/* Makes a token. Writes its text, and returns the digest to store. */
struct hash	 secret_token_make(char text[SECRET_TOKEN_TEXT]);
/* Computes the digest of a text that a client sent. false: it is malformed. */
bool		 secret_token_hash(const char *text, struct hash *);

#endif
