/*
 * str: string predicates and parsing. These functions do not allocate and do
 * not depend on the locale.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/banned.h"

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

/* A list of strings. v is NULL if the list was not given. */
struct strv {
	size_t n;
	const char **v;
};

/* A list of integers. v is NULL if the list was not given. */
struct intv {
	size_t n;
	int64_t *v;
};

static inline bool
str_eq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static inline bool
str_prefix(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* These functions handle ASCII letters only. */
static inline char
str_lower_ch(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

void	str_lower(char *);
bool	str_eq_nocase(const char *, const char *);

/*
 * Parses a decimal integer within int64: an optional '-' and digits, without
 * leading zeros. Returns false, and leaves *out unchanged, if the text is
 * anything else.
 */
bool	str_int(const char *, int64_t *out);
/*
 * Parses a decimal number with at most `scale` decimals as an integer of
 * 10^-scale units: ("4.5", 1) is 45. Exponents are invalid. Returns false, and
 * leaves *out unchanged, if the text is anything else.
 */
bool	str_fixed(const char *, int scale, int64_t *out);
/*
 * Returns the number of code points in n bytes of UTF-8, or -1 if they are not
 * well-formed.
 */
int64_t	str_utf8(const char *, size_t n);
/* Returns whether the text has control characters (below U+0020, or U+007F). */
bool	str_has_ctl(const char *);

#endif
