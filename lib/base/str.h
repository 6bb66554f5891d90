/*
 * str: small questions about text. Nothing here allocates; nothing depends on
 * the locale.
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

/* A list of strings; v is NULL where the list was not given at all. */
struct strv {
	size_t n;
	const char **v;
};

/* A list of integers; v is NULL where the list was not given at all. */
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

/* ASCII only. */
char	str_lower_ch(char);
void	str_lower(char *);
bool	str_eq_nocase(const char *, const char *);

/*
 * A whole decimal integer and nothing else: an optional '-', digits, no
 * leading zeros (but "0"), within int64. False leaves *out alone.
 */
bool	str_int(const char *, int64_t *out);
/*
 * A decimal number with at most `scale` digits behind the point, as an
 * integer of 10^-scale units: ("4.5", 1) is 45. No exponent. False as above.
 */
bool	str_fixed(const char *, int scale, int64_t *out);
/* The number of n bytes of well-formed UTF-8's code points; -1: not UTF-8. */
int64_t	str_utf8(const char *, size_t n);
/* Does the text have control characters (below U+0020, or U+007F)? */
bool	str_has_ctl(const char *);

#endif
