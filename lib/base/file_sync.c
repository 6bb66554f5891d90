#include "base/file_sync.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool
file_sync_close(int fd, bool good)
{
	int saved;

	good = good && fsync(fd) == 0;
	saved = errno;
	if (close(fd) != 0 && good)
		return false;
	errno = saved;
	return good;
}

bool
file_sync_folder(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = fd >= 0 && fsync(fd) == 0;
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
	return good;
}

bool
file_sync_parent(const char *path)
{
	char dir[PATH_MAX];
	char *slash;

	if (snprintf(dir, sizeof(dir), "%s", path) >= (int)sizeof(dir)) {
		errno = ENAMETOOLONG;
		return false;
	}
	slash = strrchr(dir, '/');
	if (slash == NULL)
		return file_sync_folder(".");
	slash[slash == dir] = '\0';
	return file_sync_folder(dir);
}
