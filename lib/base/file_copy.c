#include "base/file_copy.h"

#include <errno.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/write_all.h"

#define BLOCK	((size_t)256 * 1024)

int64_t
file_copy(int from, int to, struct hashing *h)
{
	static char block[BLOCK];
	int64_t total = 0;
	ssize_t n;

	while ((n = read(from, block, sizeof(block))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || (to >= 0 && !write_all(to, block, (size_t)n)))
			return -1;
		if (h != NULL)
			hash_more(h, block, (size_t)n);
		total += n;
	}
	return total;
}
