/*
 * chain_check_dispatcher: verifies the hash chains of the ledger and the audit
 * log. Each minute it verifies new rows, and each night all rows. It runs in
 * its own process, so that a long check does not delay other jobs.
 */
#ifndef CMD_JOBS_CHAIN_CHECK_DISPATCHER_H
#define CMD_JOBS_CHAIN_CHECK_DISPATCHER_H

#include <signal.h>

#include "cmd/jobs/message_dispatcher.h"

/* Runs the checks that are due. sum->sent is the number of checks. */
enum rc	chain_check_dispatcher_run(struct db *, const struct conf *,
	    int64_t (*now)(void), const volatile sig_atomic_t *stop,
	    struct message_dispatcher_sum *);

#endif
