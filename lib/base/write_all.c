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

/* Removes `wrote` bytes from the pieces. */
static void
skip_bytes(struct iovec **v, int *n, size_t wrote)
{
	while (*n > 0 && wrote >= (*v)->iov_len) {
		wrote -= (*v)->iov_len;
		++*v;
		--*n;
	}
	if (*n > 0) {
		(*v)->iov_base = (char *)(*v)->iov_base + wrote;
		(*v)->iov_len -= wrote;
	}
}

bool
write_all_vec(int fd, struct iovec *v, int n)
{
	ssize_t wrote;

	for (skip_bytes(&v, &n, 0); n > 0; skip_bytes(&v, &n, (size_t)wrote)) {
		wrote = writev(fd, v, n);
		if (wrote < 0 && errno == EINTR)
			wrote = 0;
		if (wrote < 0)
			return false;
	}
	return true;
}
