/*
 * secret_box: encrypts small secrets that the database stores, by
 * XChaCha20-Poly1305 (libsodium). A copy of the database alone does not reveal
 * them. Each is bound to the account that it belongs to.
 */
#ifndef CRYPTO_SECRET_BOX_H
#define CRYPTO_SECRET_BOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

#define SECRET_BOX_MORE	40	/* bytes that encryption adds */

/* Encrypts n bytes into out, which has n + SECRET_BOX_MORE bytes. */
void	secret_box_seal(const struct hash *key, int64_t user,
	    const uint8_t *secret, size_t n, uint8_t *out);
/*
 * Decrypts n bytes into out, which has n - SECRET_BOX_MORE bytes. Returns false
 * if the bytes were changed, or were encrypted for another user or key.
 */
bool	secret_box_open(const struct hash *key, int64_t user,
	    const uint8_t *sealed, size_t n, uint8_t *out);

#endif
