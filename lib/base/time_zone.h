/*
 * time_zone: the offsets of time zones, from the system's time zone database
 * (TZif files, RFC 8536).
 *
 * The time after the last transition of a file follows the rule in its footer.
 * time_zone_offset() reads the file of the zone for each call.
 * time_zone_period() and time_zone_instant() keep copies of the files of a few
 * zones, so an update of the database takes effect within a minute. They are not
 * thread-safe; no program of this project has several threads.
 */
#ifndef BASE_TIME_ZONE_H
#define BASE_TIME_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIME_ZONE_MAX	64	/* bytes of a name */
#define TIME_ZONE_OFFSET_MAX (26 * INT64_C(3600000))	/* ms, of any zone */

/* The time from `since` to before `until` (ms), in which the offset is equal. */
struct time_zone_period {
	int64_t offset;			/* ms east of UTC */
	int64_t since, until;		/* INT64_MIN, INT64_MAX: no limit */
};

/*
 * Sets *offset to the ms east of UTC at a time (ms). Returns false if the zone,
 * such as "Asia/Kolkata", is not in the database.
 */
bool	time_zone_offset(const char *name, int64_t at, int64_t *offset);
/*
 * As time_zone_offset(), of a TZif file of n bytes in memory. Returns false if
 * the file is invalid.
 */
bool	time_zone_read(const void *file, size_t n, int64_t at,
	    int64_t *offset);
/* As time_zone_read(), with the period that contains the time. */
bool	time_zone_read_period(const void *file, size_t n, int64_t at,
	    struct time_zone_period *);
/* As time_zone_offset(), with the period that contains the time. */
bool	time_zone_period(const char *name, int64_t at,
	    struct time_zone_period *);
/*
 * Returns the time (ms UTC) at which the clocks of a zone show a local time (ms
 * since 1970-01-01 00:00 of these clocks), or INT64_MIN if the zone is not in
 * the database. If the clocks show it twice, returns the first time. If they
 * skip it, applies the offset before the change, so that the result is later by
 * the length of the gap (RFC 5545, 3.3.5).
 */
int64_t	time_zone_instant(const char *name, int64_t local);

#endif
