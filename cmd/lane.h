/*
 * lane: one kind of message (SMS, e-mail, push) on its way out. Each lane of
 * earmark-jobs is a process of its own, so a provider that hangs holds up
 * nothing but its own messages.
 */
#ifndef CMD_LANE_H
#define CMD_LANE_H

#include <signal.h>

#include "base/conf.h"
#include "dom/delivery.h"

struct lane_sum {
	int64_t sent, failed, given_up;
};

/*
 * Deliver one batch. *more: there may be another one due. A failure is the
 * database's; messages that could not be delivered are not one, they are due
 * again later.
 */
enum rc	lane_batch(struct db *, const struct conf *, int lane, int64_t now,
	    struct lane_sum *, bool *more);
/* Batches until nothing is due; `stop` is looked at between them. */
enum rc	lane_empty(struct db *, const struct conf *, int lane,
	    int64_t (*now)(void), const volatile sig_atomic_t *stop, struct lane_sum *);

#endif
