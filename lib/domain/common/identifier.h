/*
 * identifier: what people type to say who they are: a username, an e-mail
 * address or a phone number. They can not be confused: an address has an '@',
 * a number begins with '+', a username has neither.
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
 * What it is, and its one spelling in *out (arena memory): white space around
 * it dropped, letters lower case. ID_NONE: none of the three.
 */
enum identifier	 identifier_read(struct arena *, const char *, char **out);
/* Each by itself, in its one spelling. */
bool		 identifier_username_ok(const char *); /* 3 to 30 of a-z0-9_. */
bool		 identifier_email_ok(const char *);
bool		 identifier_phone_ok(const char *);	/* E.164 */
/* As it may be shown to whoever typed it: "+91*******10", "a***@example.org". */
char		*identifier_mask(struct arena *, const char *);

#endif
