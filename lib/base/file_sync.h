/*
 * file_sync: makes files and their names durable.
 *
 * fsync(2) of a file writes its content. Its name is in the folder: a file that
 * was created, renamed or linked can be missing after a power failure until the
 * folder was synced too. The same is true for a folder and its parent.
 */
#ifndef BASE_FILE_SYNC_H
#define BASE_FILE_SYNC_H

#include <stdbool.h>

/*
 * Syncs an open file if `good`, and closes it. Returns whether both succeeded
 * and the file was good. errno is that of the first failure, which can be the
 * caller's.
 */
bool	file_sync_close(int fd, bool good);
/* Syncs a folder. Returns false with errno on failure. */
bool	file_sync_folder(const char *dir);
/*
 * Syncs the folder that contains `path`, which may be a file or a folder
 * without a slash at its end. Returns false with errno on failure.
 */
bool	file_sync_parent(const char *path);

#endif
