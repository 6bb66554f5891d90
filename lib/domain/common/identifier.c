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

char *
identifier_username(struct arena *a, const char *text)
{
	size_t n;
	char *s;

	text += strspn(text, " \t");
	n = strlen(text);
	while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t'))
		n--;
	s = arena_strn(a, text, n);
	str_lower(s);
	return s;
}

bool
identifier_check_username(struct arena *a, const char **text, struct err *err)
{
	*text = identifier_username(a, *text);
	if (identifier_username_ok(*text))
		return true;
	err_field(err, "username", "must be 3 to 30 of a-z, 0-9, '_' and '.'");
	return false;
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
