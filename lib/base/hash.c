#include <endian.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"

void
hash_without_texts(void)
{
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS, NULL) != 1)
		BUG("out of memory (OpenSSL)");
}

struct hash
hash_sha256(const void *p, size_t n)
{
	struct hash h;

	if (EVP_Digest(p, n, h.b, NULL, EVP_sha256(), NULL) != 1)
		BUG("SHA-256 failed");
	return h;
}

/* struct hashing is an opaque name of OpenSSL's EVP_MD_CTX. */
struct hashing *
hash_begin(void)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (ctx == NULL || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1)
		BUG("SHA-256 failed");
	return (struct hashing *)ctx;
}

void
hash_more(struct hashing *h, const void *p, size_t n)
{
	if (EVP_DigestUpdate((EVP_MD_CTX *)h, p, n) != 1)
		BUG("SHA-256 failed");
}

struct hash
hash_end(struct hashing *h)
{
	EVP_MD_CTX *ctx = (EVP_MD_CTX *)h;
	struct hash out;

	if (EVP_DigestFinal_ex(ctx, out.b, NULL) != 1)
		BUG("SHA-256 failed");
	EVP_MD_CTX_free(ctx);
	return out;
}

/* Returns a context for all calls: HMAC() would look up its algorithms. */
static EVP_MAC_CTX *
hmac_context(void)
{
	static EVP_MAC_CTX *ctx;
	static char digest[] = "SHA256";
	OSSL_PARAM params[] = { OSSL_PARAM_utf8_string("digest", digest,
	    sizeof(digest) - 1), OSSL_PARAM_END };
	EVP_MAC *mac;

	if (ctx != NULL)
		return ctx;
	mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	/* EVP_MAC_CTX_new() does not accept NULL. */
	ctx = mac == NULL ? NULL : EVP_MAC_CTX_new(mac);
	EVP_MAC_free(mac);
	if (ctx == NULL || EVP_MAC_CTX_set_params(ctx, params) != 1)
		BUG("HMAC-SHA-256 failed");
	return ctx;
}

struct hash
hash_hmac(const void *key, size_t klen, const void *p, size_t n)
{
	EVP_MAC_CTX *ctx = hmac_context();
	struct hash h;

	/* Without a key, OpenSSL would use the previous one. */
	if (EVP_MAC_init(ctx, key == NULL ? "" : key, klen, NULL) != 1 ||
	    EVP_MAC_update(ctx, p, n) != 1 ||
	    EVP_MAC_final(ctx, h.b, NULL, sizeof(h.b)) != 1)
		BUG("HMAC-SHA-256 failed");
	return h;
}

struct hash
hash_derive(const struct hash *key, const char *purpose)
{
	char info[64];
	int n = snprintf(info, sizeof(info), "%s%c", purpose, 1);

	if (n < 0 || (size_t)n >= sizeof(info))
		BUG("purpose '%s' is too long", purpose);
	/*
	 * This is the first use of libcrypto. It does not check whether its own
	 * initialization succeeded.
	 */
	if (OSSL_LIB_CTX_get0_global_default() == NULL)
		BUG("out of memory");
	/* HKDF-Expand, one block: T(1) = HMAC(PRK, info || 0x01). */
	return hash_hmac(key->b, sizeof(key->b), info, (size_t)n);
}

bool
hash_eq(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}

/* Reads n <= 8 bytes as a little-endian number. */
static inline uint64_t
sip_word(const unsigned char *p, size_t n)
{
	uint64_t w = 0;

	memcpy(&w, p, n);
	return le64toh(w);
}

static uint64_t
rotate_left(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static void
sip_rounds(uint64_t v[4], int n)
{
	while (n-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate_left(v[1], 13) ^ v[0];
		v[3] = rotate_left(v[3], 16) ^ v[2];
		v[0] = rotate_left(v[0], 32) + v[3];
		v[2] += v[1];
		v[3] = rotate_left(v[3], 21) ^ v[0];
		v[1] = rotate_left(v[1], 17) ^ v[2];
		v[2] = rotate_left(v[2], 32);
	}
}

struct sip
hash_sip(const struct sip *key, const void *p, size_t n)
{
	uint64_t v[4] = {
		key->w[0] ^ UINT64_C(0x736f6d6570736575),
		key->w[1] ^ UINT64_C(0x646f72616e646f6d) ^ 0xee,
		key->w[0] ^ UINT64_C(0x6c7967656e657261),
		key->w[1] ^ UINT64_C(0x7465646279746573),
	};
	const unsigned char *s = p;
	struct sip out;
	uint64_t m;
	size_t i;

	for (i = 0; i + 8 <= n; i += 8) {
		m = sip_word(s + i, 8);
		v[3] ^= m;
		sip_rounds(v, 2);
		v[0] ^= m;
	}
	m = sip_word(s + i, n - i) | (uint64_t)n << 56;
	v[3] ^= m;
	sip_rounds(v, 2);
	v[0] ^= m;
	v[2] ^= 0xee;
	sip_rounds(v, 4);
	out.w[0] = v[0] ^ v[1] ^ v[2] ^ v[3];
	v[1] ^= 0xdd;
	sip_rounds(v, 4);
	out.w[1] = v[0] ^ v[1] ^ v[2] ^ v[3];
	return out;
}

uint64_t
hash_fast(uint64_t h, const void *p, size_t n)
{
	const unsigned char *s = p;

	while (n-- > 0)
		h = (h ^ *s++) * HASH_FAST_PRIME;
	return h;
}

/* "00" to "ff", without separators and NUL. */
static const char hex_pairs[512] = {
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	"202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
	"404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"
	"606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
	"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
	"a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
	"c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
	"e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
};

void
hash_hex(const void *p, size_t n, char *out)
{
	const unsigned char *s = p;

	for (; n > 0; n--, s++, out += 2)
		memcpy(out, hex_pairs + *s * 2, 2);
	*out = '\0';
}

static int
hex_value(char c)
{
	c = str_lower_ch(c);
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
hash_unhex(const char *s, void *out, size_t n)
{
	unsigned char *o = out;
	int hi, lo;

	if (strlen(s) != 2 * n)
		return false;
	for (; n > 0; n--, s += 2) {
		hi = hex_value(s[0]);
		lo = hex_value(s[1]);
		if (hi < 0 || lo < 0)
			return false;
		*o++ = (unsigned char)(hi << 4 | lo);
	}
	return true;
}

static const char b64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void
hash_b64(const void *p, size_t n, char *out)
{
	const unsigned char *s = p;
	uint32_t bits = 0;
	int have = 0;

	while (n-- > 0) {
		bits = bits << 8 | *s++;
		for (have += 8; have >= 6; have -= 6)
			*out++ = b64[bits >> (have - 6) & 63];
	}
	if (have > 0)
		*out++ = b64[bits << (6 - have) & 63];
	*out = '\0';
}

bool
hash_unb64(const char *s, void *out, size_t *len)
{
	unsigned char *o = out;
	size_t n = 0;
	uint32_t bits = 0;
	int have = 0;

	for (; *s != '\0'; s++) {
		const char *at = strchr(b64, *s);

		if (at == NULL)
			return false;
		bits = bits << 6 | (uint32_t)(at - b64);
		have += 6;
		if (have >= 8) {
			have -= 8;
			if (n == *len)
				return false;
			o[n++] = (unsigned char)(bits >> have);
		}
	}
	/*
	 * Six remaining bits are not a byte, and unused low bits must be zero.
	 */
	if (have == 6 || (bits & ((UINT32_C(1) << have) - 1)) != 0)
		return false;
	*len = n;
	return true;
}
