/*
 * archive_base: makes a base of the archive in a process of its own.
 */
#ifndef CMD_JOBS_ARCHIVE_BASE_H
#define CMD_JOBS_ARCHIVE_BASE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/conf.h"
#include "base/epoch.h"

struct archive_base {
	const char *name;
	int64_t at;			/* ms */
	/*
	 * The log when the base was begun: if its first segment has the same
	 * salt, all of these frames are needed.
	 */
	int64_t needs;
	int page_size;
	const uint8_t *salt;		/* 8 bytes */
	uint32_t changes;		/* see struct db_wal */
	const char *stamp;		/* of the database file */
	const struct epoch *epoch;
	/* Up to where the base before it is in the spool; "-": none. */
	const char *before;
	int64_t before_generation, before_end;
};

/*
 * Starts a process that copies the database file, verifies the copy (the checks
 * of SQLite, the ledger and the audit log), and writes it and the configuration
 * as the files "base" and "conf" of the spool. The database file must not
 * change until the process has ended. Returns its number, or 0 after a log
 * entry. Its exit status is 0 if both files are complete.
 */
pid_t	archive_base_start(const struct conf *, const struct hash *key,
	    const struct archive_base *);

#endif
