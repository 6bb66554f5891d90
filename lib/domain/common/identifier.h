/*
 * identifier: parses the identifiers of accounts: a username, an email address
 * or a phone number. They are distinct: an address has an '@', a phone number
 * begins with '+', a username has neither.
 */
#ifndef DOMAIN_COMMON_IDENTIFIER_H
#define DOMAIN_COMMON_IDENTIFIER_H

#include <stdbool.h>

#include "base/arena.h"

enum identifier { ID_NONE, ID_USERNAME, ID_EMAIL, ID_PHONE };

#define USERNAME_MIN	3
#define USERNAME_MAX	30
#define EMAIL_MAX	254
#define IDENTIFIER_MAX	254

/*
 * Returns the type of an identifier and stores its normal form in *out (arena
 * memory): without surrounding spaces and tabs, in lower case. Returns ID_NONE
 * if it is invalid.
 */
enum identifier	 identifier_read(struct arena *, const char *, char **out);
/* Return whether an identifier in normal form is valid. */
bool		 identifier_username_ok(const char *); /* 3 to 30 of a-z0-9_. */
bool		 identifier_email_ok(const char *);
bool		 identifier_phone_ok(const char *);	/* E.164 */
/* Masks an identifier for its owner: "+91*******10", "a***@example.org". */
char		*identifier_mask(struct arena *, const char *);

#endif
