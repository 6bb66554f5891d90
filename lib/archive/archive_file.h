/*
 * archive_file: the format of the files of the archive.
 *
 *	earmark-archive 1
 *	kind segment
 *	...			further lines "name value", for people too
 *				(empty line)
 *	body			compressed (zstd), then encrypted if there is a
 *				key (libsodium secretstream, XChaCha20-Poly1305)
 *	32 bytes		SHA-256 of everything before
 *
 * A reader verifies the digest of the whole file before it returns anything.
 * With encryption, the header lines are authenticated too.
 */
#ifndef ARCHIVE_ARCHIVE_FILE_H
#define ARCHIVE_ARCHIVE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

/* Maximum bytes of all header lines. */
#define ARCHIVE_FILE_HEADER	1024

/*
 * Creates the file `path` and writes its header. lines: "kind base\n...", each
 * ends with a newline. key: NULL for a file that is not encrypted. Returns NULL
 * with *err on failure. A BUG() if memory cannot be allocated.
 */
struct archive_writer	*archive_file_create(const char *path,
	    const char *lines, const struct hash *key, struct err *);
/*
 * Compresses faster and less, for a segment that is written while many users
 * write. Call it before archive_file_add().
 */
void		archive_file_fast(struct archive_writer *);
/* Adds n bytes to the body. After a failure, all later calls fail. */
enum rc		 archive_file_add(struct archive_writer *, const void *,
	    size_t n, struct err *);
/* The code of an error if a file that is added cannot be read. */
#define ARCHIVE_FILE_SOURCE	"archive_source"
/*
 * Adds the rest of an open file to the body. name: for errors. Returns RC_FAULT
 * with the code ARCHIVE_FILE_SOURCE if it cannot be read.
 */
enum rc		 archive_file_add_file(struct archive_writer *, int fd,
		    const char *name, struct err *);
/*
 * Completes the file and syncs it to the disk. After a failure, the file is
 * removed. The writer is freed in both cases. keep false: removes the file.
 */
enum rc		 archive_file_end(struct archive_writer *, bool keep,
	    struct err *);

/*
 * Opens a file and verifies its digest. Returns NULL with *err: RC_NOT_FOUND if
 * it does not exist, RC_BAD ("archive_damaged", "archive_key", ...) if it is
 * not acceptable, RC_FAULT if reading failed.
 */
struct archive_reader	*archive_file_open(const char *path,
	    const struct hash *key, struct err *);
/*
 * Writes the value of a header line to out. Returns false if the line is
 * missing or its value is too long.
 */
bool		 archive_file_value(const struct archive_reader *,
	    const char *name, char *out, size_t size);
/* Returns the number on a header line, or -1 if it is not a number from 0. */
int64_t		 archive_file_number(const struct archive_reader *,
	    const char *name);
/*
 * Reads up to n bytes of the body and sets *got, which is less than n only at
 * the end.
 */
enum rc		 archive_file_read(struct archive_reader *, void *, size_t n,
	    size_t *got, struct err *);
void		 archive_file_close(struct archive_reader *);

#endif
