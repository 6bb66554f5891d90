/*
 * message_dispatcher: one kind of message (SMS, e-mail, push) on its way out. Each lane of
 * earmark-jobs is a process of its own, so a provider that hangs holds up
 * nothing but its own messages; and has several of them on their way at once,
 * so that one which hangs holds up none of the others.
 */
#ifndef CMD_JOBS_MESSAGE_DISPATCHER_H
#define CMD_JOBS_MESSAGE_DISPATCHER_H

#include <signal.h>

#include "base/conf.h"
#include "domain/messaging/delivery.h"

struct message_dispatcher_sum {
	int64_t sent, failed, given_up;
};

struct message_dispatcher;
struct message_dispatcher	*message_dispatcher_new(struct db *,
	    const struct conf *, int kind);
void		 message_dispatcher_free(struct message_dispatcher *);
/*
 * Deliver until nothing is due, or its provider is down; new ones are looked
 * for when there is something to read at fd (-1: none), which is read. When
 * `stop` is set what is on its way gets a little time, the rest stays. A
 * failure is the database's; messages that could not be delivered are not one,
 * they are due again later.
 */
enum rc		 message_dispatcher_run(struct message_dispatcher *,
		    int64_t (*now)(void), int fd,
		    const volatile sig_atomic_t *stop,
		    struct message_dispatcher_sum *);

#endif
