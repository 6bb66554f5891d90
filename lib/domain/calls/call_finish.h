/*
 * call_finish: the end of a call's row, whoever brings it about: a party's step, a
 * deadline, or the end of its paid session.
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
 * Move a live call to a last state at a time (never before it began); nothing
 * happens to one that is over. by: whose step, 0: the server's; cause: of the
 * server's, an enum session_cause or 0. Both are free then, and told; a phone
 * that rings is told to stop.
 */
enum rc	call_finish(struct db *, int64_t call, enum call_state to,
	    int64_t by, int cause, int64_t at, int64_t now);

/*
 * A push message to the callee's devices about a ring: template
 * "call_incoming" while it rings, "call_over" to take it back. Good until
 * `until`.
 */
enum rc	call_finish_push(struct db *, int64_t call, int64_t callee,
	    const char *template, const char *name, int64_t until,
	    int64_t now);
/* The channel of a call, at most CHANNEL_MAX bytes and NUL. */
enum rc	call_finish_channel(struct db *, int64_t call, char *channel);

#endif
