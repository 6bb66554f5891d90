#include "base/seal.h"

#include <openssl/evp.h>

#include "base/err.h"
#include "base/random.h"
#include "base/str.h"

#define PREFIX	"sealed:1:"
#define NONCE	12			/* bytes */
#define TAG	16

static void
must(int ok)
{
	if (ok != 1)
		BUG("OpenSSL: AES-256-GCM failed");
}

/*
 * Returns a context of the cipher. It is reused, because finding the cipher and
 * allocating a context takes longer than encrypting a short text. Every program
 * has one thread.
 */
static EVP_CIPHER_CTX *
context(void)
{
	static EVP_CIPHER_CTX *ctx;
	EVP_CIPHER *cipher;

	if (ctx == NULL) {
		cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
		ctx = EVP_CIPHER_CTX_new();
		must(cipher != NULL && ctx != NULL);
		must(EVP_CipherInit_ex(ctx, cipher, NULL, NULL, NULL, 1));
		EVP_CIPHER_free(cipher);
	}
	return ctx;
}

char *
seal_text(struct arena *a, const struct hash *key, const char *text)
{
	EVP_CIPHER_CTX *ctx;
	unsigned char *raw;
	size_t n;
	char *out;
	int len;

	if (text == NULL)
		return NULL;
	n = strlen(text);
	raw = arena_alloc(a, NONCE + n + TAG);
	random_bytes(raw, NONCE);
	ctx = context();
	must(EVP_EncryptInit_ex(ctx, NULL, NULL, key->b, raw));
	must(EVP_EncryptUpdate(ctx, raw + NONCE, &len,
	    (const unsigned char *)text, (int)n));
	must(EVP_EncryptFinal_ex(ctx, raw + NONCE + len, &len));
	must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG,
	    raw + NONCE + n));
	n += NONCE + TAG;
	out = arena_alloc(a, strlen(PREFIX) + HASH_B64_LEN(n));
	memcpy(out, PREFIX, strlen(PREFIX));
	hash_b64(raw, n, out + strlen(PREFIX));
	return out;
}

/* Decrypts n bytes. Returns false if they are not authentic. */
static bool
decrypt(const struct hash *key, unsigned char *raw, size_t n,
    unsigned char *out)
{
	EVP_CIPHER_CTX *ctx = context();
	int len, body = (int)(n - NONCE - TAG);

	must(EVP_DecryptInit_ex(ctx, NULL, NULL, key->b, raw));
	must(EVP_DecryptUpdate(ctx, out, &len, raw + NONCE, body));
	must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG,
	    raw + n - TAG));
	return EVP_DecryptFinal_ex(ctx, out + len, &len) == 1;
}

char *
seal_open(struct arena *a, const struct hash *key, const char *text)
{
	unsigned char *raw, *out;
	size_t n;

	if (text == NULL)
		return NULL;
	if (!str_prefix(text, PREFIX))
		return arena_str(a, text);
	text += strlen(PREFIX);
	n = strlen(text);
	raw = arena_alloc(a, n + 1);
	if (!hash_unb64(text, raw, &n) || n < NONCE + TAG)
		return NULL;
	out = arena_alloc(a, n);
	if (!decrypt(key, raw, n, out))
		return NULL;
	out[n - NONCE - TAG] = '\0';
	return (char *)out;
}
