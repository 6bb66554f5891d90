/*
 * archive_spool: files that wait to be stored in the archive, in the folder
 * DB_FILE-archive.
 *
 * earmark-jobs adds files in order and never waits for the archive; another of
 * its processes stores them in the same order. The last file is kept even if it
 * is stored, because it says up to where the log was copied.
 */
#ifndef ARCHIVE_ARCHIVE_SPOOL_H
#define ARCHIVE_ARCHIVE_SPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/archive_store.h"
#include "base/arena.h"

struct archive_spool_file {
	int64_t number;			/* position in the order, from 1 */
	char name[ARCHIVE_STORE_NAME];	/* in the archive */
	char path[ARCHIVE_STORE_PATH];
	bool stored;
	int64_t bytes;
	int64_t at;			/* when it was added, ms */
};

struct archive_spool_files {
	struct archive_spool_file *v;
	size_t n;
	int64_t bytes;			/* of those that are not stored */
};

/* Returns the path of the folder, in static memory. Creates the folder. */
const char	*archive_spool_dir(const struct conf *);
/*
 * Lists the files in order. clean: removes incomplete ones of the archiver, which
 * calls this before it makes others.
 */
enum rc	archive_spool_list(const struct conf *, struct arena *, bool clean,
	    struct archive_spool_files *, struct err *);
/* Writes the path at which the next file is made. */
void	archive_spool_part(const struct conf *, const char *what,
	    char out[ARCHIVE_STORE_PATH]);
/* Adds a complete and synced file as the last one. It is renamed. */
enum rc	archive_spool_add(const struct conf *, const char *part, int64_t number,
	    const char *name, struct err *);
/*
 * Writes a small file of the owner's state, such as "bases", in place of an
 * older one. It is complete after a power failure, or the older one is kept.
 */
enum rc	archive_spool_write(const struct conf *, const char *name,
	    const char *text, struct err *);
/* Records that a file is stored, in its name. */
enum rc	archive_spool_stored(struct archive_spool_file *, struct err *);
/* Removes a file, or all files. */
void	archive_spool_remove(const struct archive_spool_file *);
void	archive_spool_forget(const struct conf *);

#endif
