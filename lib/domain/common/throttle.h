/*
 * throttle: persistent counters per time window, for failed passwords, sent
 * codes and failed codes. They survive a restart, unlike base/ratelimit. They
 * store no personal data: the key is a keyed hash.
 *
 * A window begins with its first count and ends `window` ms later.
 */
#ifndef DOMAIN_COMMON_THROTTLE_H
#define DOMAIN_COMMON_THROTTLE_H

#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/hash.h"
#include "db/db.h"

/*
 * Returns the key of a name ("alice", "+91") in a scope ("login", "otp_send",
 * ...).
 */
struct hash	throttle_key(const struct conf *, const char *scope,
		    const char *name);
/*
 * Returns the count of the window at `now` in *n. *wait is the time until the
 * window ends, at least 1 ms. If no window is running, it is 0.
 */
enum rc		throttle_get(struct db *, const char *scope,
		    const struct hash *key, int64_t now, int64_t *n,
		    int64_t *wait);
/* Counts one. */
enum rc		throttle_add(struct db *, const char *scope,
		    const struct hash *key, int64_t window, int64_t now);
/* Counts one; the window ends `window` ms after this count. */
enum rc		throttle_extend(struct db *, const char *scope,
		    const struct hash *key, int64_t window, int64_t now);
/* Deletes the window. */
enum rc		throttle_clear(struct db *, const char *scope,
		    const struct hash *key);
/*
 * Counts one. If the count has reached `max`, counts nothing and returns
 * RC_LIMITED with *wait as above.
 */
enum rc		throttle_take(struct db *, const char *scope,
		    const struct hash *key, int64_t max, int64_t window,
		    int64_t now, int64_t *wait);
/*
 * As throttle_take(), for what a user sends to support. If it returns
 * RC_LIMITED, the retry_after of err is set.
 */
enum rc		throttle_user(struct db *, const struct conf *,
		    const char *scope, int64_t user, int64_t max,
		    int64_t window, int64_t now, struct err *);
/* Converts a wait in ms to whole seconds for Retry-After, at least 1. */
int		throttle_seconds(int64_t wait);

#endif
