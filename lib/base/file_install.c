#include "base/file_install.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_sync.h"
#include "base/write_all.h"

bool
file_install_begin(struct file_install *f, int dir, const char *name,
    mode_t mode)
{
	const char *slash = strrchr(name, '/');
	int folder = slash == NULL ? 0 : (int)(slash + 1 - name);

	f->fd = -1;
	f->dir = dir;
	f->name = name;
	if (snprintf(f->part, sizeof(f->part), "%.*s.%s.part", folder, name,
	    name + folder) >= (int)sizeof(f->part)) {
		errno = ENAMETOOLONG;
		return false;
	}
	if (unlinkat(dir, f->part, 0) != 0 && errno != ENOENT)
		return false;
	f->fd = openat(dir, f->part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	if (f->fd < 0)
		return false;
	return fchmod(f->fd, mode) == 0 || file_install_end(f, false);
}

bool
file_install_end(struct file_install *f, bool good)
{
	int saved;

	if (f->fd < 0)
		return false;
	good = file_sync_close(f->fd, good) &&
	    renameat(f->dir, f->part, f->dir, f->name) == 0;
	f->fd = -1;
	if (good)
		return true;
	saved = errno;
	(void)unlinkat(f->dir, f->part, 0);
	errno = saved;
	return false;
}

bool
file_install_bytes(int dir, const char *name, mode_t mode, const void *bytes,
    size_t n)
{
	struct file_install f;

	return file_install_begin(&f, dir, name, mode) &&
	    file_install_end(&f, write_all(f.fd, bytes, n));
}
