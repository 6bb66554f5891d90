/*
 * delivery: the outbox from the side that empties it.
 *
 * A lane claims a batch by a lease, hands it to the world, and says what
 * became of each message. Who dies in between loses the lease after a while
 * and the batch is delivered again: at least once. What has expired by the
 * time of a claim is given up, not delivered. A message that went out keeps
 * neither address, code nor text, and no code outlives its message; one that
 * was given up keeps the rest for a week, so that an administrator can send it
 * again (outbox_retry()).
 */
#ifndef DOMAIN_MESSAGING_DELIVERY_H
#define DOMAIN_MESSAGING_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "db/db.h"

#define DELIVERY_CHANNELS	3

struct delivery {
	int64_t id, user;		/* user 0: nobody's */
	const char *recipient;		/* NULL: the user's devices */
	const char *template, *code, *title, *body, *data;
	int64_t attempts;		/* this one included */
	int64_t expires_at;
};

/* "sms", "email", "push" of an enum outbox_channel. */
const char	*delivery_channel(int lane);
/* Is there anything to claim? In a read transaction. */
enum rc		 delivery_due(struct db *, int lane, int64_t now, bool *any);
/*
 * At most max messages in the order they are due, the urgent ones first, *n of
 * them, leased for `lease` ms, in the arena. *given_up: messages that had expired.
 */
enum rc		 delivery_claim(struct db *, struct arena *, int lane,
		    int64_t now, int64_t lease, size_t max,
		    struct delivery **, size_t *n, int64_t *given_up);
/* It was delivered. */
enum rc		 delivery_done(struct db *, const struct delivery *,
		    int64_t now);
/*
 * It was not: again after 2, 4, 8 s and so on, and not before `after` ms; given
 * up where it will have expired by then.
 */
enum rc		 delivery_failed(struct db *, const struct delivery *,
		    const char *why, int64_t after, int64_t now);
/* It never will be. */
enum rc		 delivery_dead(struct db *, const struct delivery *,
		    const char *why, int64_t now);
/* Put one for each of the user's devices in its place. */
enum rc		 delivery_spread(struct db *, const struct delivery *,
		    int64_t now);
/* How many wait, and since when the first is due (INT64_MIN: none). */
enum rc		 delivery_waiting(struct db *, int lane, int64_t *n,
		    int64_t *since);

#endif
