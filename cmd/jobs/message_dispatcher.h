/*
 * message_dispatcher: sends the messages of one queue (SMS, e-mail, push by FCM,
 * push by APNs). Each has its own process, so a slow provider delays only its
 * own messages. A process has several requests in progress, so a slow request does
 * not delay the others.
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
	    const struct conf *, struct delivery_queue);
void		 message_dispatcher_free(struct message_dispatcher *);
/*
 * Releases the messages that an earlier process of this queue had claimed. The
 * first process starts one process for each queue, so they are not being sent.
 * Only after SIGKILL to the first process may a child still end its requests;
 * those messages may be sent twice.
 */
enum rc		 message_dispatcher_resume(struct message_dispatcher *);
/*
 * Sends messages until none is due or the provider is unavailable. Checks for
 * new messages when fd becomes readable, and reads it (-1: no descriptor). If
 * `stop` is set, running requests get a short time and other messages remain
 * due. Returns database errors only. Messages that could not be sent are
 * retried later and are not errors.
 */
enum rc		 message_dispatcher_run(struct message_dispatcher *,
		    int64_t (*now)(void), int fd,
		    const volatile sig_atomic_t *stop,
		    struct message_dispatcher_sum *);

#endif
