#include "base/folder.h"

#include <string.h>
#include <unistd.h>

bool
folder_remove(const char *path)
{
	struct dirent *e;
	DIR *d = opendir(path);

	if (d == NULL)
		return false;
	while ((e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			(void)unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	return rmdir(path) == 0;
}
