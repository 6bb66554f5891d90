/*
 * image_store: images that people upload, kept as files that nginx serves.
 *
 * A file's name is made from its content and its owner, so it never changes
 * under a name: clients and caches may keep it for ever. Behind that stands
 * something random: of two uploads at once each has a file of its own, so
 * removing one's never removes the other's.
 */
#ifndef BASE_IMAGE_STORE_H
#define BASE_IMAGE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define IMAGE_STORE_CONTENT	32	/* hex digits; alike: same content and owner */
#define IMAGE_STORE_NAME	(IMAGE_STORE_CONTENT + 15)	/* "...-<8 hex digits>.webp" */
#define IMAGE_STORE_SIDE	8192	/* most pixels of a side */

/*
 * "jpg", "png" or "webp" by what the bytes are: the signature, a whole first
 * header, sides from 1 to IMAGE_STORE_SIDE, and the end where the format has
 * one. NULL: none of them, or cut short.
 */
const char	*image_store_type(const void *, size_t n);
/* The name of a file of that content, type and owner. */
void		 image_store_name(int64_t owner, const void *, size_t n,
		    const char *type, char out[IMAGE_STORE_NAME]);
/*
 * Write dir/name, whole and on the disk or not at all. RC_FULL: no space;
 * RC_FAULT (logged).
 */
enum rc		 image_store_put(const char *dir, const char *name,
		    const void *, size_t n);
/* What image_store_replace() may leave beside a file if it is killed. */
#define IMAGE_STORE_LEFT ".%s.old"
/*
 * Replaces the content of dir/name, whole or not at all. RC_NOT_FOUND: there is
 * no such file, and none is made, also if it is removed at the same time.
 * Other errors as image_store_put().
 */
enum rc		 image_store_replace(const char *dir, const char *name,
		    const void *, size_t n);
/*
 * Reads dir/name of at most max bytes into the arena. RC_NOT_FOUND: there is no
 * such regular file. RC_TOO_LARGE; RC_FAULT (logged).
 */
enum rc		 image_store_get(const char *dir, const char *name,
		    struct arena *, size_t max, uint8_t **, size_t *n);
/* Remove dir/name; that it is not there is no matter. */
void		 image_store_drop(const char *dir, const char *name);

#endif
