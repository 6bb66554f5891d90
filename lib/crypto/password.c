#include "crypto/password.h"

#include <errno.h>
#include <sodium.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

#define KEY_BYTES	32		/* of crypto_pwhash_str() */

struct parts {
	unsigned kib, passes;
	unsigned char salt[crypto_pwhash_SALTBYTES], key[KEY_BYTES];
};

static struct {
	unsigned long long passes;
	size_t memory;
	char dummy[crypto_pwhash_STRBYTES];
} argon;

bool
password_init(const struct conf *conf)
{
	static const char dummy[] = "not the password of an account";

	if (sodium_init() < 0) {
		log_error("password", "libsodium cannot be initialized");
		return false;
	}
	argon.passes = (unsigned long long)conf->argon_time;
	argon.memory = (size_t)conf->argon_mem_kib * 1024;
	if (crypto_pwhash_str(argon.dummy, dummy, sizeof(dummy) - 1,
	    argon.passes, argon.memory) != 0) {
		log_error("password", "no memory for a password hash");
		return false;
	}
	return true;
}

char *
password_hash(struct arena *a, const char *password)
{
	char text[crypto_pwhash_STRBYTES];

	if (argon.memory == 0)
		BUG("password_hash before password_init");
	if (crypto_pwhash_str(text, password, strlen(password), argon.passes,
	    argon.memory) != 0) {
		log_error("password", "no memory for a password hash");
		return NULL;
	}
	return arena_str(a, text);
}

/*
 * Parses a hash of crypto_pwhash_str(), which is in the PHC string format:
 * "$argon2id$v=19$m=<KiB>,t=<passes>,p=1$<salt>$<key>". Returns false if the
 * text is anything else.
 */
static bool
parse_hash(const char *text, struct parts *out)
{
	static const int variant = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
	const char *end;
	size_t len;
	int at = 0;

	if (sscanf(text, "$argon2id$v=19$m=%7u,t=%4u,p=1$%n", &out->kib,
	    &out->passes, &at) != 2 || at == 0)
		return false;
	text += at;
	if (sodium_base642bin(out->salt, sizeof(out->salt), text, strlen(text),
	    NULL, &len, &end, variant) != 0 || len != sizeof(out->salt) ||
	    *end != '$')
		return false;
	text = end + 1;
	return sodium_base642bin(out->key, sizeof(out->key), text, strlen(text),
	    NULL, &len, &end, variant) == 0 && len == sizeof(out->key) &&
	    *end == '\0';
}

/*
 * Does not use crypto_pwhash_str_verify(), because libsodium 1.0.18 reports a
 * failed allocation in it as a mismatch (EINVAL).
 */
enum rc
password_verify(const char *hash, const char *password)
{
	unsigned char key[KEY_BYTES];
	struct parts parts;
	bool equal;

	if (argon.memory == 0)
		BUG("password_verify before password_init");
	if (!parse_hash(hash == NULL ? argon.dummy : hash, &parts))
		return RC_AUTH;
	if (crypto_pwhash(key, sizeof(key), password, strlen(password),
	    parts.salt, parts.passes, (size_t)parts.kib * 1024,
	    crypto_pwhash_ALG_ARGON2ID13) != 0) {
		log_error("password", "cannot verify a password hash: %s",
		    strerror(errno));
		return RC_FAULT;
	}
	equal = sodium_memcmp(key, parts.key, sizeof(key)) == 0;
	return equal && hash != NULL ? RC_OK : RC_AUTH;
}

bool
password_old(const char *hash)
{
	return crypto_pwhash_str_needs_rehash(hash, argon.passes,
	    argon.memory) != 0;
}
