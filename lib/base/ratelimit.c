#include "base/ratelimit.h"

#include <stdatomic.h>
#include <stddef.h>

#include "base/log.h"
#include "base/metric.h"
#include "base/shared_map.h"
#include "base/str.h"

#define BUCKETS	65536
#define WINDOW	(INT64_C(60) * 1000000)		/* one minute in µs */

/*
 * Each word is the time in µs at which the bucket is full again. It is at most
 * one window after now.
 */
static _Atomic int64_t *bucket;
static struct hash secret;

bool
ratelimit_open(const char *dir, const struct hash *key)
{
	secret = *key;
	if (bucket == NULL)
		bucket = shared_map_open(dir, "limits", "earmark limit1",
		    BUCKETS * sizeof(*bucket), NULL);
	return bucket != NULL;
}

static _Atomic int64_t *
bucket_of(enum ratelimit_class class, int64_t key)
{
	int64_t what[2] = { class, key };
	struct hash h = hash_hmac(secret.b, sizeof(secret.b), what,
	    sizeof(what));
	uint16_t i;

	memcpy(&i, h.b, sizeof(i));
	return &bucket[i % BUCKETS];
}

int
ratelimit_take(enum ratelimit_class class, int64_t key, int64_t rate,
    int64_t now, int64_t *left)
{
	_Atomic int64_t *b;
	int64_t us = now * 1000, step, full, seen, next;

	*left = rate;
	if (rate <= 0 || bucket == NULL)
		return 0;
	step = WINDOW / rate > 0 ? WINDOW / rate : 1;
	full = step * rate;
	b = bucket_of(class, key);
	seen = atomic_load(b);
	do {
		/*
		 * If the time is more than a window ahead (plus rounding), the
		 * clock was set back or the rate was changed. Start with a full
		 * bucket.
		 */
		next = seen < us || seen > us + full + WINDOW ? us : seen;
		next += step;
		if (next > us + full) {
			*left = 0;
			return (int)((next - us - full + 999999) / 1000000);
		}
	} while (!atomic_compare_exchange_weak(b, &seen, next));
	*left = (us + full - next) / step;
	return 0;
}
