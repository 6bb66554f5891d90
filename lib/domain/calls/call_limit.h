/*
 * call_limit: limits of unanswered calls, and the reuse of channel names.
 */
#ifndef DOMAIN_CALLS_CALL_LIMIT_H
#define DOMAIN_CALLS_CALL_LIMIT_H

#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"

/*
 * Checks whether a user may ring a listener: at most calls.rings unanswered
 * calls (cancelled, missed or rejected) to the listener in 10 minutes,
 * calls.rings_hour in an hour, and calls.rings_total to all listeners in an
 * hour. A call that the listener accepted resets the first two. An availability
 * alert about the listener allows one more call than these two. Returns
 * RC_LIMITED ring_limited with err->retry_after.
 */
enum rc	call_limit_check(struct db *, const struct conf *, int64_t caller,
	    int64_t callee, int64_t now, struct err *);
/*
 * Returns whether a new session without a call is announced to the listener by a
 * push message. After calls.rings sessions of the two users in 10 minutes, or
 * calls.rings_hour in an hour, that ended before the listener came, it is not:
 * repeated sessions could be used to harass.
 */
enum rc	call_limit_push(struct db *, const struct conf *, int64_t customer,
	    int64_t listener, int64_t now, bool *push);
/*
 * Makes a channel name available for a call of two users. The users of the last
 * call of the channel may reuse it after that call. Others must wait until its
 * media credentials have expired: RC_CONFLICT channel_taken. So is the channel of
 * a live session without a call.
 */
enum rc	call_limit_channel(struct db *, const char *channel, int64_t caller,
	    int64_t callee, int64_t now, struct err *);

#endif
