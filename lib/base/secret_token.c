#include "base/secret_token.h"

#include "base/random.h"

struct hash
secret_token_make(char text[SECRET_TOKEN_TEXT])
{
	uint8_t bytes[SECRET_TOKEN_BYTES];

	random_bytes(bytes, sizeof(bytes));
	hash_b64(bytes, sizeof(bytes), text);
	return hash_sha256(bytes, sizeof(bytes));
}

bool
secret_token_hash(const char *text, struct hash *hash)
{
	uint8_t bytes[SECRET_TOKEN_BYTES];
	size_t n = sizeof(bytes);

	if (!hash_unb64(text, bytes, &n) || n != sizeof(bytes))
		return false;
	*hash = hash_sha256(bytes, sizeof(bytes));
	return true;
}
