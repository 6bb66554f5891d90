/*
 * public_counter: durable counters of a window that clients can observe, by an
 * identifier or a network that they sent.
 *
 * They count whether or not an account has the identifier, so a 429 reveals
 * nothing about accounts. Anybody can create rows, so the table is bounded: the
 * oldest rows are deleted. What must not be forgotten is counted per account
 * with domain/common/throttle.
 *
 * A window begins with its first count and ends `window` ms later. Keys are
 * made by throttle_key().
 */
#ifndef DOMAIN_COMMON_PUBLIC_COUNTER_H
#define DOMAIN_COMMON_PUBLIC_COUNTER_H

#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "db/db.h"

#define PUBLIC_COUNTER_MAX 200000	/* rows */

/*
 * Stores the count at `now` in *n, and in *wait the ms until the window ends
 * (0 if there is none).
 */
enum rc	public_counter_get(struct db *, const char *scope,
	    const struct hash *key, int64_t now, int64_t *n, int64_t *wait);
/* Counts one, and deletes the oldest rows if there are too many. */
enum rc	public_counter_add(struct db *, const char *scope,
	    const struct hash *key, int64_t window, int64_t now);
/* Deletes the counter. */
enum rc	public_counter_clear(struct db *, const char *scope,
	    const struct hash *key);
/*
 * Counts one. If there are `max` already, returns RC_LIMITED with *wait as
 * above and counts nothing.
 */
enum rc	public_counter_take(struct db *, const char *scope,
	    const struct hash *key, int64_t max, int64_t window, int64_t now,
	    int64_t *wait);

#endif
