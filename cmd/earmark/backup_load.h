/*
 * backup_load: loads a backup into a new database and verifies it. A restore
 * and a drill use the same functions.
 */
#ifndef CMD_EARMARK_BACKUP_LOAD_H
#define CMD_EARMARK_BACKUP_LOAD_H

#include "base/arena.h"
#include "base/err.h"
#include "cmd/earmark/backup_store.h"
#include "db/db.h"
#include "cmd/earmark/database_check.h"

struct backup_loaded {
	struct backup_store_files files;
	int64_t bytes;			/* sum of all files */
	int from, to;			/* schema version before and after */
	struct database_check proof;
};

/*
 * Creates the database `file` from the backup in the folder `from`. The file
 * must not exist. Verifies the digest, copies the database, migrates its schema
 * and verifies it. Returns the open database, or NULL with *err.
 */
struct db	*backup_load_db(int from, const char *file, struct arena *,
	    struct backup_loaded *, struct err *);
/*
 * Verifies the digests of all media files of a backup. If to >= 0, copies the
 * missing ones to that folder. Then checks that the backup has all media files
 * that the database names.
 */
enum rc	backup_load_media(int from, int to, struct db *, struct backup_loaded *,
	    struct err *);

#endif
