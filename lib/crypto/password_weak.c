/* password_weak: rejects passwords that are easy to guess. */
#include <stdlib.h>

#include "base/str.h"
#include "crypto/common_passwords.h"
#include "crypto/password.h"

#define LETTERS_MIN	3	/* of a word that is compared */

static int
by_text(const void *key, const void *item)
{
	return strcmp(key, *(const char *const *)item);
}

/*
 * Copies n bytes of a text in lower case without digits, punctuation and spaces.
 * `to` has n + 1 bytes. Returns the length.
 */
static size_t
copy_letters(const char *text, size_t n, char *to)
{
	size_t i, len = 0;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c >= 'A' && c <= 'Z')
			c = (unsigned char)(c - 'A' + 'a');
		if ((c >= 'a' && c <= 'z') || c >= 0x80)
			to[len++] = (char)c;
	}
	to[len] = '\0';
	return len;
}

/*
 * Returns whether the letters of a password are those of the first n bytes of a
 * word, one or more times.
 */
static bool
consists_of(const char *letters, const char *word, size_t n)
{
	char own[4 * PASSWORD_MAX + 1];
	size_t len, i;

	if (n >= sizeof(own))
		return false;
	len = copy_letters(word, n, own);
	if (len < LETTERS_MIN || letters[0] == '\0')
		return false;
	for (i = 0; strncmp(letters + i, own, len) == 0; i += len)
		;
	return letters[i] == '\0';
}

/* Returns whether the letters are those of a part of the host name of a URL. */
static bool
is_host(const char *letters, const char *url)
{
	const char *host = strstr(url, "://");
	size_t n;

	host = host == NULL ? url : host + 3;
	for (; *host != '\0' && *host != '/' && *host != ':'; host += n) {
		if (*host == '.')
			host++;
		n = strcspn(host, "./:");
		if (n == 0)
			return false;
		if (consists_of(letters, host, n))
			return true;
	}
	return false;
}

/* Returns whether a password consists of a word of the service or its owner. */
static bool
is_known_word(const char *password, const struct conf *conf,
    const char *username, const char *email)
{
	char letters[4 * PASSWORD_MAX + 1];

	copy_letters(password, strlen(password), letters);
	return consists_of(letters, "earmark", 7) ||
	    consists_of(letters, conf->app_name, strlen(conf->app_name)) ||
	    is_host(letters, conf->base_url) ||
	    (username != NULL &&
	    consists_of(letters, username, strlen(username))) ||
	    (email != NULL && (consists_of(letters, email, strlen(email)) ||
	    consists_of(letters, email, strcspn(email, "@"))));
}

const char *
password_weak(const char *password, const struct conf *conf,
    const char *username, const char *email)
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
		return "is one repeated character";
	if (username != NULL && str_eq_nocase(text, username))
		return "is the username";
	if (bsearch(text, common_passwords, common_passwords_n,
	    sizeof(common_passwords[0]), by_text) != NULL)
		return "is one of the most common passwords";
	if (is_known_word(password, conf, username, email))
		return "is made of your name, your address or the name of this "
		    "service";
	return NULL;
}
