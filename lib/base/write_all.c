#include "base/write_all.h"

#include <errno.h>
#include <unistd.h>

bool
write_all(int fd, const void *bytes, size_t n)
{
	const char *p = bytes;
	ssize_t wrote;

	while (n > 0) {
		wrote = write(fd, p, n);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return false;
		p += wrote;
		n -= (size_t)wrote;
	}
	return true;
}
