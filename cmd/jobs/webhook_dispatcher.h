/*
 * webhook_dispatcher: the lane of earmark-jobs that is the sandbox: it sends webhooks as
 * a payment provider does, signed, to the address where the public sends them.
 */
#ifndef CMD_JOBS_WEBHOOK_DISPATCHER_H
#define CMD_JOBS_WEBHOOK_DISPATCHER_H

#include <signal.h>

#include "base/arena.h"
#include "base/conf.h"
#include "cmd/jobs/message_dispatcher.h"
#include "db/db.h"

/*
 * Send what is due, and count it; `stop` is looked at between two. A failure is
 * the database's: what was not taken is due again later.
 */
enum rc	webhook_dispatcher_run(struct db *, const struct conf *,
	    int64_t (*now)(void), const volatile sig_atomic_t *stop,
	    struct message_dispatcher_sum *);

#endif
