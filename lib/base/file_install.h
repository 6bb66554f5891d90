/*
 * file_install: writes files that exist only if they are complete.
 *
 * The bytes are written to ".NAME.part" in the same folder, which is renamed to
 * NAME at the end. A process that is killed in between leaves this file. The
 * next one that writes NAME replaces it.
 */
#ifndef BASE_FILE_INSTALL_H
#define BASE_FILE_INSTALL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct file_install {
	int fd;				/* to write to; -1 after a failure */
	int dir;
	const char *name;
	char part[PATH_MAX];
};

/*
 * Begins to write a file: a path, relative to the folder `dir` or AT_FDCWD. The
 * name must remain valid until file_install_end(). Only one process at a time
 * may write a file. Returns false with errno on failure.
 */
bool	file_install_begin(struct file_install *, int dir, const char *name,
	    mode_t mode);
/*
 * Syncs the file and gives it its name, in place of an older file, if `good`.
 * Removes it otherwise and after a failure; an older file is kept then. Returns
 * whether the file has its name. errno is that of the failure, or of the caller
 * if it is not `good`. Call file_sync_parent() to make the name durable.
 */
bool	file_install_end(struct file_install *, bool good);
/* Writes n bytes as a file. The same as both calls with write_all(). */
bool	file_install_bytes(int dir, const char *name, mode_t mode,
	    const void *, size_t n);

#endif
