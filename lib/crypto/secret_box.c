#include "crypto/secret_box.h"

#include <sodium.h>

#include "base/err.h"

#define NONCE	crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG	crypto_aead_xchacha20poly1305_ietf_ABYTES

_Static_assert(SECRET_BOX_MORE == NONCE + TAG, "SECRET_BOX_MORE");
_Static_assert(sizeof(struct hash) ==
    crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "the key is a hash");

void
secret_box_seal(const struct hash *key, int64_t user, const uint8_t *secret,
    size_t n, uint8_t *out)
{
	if (sodium_init() < 0)
		BUG("libsodium cannot be initialized");
	randombytes_buf(out, NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE, NULL, secret,
	    n, (const uint8_t *)&user, sizeof(user), NULL, out, key->b);
}

bool
secret_box_open(const struct hash *key, int64_t user, const uint8_t *sealed,
    size_t n, uint8_t *out)
{
	if (sodium_init() < 0)
		BUG("libsodium cannot be initialized");
	return n >= SECRET_BOX_MORE &&
	    crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL,
	    sealed + NONCE, n - NONCE, (const uint8_t *)&user, sizeof(user),
	    sealed, key->b) == 0;
}
