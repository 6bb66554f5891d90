/*
 * throttle: durable counters of a window: wrong passwords, codes sent, codes
 * guessed. They survive a restart, unlike base/ratelimit, and hold no personal
 * data: the key is a keyed hash.
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

/* The key of a name ("alice", "+91") in a scope ("login", "otp_send", ...). */
struct hash	throttle_key(const struct conf *, const char *scope,
		    const char *name);
/*
 * How much the window holds at `now`; *wait is the ms until it ends, at least
 * 1 while it runs and 0 where none does.
 */
enum rc		throttle_get(struct db *, const char *scope,
		    const struct hash *key, int64_t now, int64_t *n,
		    int64_t *wait);
/* Count one. */
enum rc		throttle_add(struct db *, const char *scope,
		    const struct hash *key, int64_t window, int64_t now);
/* Counts one; the window ends `window` ms after this count. */
enum rc		throttle_extend(struct db *, const char *scope,
		    const struct hash *key, int64_t window, int64_t now);
/* Forget the window. */
enum rc		throttle_clear(struct db *, const char *scope,
		    const struct hash *key);
/*
 * Count one, unless there are max already: RC_LIMITED then, *wait as above.
 */
enum rc		throttle_take(struct db *, const char *scope,
		    const struct hash *key, int64_t max, int64_t window,
		    int64_t now, int64_t *wait);
/*
 * The same for what a user writes to support: RC_LIMITED says when to come again.
 */
enum rc		throttle_user(struct db *, const struct conf *,
		    const char *scope, int64_t user, int64_t max,
		    int64_t window, int64_t now, struct err *);
/* Whole seconds for Retry-After, at least 1. */
int		throttle_seconds(int64_t wait);

#endif
