/*
 * hash: digests, keyed digests and their text forms.
 * SHA-256 and HMAC-SHA-256 by OpenSSL's EVP.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash { uint8_t b[32]; };

/* SHA-256 of n bytes. */
struct hash	hash_sha256(const void *, size_t n);
/* SHA-256 of what comes in pieces. hash_end() frees it. */
struct hashing;
struct hashing	*hash_begin(void);
void		hash_more(struct hashing *, const void *, size_t n);
struct hash	hash_end(struct hashing *);
/* HMAC-SHA-256 (RFC 2104). */
struct hash	hash_hmac(const void *key, size_t klen, const void *, size_t n);
/* A subkey of the installation's key for one purpose (HKDF-Expand, RFC 5869). */
struct hash	hash_derive(const struct hash *key, const char *purpose);
/* Equal? In constant time. */
bool		hash_eq(const void *, const void *, size_t n);
/*
 * SipHash-2-4 with a result of 128 bits: a fast keyed digest of what is kept
 * in memory, under a secret key of 16 random bytes that stays there too.
 */
struct sip { uint64_t w[2]; };
struct sip	hash_sip(const struct sip *key, const void *, size_t n);
/* A fast non-cryptographic 64-bit hash (FNV-1a), chained by seed. */
uint64_t	hash_fast(uint64_t seed, const void *, size_t n);
#define HASH_FAST_SEED UINT64_C(0xcbf29ce484222325)

/* Lower-case hex; out has 2 * n + 1 bytes. */
void		hash_hex(const void *, size_t n, char *out);
/* Hex of exactly n bytes; false when it is not. */
bool		hash_unhex(const char *, void *out, size_t n);
/* base64url without padding (RFC 4648 5); out has HASH_B64_LEN(n) bytes. */
#define HASH_B64_LEN(n) (((n) * 4 + 2) / 3 + 1)
void		hash_b64(const void *, size_t n, char *out);
/*
 * Strict base64url: no padding, no other characters, no stray bits. *len is
 * out's size on entry and the number of bytes on return.
 */
bool		hash_unb64(const char *, void *out, size_t *len);

#endif
