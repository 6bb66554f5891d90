#include "crypto/public_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "base/err.h"

#define RSA_BITS_MIN	2048
#define RSA_BITS_MAX	8192
#define RSA_E_BYTES	8
#define P256_BYTES	32
#define DER_BYTES	80		/* of an ECDSA signature with P-256 */

/*
 * Clears the errors of OpenSSL. Ends the process if one is a failed allocation,
 * which does not make a key or a signature invalid.
 */
static void
clear_errors(void)
{
	unsigned long e;

	while ((e = ERR_get_error()) != 0)
		if (ERR_GET_REASON(e) == ERR_R_MALLOC_FAILURE)
			BUG("out of memory");
}

/* Makes a key of the parameters; NULL: they are invalid. Frees them. */
static EVP_PKEY *
from_params(const char *type, OSSL_PARAM *params)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	if (ctx == NULL || params == NULL)
		BUG("out of memory");
	if (EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
		key = NULL;
		if (ERR_peek_error() == 0)
			BUG("out of memory");
	}
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	return key;
}

static EVP_PKEY *
rsa_key(const struct public_key *k)
{
	OSSL_PARAM_BLD *build;
	EVP_PKEY *key = NULL;
	BIGNUM *n, *e;

	if (k->first_len > RSA_BITS_MAX / 8 || k->second_len > RSA_E_BYTES)
		return NULL;
	n = BN_bin2bn(k->first, (int)k->first_len, NULL);
	e = BN_bin2bn(k->second, (int)k->second_len, NULL);
	build = OSSL_PARAM_BLD_new();
	if (n == NULL || e == NULL || build == NULL)
		BUG("out of memory");
	if (BN_num_bits(n) >= RSA_BITS_MIN && BN_is_odd(n) && BN_is_odd(e) &&
	    !BN_is_one(e)) {
		if (!OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) ||
		    !OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e))
			BUG("out of memory");
		key = from_params("RSA", OSSL_PARAM_BLD_to_param(build));
	}
	OSSL_PARAM_BLD_free(build);
	BN_free(n);
	BN_free(e);
	return key;
}

/* OpenSSL rejects a point that is not on the curve. */
static EVP_PKEY *
p256_key(const struct public_key *k)
{
	uint8_t point[1 + 2 * P256_BYTES] = { 0x04 };
	OSSL_PARAM_BLD *build;
	EVP_PKEY *key;

	if (k->first_len != P256_BYTES || k->second_len != P256_BYTES)
		return NULL;
	memcpy(point + 1, k->first, P256_BYTES);
	memcpy(point + 1 + P256_BYTES, k->second, P256_BYTES);
	build = OSSL_PARAM_BLD_new();
	if (build == NULL ||
	    !OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME,
	    "prime256v1", 0) ||
	    !OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY,
	    point, sizeof(point)))
		BUG("out of memory");
	key = from_params("EC", OSSL_PARAM_BLD_to_param(build));
	OSSL_PARAM_BLD_free(build);
	return key;
}

static EVP_PKEY *
make_key(const struct public_key *k)
{
	return k->type == PUBLIC_KEY_RSA ? rsa_key(k) :
	    k->type == PUBLIC_KEY_P256 ? p256_key(k) : NULL;
}

bool
public_key_ok(const struct public_key *k)
{
	EVP_PKEY *key = make_key(k);
	bool ok = key != NULL;

	EVP_PKEY_free(key);
	clear_errors();
	return ok;
}

/* Writes r and s as the DER text that OpenSSL reads. Returns its length. */
static size_t
signature_der(const uint8_t rs[2 * P256_BYTES], uint8_t der[DER_BYTES])
{
	BIGNUM *r = BN_bin2bn(rs, P256_BYTES, NULL);
	BIGNUM *s = BN_bin2bn(rs + P256_BYTES, P256_BYTES, NULL);
	ECDSA_SIG *sig = ECDSA_SIG_new();
	uint8_t *end = der;
	int n;

	if (r == NULL || s == NULL || sig == NULL ||
	    ECDSA_SIG_set0(sig, r, s) != 1)
		BUG("out of memory");
	n = i2d_ECDSA_SIG(sig, NULL);
	if (n <= 0 || n > DER_BYTES || i2d_ECDSA_SIG(sig, &end) != n)
		BUG("the DER form of a signature");
	ECDSA_SIG_free(sig);
	return (size_t)n;
}

bool
public_key_verify(const struct public_key *k, const void *data, size_t n,
    const uint8_t *signature, size_t signature_len)
{
	EVP_PKEY *key = make_key(k);
	uint8_t der[DER_BYTES];
	EVP_MD_CTX *ctx;
	bool ok = key != NULL;

	if (ok && k->type == PUBLIC_KEY_P256) {
		ok = signature_len == 2 * P256_BYTES;
		if (ok)
			signature_len = signature_der(signature, der);
		signature = der;
	}
	if (ok) {
		ctx = EVP_MD_CTX_new();
		/* The key is valid, so only allocations can fail. */
		if (ctx == NULL || EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(),
		    NULL, key) != 1)
			BUG("out of memory");
		ok = EVP_DigestVerify(ctx, signature, signature_len, data,
		    n) == 1;
		EVP_MD_CTX_free(ctx);
	}
	EVP_PKEY_free(key);
	clear_errors();
	return ok;
}
