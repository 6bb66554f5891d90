/*
 * shared_map: a small file in run_dir that all processes of an installation map and
 * share as memory.
 *
 * The file begins with a 16-byte stamp, then come the owner's words, all zero
 * at first. A file of another stamp or size (an older program's) is replaced
 * by a new one; who still maps the old one is not disturbed. All of it is
 * allocated on the disk at once, so a full disk is met here and not as a
 * signal in the middle of a count.
 */
#ifndef BASE_SHARED_MAP_H
#define BASE_SHARED_MAP_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Map dir/name of size bytes behind the stamp (a name and version of at most
 * 15 characters). NULL (logged): that can not be done. With lock not NULL, the
 * file stays open and *lock is for shared_map_lock().
 */
void	*shared_map_open(const char *dir, const char *name, const char *stamp,
	    size_t size, int *lock);
/* One process at a time, between these two. */
void	 shared_map_lock(int lock);
void	 shared_map_unlock(int lock);

#endif
