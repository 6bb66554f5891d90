#include "base/temp_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"

/* For file systems without O_TMPFILE. */
static int
unlinked_file(const char *dir)
{
	char name[4096];
	int fd;

	snprintf(name, sizeof(name), "%s/XXXXXX", dir);
	fd = mkostemp(name, O_CLOEXEC);
	if (fd >= 0)
		unlink(name);
	return fd;
}

int
temp_file_open(const char *dir)
{
	int fd;

	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return -1;
	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
		fd = unlinked_file(dir);
	return fd;
}
