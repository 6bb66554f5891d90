/*
 * key_dispatcher: the process of earmark-jobs that fetches the public keys of
 * OpenID providers (domain/accounts/oidc_key.h).
 */
#ifndef CMD_JOBS_KEY_DISPATCHER_H
#define CMD_JOBS_KEY_DISPATCHER_H

#include <signal.h>
#include <stdbool.h>

#include "base/conf.h"
#include "cmd/jobs/message_dispatcher.h"
#include "db/db.h"

/* Returns false, and sets *why, if a jwks_url is not allowed. */
bool	key_dispatcher_start(const struct conf *, const char **why);
/*
 * Fetches the keys that are due, of all providers at the same time, also those
 * that become due meanwhile, and counts the requests. A provider has
 * KEY_DISPATCHER_TIMEOUT ms to respond. Returns database errors only.
 */
#define KEY_DISPATCHER_TIMEOUT	5000
enum rc	key_dispatcher_run(struct db *, const struct conf *,
	    int64_t (*now)(void), const volatile sig_atomic_t *stop,
	    struct message_dispatcher_sum *);

#endif
