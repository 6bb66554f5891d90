/*
 * archive_load: makes a database from the continuous archive. A restore and a
 * drill use the same functions. See archive/archive_store.h for the files.
 */
#ifndef CMD_EARMARK_ARCHIVE_LOAD_H
#define CMD_EARMARK_ARCHIVE_LOAD_H

#include "archive/archive_store.h"
#include "base/arena.h"
#include "base/epoch.h"
#include "base/err.h"
#include "cmd/earmark/backup_load.h"
#include "db/db.h"

struct archive_load {
	const char *dir, *fetch;	/* one of them is NULL */
	int64_t at;			/* the time to restore, ms; INT64_MAX:
					 * the newest state */
	const struct hash *key;		/* or NULL */
	int64_t timeout;		/* s, of the fetch command */
	struct arena *arena;
	bool compare;			/* media files that exist: see below */
	/* Results. */
	char base[ARCHIVE_STORE_BASE];
	int64_t segments;
	int64_t committed_at;		/* of the last commit; 0: unknown */
	int64_t missing;		/* media files not in the archive */
	struct epoch epoch;		/* the newest of the archive */
};

/*
 * Creates the database `file` with the last commit that is not after l->at. The
 * file must not exist. Applies the segments, migrates the schema and verifies
 * the database. Returns the open database, or NULL with *err: RC_NOT_FOUND if
 * no base is old enough; RC_BAD with "archive_missing", "archive_damaged" or
 * "archive_mixed" if a segment is missing, damaged, or of another history.
 */
struct db	*archive_load_db(struct archive_load *, const char *file,
	    struct backup_loaded *, struct err *);
/*
 * Gets the media files that the database names into the folder. Files that
 * exist are kept or, with l->compare, replaced if the archive has them with
 * another content. Counts those that neither has: a picture that was replaced
 * within archive.interval may never have been stored.
 */
enum rc	archive_load_media(struct archive_load *, const char *folder,
	    struct db *, struct err *);
/* Gets the files of the configuration into a new folder with mode 0700. */
enum rc	archive_load_conf(struct archive_load *, const char *folder,
	    struct err *);

#endif
