#include "providers/turn_credentials.h"

#include <inttypes.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/err.h"
#include "base/str.h"

#define SHA1_BYTES	20
#define SHA1_B64	28

struct turn_credentials
turn_credentials(struct arena *arena, const char *secret, int64_t expires,
    int64_t user)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	struct turn_credentials c;
	unsigned len = 0;
	char *password;

	c.name = arena_fmt(arena, "%" PRId64 ":%" PRId64, expires, user);
	if (HMAC(EVP_sha1(), secret, (int)strlen(secret),
	    (const unsigned char *)c.name, strlen(c.name), mac, &len) == NULL ||
	    len != SHA1_BYTES)
		BUG("no HMAC-SHA-1");
	password = arena_zalloc(arena, SHA1_B64 + 1, 1);
	EVP_EncodeBlock((unsigned char *)password, mac, SHA1_BYTES);
	c.password = password;
	return c;
}
