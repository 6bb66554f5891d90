/*
 * media_dispatcher: the process of earmark-jobs that bans users from the media
 * channels of calls that have ended, and deletes such bans.
 */
#ifndef CMD_JOBS_MEDIA_DISPATCHER_H
#define CMD_JOBS_MEDIA_DISPATCHER_H

#include <signal.h>

#include "base/conf.h"
#include "cmd/jobs/message_dispatcher.h"
#include "db/db.h"

/*
 * Sends the bans that are due to Agora, one after the other, and counts them.
 * Checks `stop` before each one. Returns database errors only. If Agora does
 * not confirm a ban, it is retried until the credentials of the call expire.
 */
enum rc	media_dispatcher_run(struct db *, const struct conf *,
	    int64_t (*now)(void), const volatile sig_atomic_t *stop,
	    struct message_dispatcher_sum *);

#endif
