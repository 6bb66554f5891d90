/*
 * public_key: signatures of other services, by RS256 (RSASSA-PKCS1-v1_5 with
 * SHA-256) and ES256 (ECDSA with P-256 and SHA-256), RFC 7518 3.3 and 3.4.
 *
 * OpenSSL 3.0 accepts RSA keys of any size and exponent, so they are checked
 * here. libjwt is not used for these keys: it knows no JWK, and accepts an RSA
 * key as the secret of HS256.
 */
#ifndef CRYPTO_PUBLIC_KEY_H
#define CRYPTO_PUBLIC_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The values of oidc_key.type. */
enum public_key_type { PUBLIC_KEY_RSA = 1, PUBLIC_KEY_P256 };

/* Big-endian numbers: n and e of RSA; x and y of P-256. */
struct public_key {
	enum public_key_type type;
	const uint8_t *first, *second;
	size_t first_len, second_len;
};

/*
 * Returns whether a key can be used: RSA with 2048 to 8192 bits and an odd
 * exponent of 3 or more, at most 64 bits; or a point on P-256, two numbers of 32
 * bytes.
 */
bool	public_key_ok(const struct public_key *);
/*
 * Verifies a signature of n bytes. A signature by ES256 has 64 bytes, r and s.
 * Returns false if the key or the signature is invalid. If memory cannot be
 * allocated, the process ends.
 */
bool	public_key_verify(const struct public_key *, const void *data, size_t n,
	    const uint8_t *signature, size_t signature_len);

#endif
