#include <errno.h>
#include <sys/random.h>

#include "base/err.h"
#include "base/random.h"

void
random_bytes(void *p, size_t n)
{
	unsigned char *o = p;

	while (n > 0) {
		ssize_t got = getrandom(o, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			BUG("no random bytes");
		o += got;
		n -= (size_t)got;
	}
}

uint32_t
random_below(uint32_t bound)
{
	uint32_t v, least;

	if (bound == 0)
		BUG("a number below 0");
	/* Reject the low values that would make the remainder uneven. */
	least = (uint32_t)-bound % bound;
	do
		random_bytes(&v, sizeof(v));
	while (v < least);
	return v % bound;
}
