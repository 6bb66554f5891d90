#include "crypto/password.h"

#include <sodium.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "crypto/common_passwords.h"

static struct {
	unsigned long long passes;
	size_t memory;
	char dummy[crypto_pwhash_STRBYTES];
} house;

bool
password_init(const struct conf *conf)
{
	static const char nobodys[] = "nobody has this password";

	if (sodium_init() < 0) {
		log_error("password", "libsodium can not be used");
		return false;
	}
	house.passes = (unsigned long long)conf->argon_time;
	house.memory = (size_t)conf->argon_mem_kib * 1024;
	if (crypto_pwhash_str(house.dummy, nobodys, sizeof(nobodys) - 1,
	    house.passes, house.memory) != 0) {
		log_error("password", "no memory for a password hash");
		return false;
	}
	return true;
}

char *
password_hash(struct arena *a, const char *password)
{
	char text[crypto_pwhash_STRBYTES];

	if (house.memory == 0)
		BUG("password_hash before password_init");
	if (crypto_pwhash_str(text, password, strlen(password), house.passes,
	    house.memory) != 0) {
		log_error("password", "no memory for a password hash");
		return NULL;
	}
	return arena_str(a, text);
}

bool
password_verify(const char *hash, const char *password)
{
	size_t n = strlen(password);

	if (house.memory == 0)
		BUG("password_verify before password_init");
	if (hash == NULL) {
		/* The result is not looked at: nobody has the dummy. */
		if (crypto_pwhash_str_verify(house.dummy, password, n) == 0)
			return false;
		return false;
	}
	return crypto_pwhash_str_verify(hash, password, n) == 0;
}

bool
password_old(const char *hash)
{
	return crypto_pwhash_str_needs_rehash(hash, house.passes,
	    house.memory) != 0;
}

static int
by_text(const void *key, const void *item)
{
	return strcmp(key, *(const char *const *)item);
}

const char *
password_weak(const char *password, const char *username)
{
	char text[4 * PASSWORD_MAX + 1];
	size_t n = strlen(password), i;

	if (str_utf8(password, n) < PASSWORD_MIN)
		return "must be at least 8 characters";
	if (n >= sizeof(text))
		return NULL;
	memcpy(text, password, n + 1);
	str_lower(text);
	for (i = 1; i < n && text[i] == text[0]; i++)
		;
	if (i == n)
		return "is one character again and again";
	if (username != NULL && str_eq(text, username))
		return "is the username";
	if (bsearch(text, common_passwords, common_passwords_n,
	    sizeof(common_passwords[0]), by_text) != NULL)
		return "is one of the most common passwords";
	return NULL;
}
