/*
 * identifier_read: reads identifiers that people typed. It is separate from
 * identifier.c because only some programs need libidn2.
 */
#include "domain/common/identifier.h"

#include "base/idna.h"
#include "base/phone_number.h"
#include "base/str.h"
#include "base/typed_text.h"

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
	*out = identifier_username(a, text);
	return identifier_username_ok(*out) ? ID_USERNAME : ID_NONE;
}

bool
identifier_lacks_country(struct arena *a, const char *country,
    const char *text)
{
	char *cleaned = arena_str(a, text), *out;

	if (identifier_read(a, country, text, &out) == ID_PHONE)
		return false;
	typed_text_clean(cleaned);
	typed_text_strip_separators(cleaned);
	return *cleaned != '\0' &&
	    cleaned[strspn(cleaned, "0123456789")] == '\0';
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
