/*
 * decimal: writes integers as decimal digits, two at a time.
 */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include <stdint.h>
#include <string.h>

#define DECIMAL_MAX	20		/* "-9223372036854775808" */

/* "00" to "99", without separators and NUL. */
extern const char decimal_pairs[200];

/* Writes a number from 0 to 99 as two digits. */
static inline void
decimal_pair(char *to, unsigned n)
{
	memcpy(to, decimal_pairs + n * 2, 2);
}

/* Writes at most DECIMAL_MAX bytes, without NUL. Returns their end. */
char	*decimal_write(char *to, int64_t);

#endif
