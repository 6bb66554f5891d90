/*
 * public_counter: persistent counters per time window, by an identifier or a
 * network that a client sent. Clients can observe them.
 *
 * The counters do not depend on whether an account with the identifier exists,
 * so a 429 reveals nothing about accounts. Any client can create rows. So the
 * table is bounded, and the oldest rows are deleted. Counts that must not be
 * lost are kept per account with domain/common/throttle.
 *
 * A window begins with its first count and ends `window` ms later.
 * throttle_key() computes the keys.
 */
#ifndef DOMAIN_COMMON_PUBLIC_COUNTER_H
#define DOMAIN_COMMON_PUBLIC_COUNTER_H

#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "db/db.h"

#define PUBLIC_COUNTER_MAX 200000	/* rows */

/*
 * Returns the count at `now` in *n. *wait is the time until the window ends, in
 * ms. If no window is running, it is 0.
 */
enum rc	public_counter_get(struct db *, const char *scope,
	    const struct hash *key, int64_t now, int64_t *n, int64_t *wait);
/*
 * Counts one, and deletes the oldest rows if there are more than the maximum.
 */
enum rc	public_counter_add(struct db *, const char *scope,
	    const struct hash *key, int64_t window, int64_t now);
/* Deletes the counter. */
enum rc	public_counter_clear(struct db *, const char *scope,
	    const struct hash *key);
/*
 * Counts one. If the count has reached `max`, counts nothing and returns
 * RC_LIMITED with *wait as above.
 */
enum rc	public_counter_take(struct db *, const char *scope,
	    const struct hash *key, int64_t max, int64_t window, int64_t now,
	    int64_t *wait);

#endif
