/*
 * delivery: the consumer side of the outbox.
 *
 * A dispatcher claims a batch of messages with a lease, sends them, and stores
 * the result of each. If it dies, the next dispatcher of the queue ends the lease
 * and sends the batch again (at least once). If a message has expired when it is
 * claimed, it fails.
 *
 * A sent message keeps no address, code or text. No code remains after its
 * message is finished. A failed message without a code keeps its address and
 * text for a week, so that an administrator can retry it (outbox_retry()).
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
	int64_t id, user;		/* user 0: no user */
	const char *recipient;		/* NULL: the user's devices */
	const char *template, *code, *title, *body, *data;
	bool urgent;
	int64_t attempts;		/* including this one */
	int64_t expires_at, created_at;
	int channel;			/* enum outbox_channel */
};

/*
 * The messages of one channel that one provider sends. A push message for all
 * devices of a user belongs to the queue of FCM.
 */
struct delivery_queue {
	int channel;			/* enum outbox_channel */
	bool apns;
};

/* Returns the name of an enum outbox_channel: "sms", "email" or "push". */
const char	*delivery_channel(int channel);
/*
 * Returns in *any whether there is a message to claim, or an urgent one. Must
 * run in a read transaction.
 */
enum rc		 delivery_due(struct db *, const struct delivery_queue *,
		    bool only_urgent, int64_t now, bool *any);
/*
 * Claims at most `max` messages for `lease` ms, either urgent ones or others, in
 * the order that they are due. *n is their number; the list is in the arena.
 * Their texts are encrypted. Adds the number of messages that had expired to
 * *dead.
 */
enum rc		 delivery_claim(struct db *, struct arena *,
		    const struct delivery_queue *, bool urgent, int64_t now,
		    int64_t lease, size_t max, struct delivery **, size_t *n,
		    int64_t *dead);
/*
 * Decrypts the texts of a claimed message into the arena; best after the commit
 * of the claim, because it takes a while. Returns false if one was encrypted
 * with another key.
 */
bool		 delivery_open(struct arena *, struct delivery *);
/*
 * Ends the leases of a dispatcher that no longer runs, so that its messages are
 * due again at once. Opens a write transaction.
 */
enum rc		 delivery_release(struct db *, const struct delivery_queue *);
/* Marks n messages as sent, by id. */
enum rc		 delivery_done(struct db *, struct arena *, const int64_t *ids,
		    size_t n, int64_t now);
/*
 * Retries a message after 2, 4, 8 s and so on, at most 10 minutes (e-mail: 30),
 * but not before `after` ms. A message about a ringing call is retried after
 * 0.5, 1, 2 s and so on. If the message expires before that, it fails, the
 * stored error begins with "expired", and *expired is set.
 */
enum rc		 delivery_failed(struct db *, const struct delivery *,
		    const char *error, int64_t after, int64_t now,
		    bool *expired);
/* Marks a message as permanently failed. */
enum rc		 delivery_dead(struct db *, const struct delivery *,
		    const char *error, int64_t now);
/*
 * Replaces a push message by one message for each device of the user that
 * receives it, and wakes the processes that send them.
 */
enum rc		 delivery_spread(struct db *, const struct delivery *,
		    int64_t now);
/*
 * Returns the number of pending messages and the time when the first is due
 * (INT64_MIN: none).
 */
enum rc		 delivery_waiting(struct db *, int channel, int64_t *n,
		    int64_t *since);

#endif
