/*
 * archive_position: up to where the log of the database is in the spool, and
 * whether a log that has restarted continues it.
 *
 * A log may restart as soon as a checkpoint has copied all of it. Only
 * earmark-jobs runs checkpoints, after it has put all frames into the spool. If
 * another program runs one, such as the sqlite3 shell, the log can restart with
 * frames that were not copied. The salt does not show this: each restart adds 1
 * to its first word. Therefore:
 *
 * - While a program has the database open, the index of the log counts commits.
 *   Nothing is missing if all commits since the position are in the present
 *   log.
 * - If no program had it open, the index was built again and counts from 0.
 *   Then the salt must be the next one, and the file must not have a frame of the
 *   old log after the position. A log that was emptied, or the log of a new
 *   base, may have any salt, but the database file must not have changed.
 */
#ifndef CMD_JOBS_ARCHIVE_POSITION_H
#define CMD_JOBS_ARCHIVE_POSITION_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/archive_store.h"
#include "base/arena.h"
#include "base/hash.h"
#include "db/db.h"

#define ARCHIVE_POSITION_STAMP	128

struct archive_position {
	bool known;			/* false: a base is needed */
	char base[ARCHIVE_STORE_BASE];
	int64_t base_at, generation;
	int64_t frames;			/* of this generation */
	int64_t previous;		/* frames of the generation before */
	int page_size;
	uint8_t salt[8];
	bool counted;			/* changes is known */
	uint32_t changes;		/* commits; see struct db_wal */
	bool emptied;			/* the log may have been emptied */
	/* In a new base: the database file; see archive_position_stamp(). */
	char stamp[ARCHIVE_POSITION_STAMP];
	/*
	 * In the first segment of a base: the end of the base before it, if
	 * this base continues it without a gap. A standby then does not need
	 * the base. "": not known.
	 */
	char joins[ARCHIVE_STORE_BASE];
	int64_t joins_generation, joins_frames;
};

/*
 * Reads the position from the newest file in the spool, and sets *number to the
 * number of this file. The position stays unknown if the spool is empty.
 */
void	archive_position_load(struct archive_position *, const struct conf *,
	    const struct hash *key, struct arena *, int64_t *number);
/*
 * Adapts the position to a log with another salt. Returns NULL, or why the log
 * does not continue the position.
 */
const char *archive_position_restart(struct archive_position *, struct db *,
	    const struct conf *, const struct db_wal *);
/*
 * Records in the spool that the log ends here and may be emptied. The next log
 * then has any salt, and after the end of all programs nothing else says that
 * it continues this one.
 */
void	archive_position_emptied(struct archive_position *,
	    const struct conf *);
/*
 * Writes a text that changes if the database file does, unless the machine was
 * started again, after which the time of a file is not reliable.
 */
void	archive_position_stamp(const char *file,
	    char out[ARCHIVE_POSITION_STAMP]);

#endif
