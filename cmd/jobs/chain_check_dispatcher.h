/*
 * chain_check_dispatcher: proves the ledger and the audit, what is new each minute and all
 * of it each night, in a process of its own: a long proof holds nothing up.
 */
#ifndef CMD_JOBS_CHAIN_CHECK_DISPATCHER_H
#define CMD_JOBS_CHAIN_CHECK_DISPATCHER_H

#include <signal.h>

#include "cmd/jobs/message_dispatcher.h"

/* What is due; sum->sent is how many proofs were made. */
enum rc	chain_check_dispatcher_run(struct db *, const struct conf *,
	    int64_t (*now)(void), const volatile sig_atomic_t *stop,
	    struct message_dispatcher_sum *);

#endif
