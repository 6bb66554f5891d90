/*
 * ratelimit: rate limits per account, shared by all processes.
 *
 * A mapped table of 65,536 words, each the theoretical arrival time of one
 * bucket (GCRA, the generic cell rate algorithm), advanced with one compare
 * and exchange. A keyed hash of (class, key) chooses eight words and a tag of
 * 12 bits. A key uses the word with its tag, else the one that is empty first.
 * So two accounts share a bucket only by rare chance. Not durable, by intent;
 * what must survive a restart (login, one-time codes) is kept in the database.
 */
#ifndef BASE_RATELIMIT_H
#define BASE_RATELIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"

enum ratelimit_class {
	RATELIMIT_WRITE, RATELIMIT_SEARCH,
	RATELIMIT_LARGE,		/* pieces of large responses */
	RATELIMIT_PICTURE,		/* ms of decoders */
	RATELIMIT_MAX
};

/* Maps DIR/limits. Returns false, after a log entry, if that fails. */
bool	ratelimit_open(const char *dir, const struct hash *key);
/*
 * Takes one of `rate` tokens per minute for key, at the time now in ms. A
 * bucket holds at most `rate` tokens. Returns 0 if the request is allowed,
 * otherwise the seconds until it will be. *left is the number of remaining
 * tokens. Rate 0 allows everything.
 */
int	ratelimit_take(enum ratelimit_class, int64_t key, int64_t rate,
	    int64_t now, int64_t *left);
/*
 * Returns 0 if the key has no debt of ratelimit_charge(), otherwise the seconds
 * until it has none. Takes nothing.
 */
int	ratelimit_wait(enum ratelimit_class, int64_t key, int64_t rate,
	    int64_t now);
/*
 * Takes n tokens that were used already, also if there are fewer. Afterwards
 * there is one again after at most another minute.
 */
void	ratelimit_charge(enum ratelimit_class, int64_t key, int64_t rate,
	    int64_t n, int64_t now);

#endif
