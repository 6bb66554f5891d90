#include "base/ratelimit.h"

#include <stdatomic.h>
#include <stddef.h>

#include "base/log.h"
#include "base/metric.h"
#include "base/shared_map.h"
#include "base/str.h"

#define BUCKETS	65536
#define WAYS	8			/* buckets that a key may be in */
#define WINDOW	(INT64_C(60) * 1000000)		/* a minute, µs */
#define TIME	((UINT64_C(1) << 52) - 1)

/*
 * Each word has a tag of its key in the upper 12 bits. Below is a time in µs:
 * when the bucket will be empty of what was taken. It is at most two windows
 * ahead of now.
 */
static _Atomic uint64_t *bucket;
static struct hash secret;

bool
ratelimit_open(const char *dir, const struct hash *key)
{
	secret = *key;
	if (bucket == NULL)
		bucket = shared_map_open(dir, "limits", "earmark limit2",
		    BUCKETS * sizeof(*bucket), NULL);
	return bucket != NULL;
}

/* Finds the first bucket that the key may be in, and its tag. */
static _Atomic uint64_t *
buckets_of(enum ratelimit_class class, int64_t key, uint64_t *tag)
{
	int64_t what[2] = { class, key };
	struct hash h = hash_hmac(secret.b, sizeof(secret.b), what,
	    sizeof(what));
	uint16_t at[2];

	memcpy(at, h.b, sizeof(at));
	*tag = (uint64_t)at[1] << 52;
	return &bucket[at[0] % (BUCKETS / WAYS) * WAYS];
}

/*
 * Finds the key's bucket and stores its word in *seen. If there is none, it is
 * the bucket that is empty first, and *seen is its word.
 */
static _Atomic uint64_t *
find_bucket(_Atomic uint64_t *set, uint64_t tag, uint64_t *seen)
{
	_Atomic uint64_t *found = NULL;
	uint64_t word;
	size_t i;

	for (i = 0; i < WAYS; i++) {
		word = atomic_load(&set[i]);
		if (found == NULL || (word & TIME) < (*seen & TIME) ||
		    (word & ~TIME) == tag) {
			found = &set[i];
			*seen = word;
		}
		if ((word & ~TIME) == tag)
			break;
	}
	return found;
}

/*
 * Takes n tokens. If there are fewer, takes none and returns the wait in s;
 * `debt`: takes them nevertheless, up to one window's worth more.
 */
static int
take_tokens(enum ratelimit_class class, int64_t key, int64_t rate, int64_t n,
    bool debt, int64_t now, int64_t *left)
{
	_Atomic uint64_t *b, *set;
	int64_t us = now * 1000, step, full, next;
	uint64_t seen, tag;

	*left = rate;
	if (rate <= 0 || bucket == NULL)
		return 0;
	step = WINDOW / rate > 0 ? WINDOW / rate : 1;
	full = step * rate;
	set = buckets_of(class, key, &tag);
	do {
		b = find_bucket(set, tag, &seen);
		next = (seen & ~TIME) == tag ? (int64_t)(seen & TIME) : 0;
		/*
		 * If the time is farther ahead (rounding included), the clock
		 * was set back or the rate was changed: start again.
		 */
		if (next < us || next > us + full + WINDOW)
			next = us;
		next += n < 2 * rate ? n * step : 2 * full;
		if (debt && next > us + full + WINDOW)
			next = us + full + WINDOW;
		if (!debt && next > us + full) {
			*left = 0;
			return (int)((next - us - full + 999999) / 1000000);
		}
	} while (!atomic_compare_exchange_weak(b, &seen,
	    tag | (uint64_t)next));
	*left = next < us + full ? (us + full - next) / step : 0;
	return 0;
}

int
ratelimit_take(enum ratelimit_class class, int64_t key, int64_t rate,
    int64_t now, int64_t *left)
{
	return take_tokens(class, key, rate, 1, false, now, left);
}

int
ratelimit_wait(enum ratelimit_class class, int64_t key, int64_t rate,
    int64_t now)
{
	int64_t left;

	return take_tokens(class, key, rate, 0, false, now, &left);
}

void
ratelimit_charge(enum ratelimit_class class, int64_t key, int64_t rate,
    int64_t n, int64_t now)
{
	int64_t left;

	take_tokens(class, key, rate, n, true, now, &left);
}
