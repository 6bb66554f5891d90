/*
 * webhook_dispatcher: the sandbox process of earmark-jobs. It sends signed
 * webhooks, like a payment provider, to the public URL.
 */
#ifndef CMD_JOBS_WEBHOOK_DISPATCHER_H
#define CMD_JOBS_WEBHOOK_DISPATCHER_H

#include <signal.h>

#include "base/arena.h"
#include "base/conf.h"
#include "cmd/jobs/message_dispatcher.h"
#include "db/db.h"

/*
 * Sends webhooks that are due and counts them. Checks `stop` before each one.
 * Returns database errors only. Webhooks that were not accepted are retried
 * later.
 */
enum rc	webhook_dispatcher_run(struct db *, const struct conf *,
	    int64_t (*now)(void), const volatile sig_atomic_t *stop,
	    struct message_dispatcher_sum *);

#endif
