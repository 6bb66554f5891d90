/*
 * time_zone: the offsets of time zones, from the system's time zone database
 * (TZif files, RFC 8536).
 *
 * The functions read the file of the zone for each call, so an update of the
 * database takes effect at once. The time after the last transition of a file
 * follows the rule in its footer.
 */
#ifndef BASE_TIME_ZONE_H
#define BASE_TIME_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIME_ZONE_MAX	64	/* bytes of a name */

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

#endif
