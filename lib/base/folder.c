#include "base/folder.h"

#include <unistd.h>

#include "base/str.h"

bool
folder_remove(const char *path)
{
	struct dirent *e;
	DIR *d = opendir(path);

	if (d == NULL)
		return false;
	while ((e = readdir(d)) != NULL)
		if (!str_eq(e->d_name, ".") && !str_eq(e->d_name, ".."))
			(void)unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	return rmdir(path) == 0;
}
