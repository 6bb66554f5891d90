/*
 * image_store: stores uploaded images as files that nginx serves.
 *
 * The name of a file is derived from its content and its owner, so clients and
 * caches may keep the file permanently. A random suffix follows. Two concurrent
 * uploads of the same image get different files, so removing one does not
 * remove the other.
 */
#ifndef BASE_IMAGE_STORE_H
#define BASE_IMAGE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define IMAGE_STORE_CONTENT	32	/* hex digits; equal for the same
					 * content and owner */
#define IMAGE_STORE_NAME	(IMAGE_STORE_CONTENT + 15)	/* "...-<8 hex digits>.webp" */
#define IMAGE_STORE_THUMB	"-256"	/* before the last '.' of a name */
#define IMAGE_STORE_THUMB_NAME	(IMAGE_STORE_NAME + 4)

/*
 * Writes a new file name for this owner, content and type. type is a result of
 * image_type().
 */
void		 image_store_name(int64_t owner, const void *, size_t n,
		    const char *type, char out[IMAGE_STORE_NAME]);
/* Returns whether two file names are of the same content and owner. */
bool		 image_store_same(const char *, const char *);
/*
 * Writes and syncs dir/name atomically. Returns RC_FULL if the disk is full,
 * and RC_FAULT (logged) for other errors.
 */
enum rc		 image_store_put(const char *dir, const char *name,
		    const void *, size_t n);
/* Name of the file that image_store_replace() leaves if it is killed. */
#define IMAGE_STORE_LEFT ".%s.old"
/*
 * Replaces the content of dir/name atomically. Returns RC_NOT_FOUND, and
 * creates no file, if the file does not exist or is removed at the same time.
 * Other errors are those of image_store_put().
 */
enum rc		 image_store_replace(const char *dir, const char *name,
		    const void *, size_t n);
/*
 * Reads dir/name of at most max bytes into the arena. Returns RC_NOT_FOUND if
 * it is not an existing regular file, RC_TOO_LARGE if it has more bytes, and
 * RC_FAULT (logged) for other errors.
 */
enum rc		 image_store_get(const char *dir, const char *name,
		    struct arena *, size_t max, uint8_t **, size_t *n);
/* Writes the file name of the thumbnail of an image. */
void		 image_store_thumb(const char *name,
		    char out[IMAGE_STORE_THUMB_NAME]);
/* Returns whether dir/name exists. */
bool		 image_store_has(const char *dir, const char *name);
/*
 * Removes dir/name and its thumbnail, if they exist. Other errors are only
 * logged.
 */
void		 image_store_drop(const char *dir, const char *name);

#endif
