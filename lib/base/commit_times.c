#include "base/commit_times.h"

#include <stdatomic.h>

#include "base/shared_map.h"

#define SIZE	8192

static struct ring {
	_Atomic uint64_t count;		/* entries added since the start */
	struct {
		_Atomic int64_t frames, at;
	} entry[SIZE];
} *ring;

bool
commit_times_open(const struct conf *conf)
{
	if (ring == NULL && conf_archives(conf))
		ring = shared_map_open(conf->run_dir, "commits",
		    "earmark commit1", sizeof(*ring), NULL);
	return ring != NULL || !conf_archives(conf);
}

void
commit_times_add(int64_t frames, int64_t now)
{
	uint64_t n;

	if (ring == NULL)
		return;
	n = atomic_load_explicit(&ring->count, memory_order_relaxed);
	atomic_store_explicit(&ring->entry[n % SIZE].frames, frames,
	    memory_order_relaxed);
	atomic_store_explicit(&ring->entry[n % SIZE].at, now,
	    memory_order_relaxed);
	atomic_store_explicit(&ring->count, n + 1, memory_order_release);
}

size_t
commit_times_read(uint64_t *next, struct commit_time *out, size_t n)
{
	uint64_t count;
	size_t got = 0;

	if (ring == NULL)
		return 0;
	count = atomic_load_explicit(&ring->count, memory_order_acquire);
	/* The next addition may overwrite the oldest entry at this moment. */
	if (*next > count || count - *next >= SIZE)
		*next = count < SIZE ? 0 : count - SIZE + 1;
	for (; got < n && *next < count; got++, ++*next) {
		out[got].frames = atomic_load_explicit(
		    &ring->entry[*next % SIZE].frames, memory_order_relaxed);
		out[got].at = atomic_load_explicit(
		    &ring->entry[*next % SIZE].at, memory_order_relaxed);
	}
	return got;
}
