/*
 * archive_text: small files of the archive, such as "bases" and "head".
 */
#ifndef ARCHIVE_ARCHIVE_TEXT_H
#define ARCHIVE_ARCHIVE_TEXT_H

#include "base/conf.h"
#include "base/err.h"
#include "base/hash.h"

/*
 * Stores a file with these header lines (archive_file_create()) and this body as
 * `name` in the archive. part: path of a temporary file. Returns the codes of
 * archive_file_end() and archive_store_put().
 */
enum rc	archive_text_put(const struct conf *, const struct hash *key,
	    const char *part, const char *name, const char *lines,
	    const char *body, struct err *);

#endif
