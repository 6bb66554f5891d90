#include "domain/common/identifier.h"

#include "base/idna.h"
#include "base/phone_number.h"
#include "base/str.h"
#include "base/typed_text.h"

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

/* Returns a copy without surrounding spaces and tabs, in lower case. */
static char *
trim(struct arena *a, const char *text)
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

/* Returns the address with its domain in ASCII, or NULL if it is invalid. */
static char *
read_email(struct arena *a, const char *cleaned)
{
	const char *at = strrchr(cleaned, '@');
	char domain[IDNA_MAX], *s;

	if (at == NULL || !idna_ascii(at + 1, domain))
		return NULL;
	s = arena_fmt(a, "%.*s@%s", (int)(at - cleaned), cleaned, domain);
	str_lower(s);
	return identifier_email_ok(s) ? s : NULL;
}

/* Returns PHONE_NUMBER_OK and the E.164 form, or why there is none. */
static enum phone_number
read_phone(struct arena *a, const char *country, const char *cleaned,
    char **out)
{
	char number[PHONE_NUMBER_MAX];
	char *s = arena_str(a, cleaned);
	enum phone_number result;

	typed_text_strip_separators(s);
	if (str_prefix(s, "00"))
		s = arena_fmt(a, "+%s", s + 2);
	result = phone_number_read(s, country, number);
	if (result == PHONE_NUMBER_OK)
		*out = arena_str(a, number);
	return result;
}

enum identifier
identifier_read(struct arena *a, const char *country, const char *text,
    char **out)
{
	char *cleaned = arena_str(a, text);

	typed_text_clean(cleaned);
	*out = read_email(a, cleaned);
	if (*out != NULL)
		return ID_EMAIL;
	if (read_phone(a, country, cleaned, out) == PHONE_NUMBER_OK)
		return ID_PHONE;
	*out = trim(a, text);
	return identifier_username_ok(*out) ? ID_USERNAME : ID_NONE;
}

bool
identifier_check_username(struct arena *a, const char **text, struct err *err)
{
	*text = trim(a, *text);
	if (identifier_username_ok(*text))
		return true;
	err_field(err, "username", "must be 3 to 30 of a-z, 0-9, '_' and '.'");
	return false;
}

bool
identifier_check_email(struct arena *a, const char **text, struct err *err)
{
	char *cleaned = arena_str(a, *text), *out;

	typed_text_clean(cleaned);
	out = read_email(a, cleaned);
	if (out == NULL) {
		err_field(err, "email", "is not an e-mail address");
		return false;
	}
	*text = out;
	return true;
}

bool
identifier_check_phone(struct arena *a, const char *country, const char **text,
    struct err *err)
{
	char *cleaned = arena_str(a, *text), *out;

	typed_text_clean(cleaned);
	switch (read_phone(a, country, cleaned, &out)) {
	case PHONE_NUMBER_OK:
		*text = out;
		return true;
	case PHONE_NUMBER_NATIONAL:
		err_field(err, "phone", "must begin with '+' and the code of "
		    "the country, as in +919876543210");
		break;
	case PHONE_NUMBER_INVALID:
		err_field(err, "phone", "is not a possible phone number; the "
		    "form is +919876543210");
		break;
	}
	return false;
}

char *
identifier_clean_code(struct arena *a, const char *text)
{
	char *code = arena_str(a, text);

	typed_text_clean(code);
	return code;
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
