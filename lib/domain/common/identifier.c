#include "domain/common/identifier.h"

#include "base/str.h"

#define LETTERS	"abcdefghijklmnopqrstuvwxyz"
#define DIGITS	"0123456789"

bool
identifier_username_ok(const char *s)
{
	size_t n = strlen(s);

	return n >= USERNAME_MIN && n <= USERNAME_MAX &&
	    strspn(s, LETTERS DIGITS "_.") == n;
}

/* E.164: '+', then 8 to 15 digits, the first not 0. */
bool
identifier_phone_ok(const char *s)
{
	size_t n = strlen(s);

	return n >= 9 && n <= 16 && s[0] == '+' && s[1] != '0' &&
	    strspn(s + 1, DIGITS) == n - 1;
}

/*
 * Returns whether the text is a domain name: at least two labels of 1 to 63
 * letters, digits and inner '-'.
 */
static bool
domain_ok(const char *s)
{
	size_t n, labels = 0;

	for (;; s += n + 1) {
		n = strcspn(s, ".");
		if (n == 0 || n > 63 || s[0] == '-' || s[n - 1] == '-' ||
		    strspn(s, LETTERS DIGITS "-") < n)
			return false;
		labels++;
		if (s[n] == '\0')
			return labels >= 2;
	}
}

/*
 * Accepts the dot-atom form of RFC 5321. Quoted local parts and address
 * literals are not supported.
 */
bool
identifier_email_ok(const char *s)
{
	const char *at = strchr(s, '@');
	size_t n = at == NULL ? 0 : (size_t)(at - s);

	if (n == 0 || n > 64 || strlen(s) > EMAIL_MAX)
		return false;
	if (strspn(s, LETTERS DIGITS ".!#$%&'*+-/=?^_`{|}~") != n)
		return false;
	if (s[0] == '.' || s[n - 1] == '.' || strstr(s, "..") != NULL)
		return false;
	return domain_ok(at + 1);
}

enum identifier
identifier_read(struct arena *a, const char *text, char **out)
{
	size_t n;
	char *s;

	text += strspn(text, " \t");
	n = strlen(text);
	while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t'))
		n--;
	*out = s = arena_strn(a, text, n);
	str_lower(s);
	if (identifier_phone_ok(s))
		return ID_PHONE;
	if (identifier_email_ok(s))
		return ID_EMAIL;
	return identifier_username_ok(s) ? ID_USERNAME : ID_NONE;
}

char *
identifier_mask(struct arena *a, const char *s)
{
	const char *at = strchr(s, '@');
	size_t n = strlen(s), i;
	char *out;

	if (at != NULL)
		return arena_fmt(a, "%c***%s", s[0], at);
	out = arena_str(a, s);
	for (i = 3; i + 2 < n; i++)
		out[i] = '*';
	return out;
}
