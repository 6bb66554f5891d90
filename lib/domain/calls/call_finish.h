/*
 * call_finish: ends a call and notifies its parties: after an action of a
 * party, a deadline, or the end of the paid session.
 */
#ifndef DOMAIN_CALLS_CALL_FINISH_H
#define DOMAIN_CALLS_CALL_FINISH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "db/db.h"

#define CHANNEL_MAX	63

enum call_state {
	CALL_RINGING, CALL_ACCEPTED, CALL_ENDED, CALL_REJECTED, CALL_CANCELLED,
	CALL_MISSED
};
extern const char *const call_state_names[];	/* NULL at the end */

/*
 * Moves a live call to a final state; does nothing if the call is over. at: the
 * time of the end (at least that of the start). by: the user, or 0 for the
 * server. cause: an enum session_cause, or 0. Both parties become free and get
 * an event. If the call was ringing, a push message stops the callee's phone.
 */
enum rc	call_finish(struct db *, int64_t call, enum call_state to,
	    int64_t by, int cause, int64_t at, int64_t now);

/*
 * Sends a push message "call_over" that stops the callee's devices, except for
 * the login session answered_on (0: none). It is valid until `until`. reason: a
 * fixed word, such as "cancelled".
 */
enum rc	call_finish_push(struct db *, int64_t call, int64_t callee,
	    const char *reason, int64_t answered_on, int64_t until,
	    int64_t now);
/* Copies the channel of a call, at most CHANNEL_MAX bytes and NUL. */
enum rc	call_finish_channel(struct db *, int64_t call, char *channel);

#endif
