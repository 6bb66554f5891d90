/*
 * shared_map: a small file in run_dir that all processes of an installation map
 * and share as memory.
 *
 * The file begins with a stamp of 16 bytes. The data of the owner follows; it
 * is zero at first. A file with another stamp or size, from an older program,
 * is replaced by a new one. Processes that map the old file can continue to use
 * it. The whole file is allocated on the disk at once. A full disk is thus an
 * error here and not a signal during a later write.
 */
#ifndef BASE_SHARED_MAP_H
#define BASE_SHARED_MAP_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Maps dir/name, with size bytes after the stamp. stamp is a name and version
 * of at most 15 characters. Returns NULL, after a log entry, if that fails. If
 * lock is not NULL, the file stays open and *lock is the argument for
 * shared_map_lock().
 */
void	*shared_map_open(const char *dir, const char *name, const char *stamp,
	    size_t size, int *lock);
/* At most one process is between these two calls. */
void	 shared_map_lock(int lock);
void	 shared_map_unlock(int lock);

#endif
