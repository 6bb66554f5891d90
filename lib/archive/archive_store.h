/*
 * archive_store: where the files of the archive are kept: a folder, or whatever
 * the operator's commands reach.
 *
 * Names in the archive:
 *	bases			the list of the bases
 *	head			the newest segment when this was written
 *	BASE/base		a copy of the database file
 *	BASE/conf		the configuration
 *	BASE/GENERATION-FIRST	a segment: the frames of the log from number
 *				FIRST of one generation, that is, between two
 *				restarts of the log
 *	media/NAME		a media file
 * BASE is the time at which the base was made, such as "20261129T135005.123Z".
 * Two bases never have the same name, because the second one would replace the
 * first one and its segments.
 *
 * Storing a file again with the same name must replace it.
 */
#ifndef ARCHIVE_ARCHIVE_STORE_H
#define ARCHIVE_ARCHIVE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"

#define ARCHIVE_STORE_BASE	24	/* size of the name of a base */
#define ARCHIVE_STORE_NAME	300	/* size of any name */
#define ARCHIVE_STORE_PATH	4096

/*
 * Stores a copy of a file in the folder archive.dir and by archive.command,
 * whichever are configured. Returns RC_OK if all of them have stored it
 * durably, RC_FULL or RC_UPSTREAM with *err otherwise.
 */
enum rc	archive_store_put(const struct conf *, const char *path,
	    const char *name, struct err *);
/*
 * Gets the file `name` as the new file `path`, from the folder dir or, if it is
 * NULL, by the command fetch. Returns RC_NOT_FOUND if the archive does not
 * contain it.
 */
enum rc	archive_store_get(const char *dir, const char *fetch, int64_t timeout,
	    const char *name, const char *path, struct err *);
/* Writes the name of a base or segment to out. */
void	archive_store_base_name(int64_t now, char out[ARCHIVE_STORE_BASE]);
void	archive_store_segment(const char *base, int64_t generation,
	    int64_t first, char out[ARCHIVE_STORE_NAME]);
/* Returns whether a text is the name of a base. */
bool	archive_store_is_base(const char *);
/* Returns the time in the name of a base, in ms, or 0 if it is not valid. */
int64_t	archive_store_base_time(const char *base);
/*
 * Loads the key of archive.key_file. Sets *key to NULL if none is configured.
 * Returns false, and sets *why, if the file is not acceptable.
 */
bool	archive_store_key(const struct conf *, const struct hash **key,
	    const char **why);

#endif
