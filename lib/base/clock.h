/*
 * clock: the time of day as integer milliseconds UTC, and RFC 3339 text.
 *
 * The time of a request is read once and passed to functions as `now`. Tests
 * and jobs can pass another time.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define SECOND	INT64_C(1000)
#define MINUTE	(60 * SECOND)
#define HOUR	(60 * MINUTE)
#define DAY	(24 * HOUR)

/* Size of "2024-06-23T10:12:07Z" with its NUL. */
#define CLOCK_TEXT 21

/* Returns the time of day in milliseconds since 1970-01-01 UTC. */
int64_t	clock_now(void);
/* Returns monotonic time in microseconds. Use it only for durations. */
int64_t	clock_mono(void);
/*
 * Writes a time as RFC 3339 text in UTC, with whole seconds (rounded down). ms
 * must be in the years 1970 to 9999.
 */
void	clock_text(int64_t ms, char out[CLOCK_TEXT]);
/*
 * Parses a time with 'Z' or a numeric offset and an optional fraction (RFC 3339
 * 5.6), or a plain date such as "2024-06-23" (midnight UTC). Returns false, and
 * leaves *ms unchanged, if the text is not such a time in the years 1970 to
 * 9999.
 */
bool	clock_parse(const char *, int64_t *ms);

#endif
