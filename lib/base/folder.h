/*
 * folder: reads and removes folders.
 */
#ifndef BASE_FOLDER_H
#define BASE_FOLDER_H

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Returns the next entry of a folder, or NULL. errno is then 0 at the end of the
 * folder, and otherwise the error, so that the entries are not complete.
 */
static inline struct dirent *
folder_next(DIR *d)
{
	errno = 0;
	return readdir(d);
}

/*
 * Removes a folder that contains only files. Skips files that cannot be removed.
 * Returns whether the folder existed and was removed.
 */
bool	folder_remove(const char *path);

#endif
