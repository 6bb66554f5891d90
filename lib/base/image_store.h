/*
 * image_store: stores uploaded images as files that nginx serves.
 *
 * The name of a file is random and never used again, so clients and caches may
 * keep the file permanently. Two uploads of the same image get different files,
 * so removing one does not remove the other.
 *
 * A new image and its thumbnail are created empty and locked, and another
 * process writes and syncs them (base/image_decoder.h). The archive skips files
 * that are locked. If a process ends before a row refers to them, a job removes
 * them (domain/ops/image_sweep.h).
 */
#ifndef BASE_IMAGE_STORE_H
#define BASE_IMAGE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/* Size of a name: 32 hexadecimal digits, '-', 8 of them, and ".webp". */
#define IMAGE_STORE_NAME	47
#define IMAGE_STORE_THUMB	"-256"	/* before the last '.' of a name */
#define IMAGE_STORE_THUMB_NAME	(IMAGE_STORE_NAME + 4)

/* Descriptors of a new image, or -1. */
struct image_store_files {
	int full, thumb, folder;
};

/* Writes a new file name. type is a result of image_type(). */
void		 image_store_name(const char *type,
		    char out[IMAGE_STORE_NAME]);
/*
 * If a file name is one that image_store_name() makes, or that of its thumbnail,
 * writes the name of the image and returns true.
 */
bool		 image_store_parse(const char *file,
		    char out[IMAGE_STORE_NAME]);
/*
 * Creates the files of a new image, empty and locked. Call image_store_close()
 * when they are complete. Returns RC_FULL if the disk is full, and RC_FAULT, for
 * other errors; both are logged, and no file remains.
 */
enum rc		 image_store_create(const char *dir, const char *name,
		    struct image_store_files *);
/* Closes and unlocks the files. */
void		 image_store_close(struct image_store_files *);
/* Returns whether an open file is complete, so that it may be copied. */
bool		 image_store_complete(int fd);
/* Returns whether two images exist and have the same bytes. */
bool		 image_store_same(const char *dir, const char *,
		    const char *);
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
