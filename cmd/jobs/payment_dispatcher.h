/*
 * payment_dispatcher: the process of earmark-jobs that calls payment providers.
 * It requests refunds and queries payments that are pending for long.
 */
#ifndef CMD_JOBS_PAYMENT_DISPATCHER_H
#define CMD_JOBS_PAYMENT_DISPATCHER_H

#include <signal.h>

#include "base/conf.h"
#include "cmd/jobs/message_dispatcher.h"
#include "db/db.h"

/*
 * Requests refunds and queries payments that are due, one after the other, and
 * counts them. Checks `stop` before each one. Returns database errors only. If
 * a provider does not respond, the task is retried later.
 */
enum rc	payment_dispatcher_run(struct db *, const struct conf *,
	    int64_t (*now)(void), const volatile sig_atomic_t *stop,
	    struct message_dispatcher_sum *);

#endif
