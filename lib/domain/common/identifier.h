/*
 * identifier: parses the identifiers of accounts: a username, an email address
 * or a phone number. They are distinct: an address has an '@', a phone number
 * begins with '+', a username has neither.
 */
#ifndef DOMAIN_COMMON_IDENTIFIER_H
#define DOMAIN_COMMON_IDENTIFIER_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"

enum identifier { ID_NONE, ID_USERNAME, ID_EMAIL, ID_PHONE };

#define USERNAME_MIN	3
#define USERNAME_MAX	30
#define EMAIL_MAX	254
#define IDENTIFIER_MAX	254

/*
 * Returns the type of an identifier as a person typed it, and stores its normal
 * form in *out (arena memory). A username is in lower case, without surrounding
 * spaces. An e-mail address is in lower case, with an ASCII domain. A phone
 * number is in E.164 form; a number without '+' or "00" belongs to the country
 * (ISO 3166-1 alpha-2; "": none), also if it could be a username. Returns
 * ID_NONE if no identifier has this form.
 */
enum identifier	 identifier_read(struct arena *, const char *country,
		     const char *, char **out);

/*
 * Replace *text by its normal form (arena memory), or add an error for the field
 * username, email or phone and return false.
 */
bool		 identifier_check_username(struct arena *, const char **text,
		     struct err *);
bool		 identifier_check_email(struct arena *, const char **text,
		     struct err *);
bool		 identifier_check_phone(struct arena *, const char *country,
		     const char **text, struct err *);

/*
 * Returns whether an identifier consists of digits and separators but is not a
 * phone number, because it has no country code. It can also be a username.
 */
bool		 identifier_lacks_country(struct arena *, const char *country,
		     const char *);

/* Returns a one-time code as sent, from what a person typed (arena memory). */
char		*identifier_clean_code(struct arena *, const char *);

/* Returns a username in lower case, without surrounding spaces and tabs. */
char		*identifier_username(struct arena *, const char *);
/* Return whether an identifier in normal form is valid. */
bool		 identifier_username_ok(const char *); /* 3 to 30 of a-z0-9_. */
bool		 identifier_email_ok(const char *);
/* Masks an identifier for its owner: "+91*******10", "a***@example.org". */
char		*identifier_mask(struct arena *, const char *);

#endif
