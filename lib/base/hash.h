/*
 * hash: digests, keyed digests and their text forms. SHA-256 and HMAC-SHA-256
 * use OpenSSL's EVP. A failure of OpenSSL (no memory) ends the process.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash { uint8_t b[32]; };

/*
 * Prevents OpenSSL from loading the texts of its errors, which use 0.6 MiB. A
 * program without TLS calls it before any other use of OpenSSL.
 */
void		hash_without_texts(void);

/* Returns the SHA-256 digest of n bytes. */
struct hash	hash_sha256(const void *, size_t n);
/*
 * Computes the SHA-256 digest of data that is added in pieces. hash_end() frees
 * the state.
 */
struct hashing;
struct hashing	*hash_begin(void);
void		hash_more(struct hashing *, const void *, size_t n);
struct hash	hash_end(struct hashing *);
/* Returns HMAC-SHA-256 (RFC 2104). */
struct hash	hash_hmac(const void *key, size_t klen, const void *, size_t n);
/*
 * Derives a subkey of the installation's key for one purpose (HKDF-Expand, RFC
 * 5869). purpose has at most 62 characters.
 */
struct hash	hash_derive(const struct hash *key, const char *purpose);
/* Compares n bytes in constant time. Returns whether they are equal. */
bool		hash_eq(const void *, const void *, size_t n);
/*
 * Returns SipHash-2-4 with a result of 128 bits. It is a fast keyed digest for
 * tables in memory. The key has 16 random bytes that never leave the process.
 */
struct sip { uint64_t w[2]; };
struct sip	hash_sip(const struct sip *key, const void *, size_t n);
/*
 * Returns a fast non-cryptographic 64-bit hash (FNV-1a). seed is HASH_FAST_SEED
 * or the result of the previous piece.
 */
uint64_t	hash_fast(uint64_t seed, const void *, size_t n);
#define HASH_FAST_SEED	UINT64_C(0xcbf29ce484222325)
#define HASH_FAST_PRIME	UINT64_C(0x100000001b3)

/* Writes lower-case hex. out has 2 * n + 1 bytes. */
void		hash_hex(const void *, size_t n, char *out);
/*
 * Decodes the hex of exactly n bytes. Returns false if the text is anything
 * else.
 */
bool		hash_unhex(const char *, void *out, size_t n);
/*
 * Writes base64url without padding (RFC 4648 5). out has HASH_B64_LEN(n) bytes.
 */
#define HASH_B64_LEN(n) (((n) * 4 + 2) / 3 + 1)
void		hash_b64(const void *, size_t n, char *out);
/*
 * Decodes strict base64url: no padding, no other characters, and unused low
 * bits are zero. *len is the size of out at entry and the number of decoded
 * bytes at return. Returns false if the text is invalid or too long.
 */
bool		hash_unb64(const char *, void *out, size_t *len);

#endif
