/*
 * payment_dispatcher: the lane of earmark-jobs that speaks to payment providers: it tells
 * them of refunds, and asks them about payments that are pending for long.
 */
#ifndef CMD_JOBS_PAYMENT_DISPATCHER_H
#define CMD_JOBS_PAYMENT_DISPATCHER_H

#include <signal.h>

#include "base/conf.h"
#include "cmd/jobs/message_dispatcher.h"
#include "db/db.h"

/*
 * Tell and ask what is due, one after another, and count it; `stop` is looked
 * at between two. A failure is the database's: where a provider did not answer
 * it is due again later.
 */
enum rc	payment_dispatcher_run(struct db *, const struct conf *,
	    int64_t (*now)(void), const volatile sig_atomic_t *stop,
	    struct message_dispatcher_sum *);

#endif
