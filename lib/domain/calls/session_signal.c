/* session_signal: signaling of sessions without a call. */
#include <inttypes.h>

#include "base/clock.h"
#include "base/refusal.h"
#include "domain/calls/session.h"
#include "domain/common/event.h"
#include "domain/common/throttle.h"

#define SIGNALS_MAX	200		/* of a party per minute */

enum rc
session_signal(struct db *db, struct arena *arena, const struct conf *conf,
    int64_t id, int64_t user, int64_t device, const char *type,
    const char *data, int64_t now, struct err *err)
{
	struct hash key;
	struct session s;
	int64_t wait;
	enum rc rc;

	rc = session_touch(db, id, user, device, SESSION_PROOF_REQUEST, 0, now,
	    &s, err);
	if (rc != RC_OK)
		return rc;
	key = throttle_key(conf, "signal", arena_fmt(arena,
	    "%" PRId64 ":%" PRId64, id, user));
	rc = throttle_take(db, "signal", &key, SIGNALS_MAX, MINUTE, now,
	    &wait);
	if (rc == RC_LIMITED) {
		refusal_count(REFUSED_SIGNAL);
		err->retry_after = (int)(wait / SECOND) + 1;
		return err_set(err, RC_LIMITED, NULL, NULL);
	}
	return rc != RC_OK ? rc : event_add_object(db, user == s.customer ?
	    s.listener : s.customer, EVENT_CALL_SIGNAL, now,
	    JSON_OBJECT(JSON_INT("session_id", id), JSON_INT("from", user),
	    JSON_STR("type", type), JSON_RAW("data", data)));
}
