/*
 * clock: the time of day as integer milliseconds UTC, and RFC 3339 text.
 *
 * A request's time is taken once and passed down as a value (`now`), so that
 * tests and jobs can say what time it is.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define SECOND	INT64_C(1000)
#define MINUTE	(60 * SECOND)
#define HOUR	(60 * MINUTE)
#define DAY	(24 * HOUR)

/* "2024-06-23T10:12:07Z" and its NUL. */
#define CLOCK_TEXT 21

/* Wall time, ms since 1970. */
int64_t	clock_now(void);
/* Monotonic time, µs; for durations only. */
int64_t	clock_mono(void);
/* RFC 3339, UTC, whole seconds (rounded down); years 1970 to 9999. */
void	clock_text(int64_t ms, char out[CLOCK_TEXT]);
/*
 * RFC 3339 with 'Z' or a numeric offset, optional fraction (RFC 3339 5.6), or
 * a plain date "2024-06-23" (midnight UTC). False: not a time; *ms untouched.
 */
bool	clock_parse(const char *, int64_t *ms);

#endif
