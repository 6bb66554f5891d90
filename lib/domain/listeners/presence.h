/*
 * presence: which users are online, and which are on a call.
 *
 * Every user has one row. A user is online until online_until (which the client
 * renews) or reachable_until (a listener whose phone rings in the background),
 * whichever is later. Other users see the presence of active accounts only.
 */
#ifndef DOMAIN_LISTENERS_PRESENCE_H
#define DOMAIN_LISTENERS_PRESENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/common/job.h"

/* presence.status */
enum presence_status { PRESENCE_OFFLINE, PRESENCE_ONLINE, PRESENCE_AWAY };
extern const char *const presence_names[];	/* NULL at the end */

struct presence {
	int64_t user_id;
	enum presence_status status;	/* offline if is_online is false */
	bool is_online, is_busy;
	int64_t last_seen;		/* INT64_MIN: never */
	int64_t until;			/* when is_online ends */
	int64_t busy_since;		/* INT64_MIN: not busy */
};

/*
 * Reads the columns of a row, starting at col0: p.status, p.online_until,
 * p.reachable_until, p.busy_since, p.last_seen. Returns the next column. Does
 * not set user_id.
 */
int	presence_row(struct stmt *, int col0, int64_t now, struct presence *);

/*
 * Loads the presence of a user as another user sees it: if one of them blocked
 * the other, the user is offline and was never seen. Returns RC_NOT_FOUND if
 * the account does not exist or is not active.
 */
enum rc	presence_get(struct db *, int64_t user, int64_t viewer, int64_t now,
	    struct presence *, struct err *);
/*
 * Loads the presence of several users as presence_get() does, in the order of the ids. Unknown ids are
 * skipped.
 */
enum rc	presence_many(struct db *, struct arena *, const int64_t *ids, size_t n,
	    int64_t viewer, int64_t now, struct presence **, size_t *found);

/*
 * Sets the presence of a user until now + ttl (ms). If `reachable` is not
 * INT64_MIN, the user is reachable until that time (Unix time, ms; 0: not
 * reachable). PRESENCE_OFFLINE ends both. If a listener becomes available,
 * marks the listener for availability_alert.h.
 */
enum rc	presence_set(struct db *, int64_t user, enum presence_status,
	    int64_t ttl, int64_t reachable, int64_t now);
/*
 * presence_hold() keeps a user online while a realtime connection is open,
 * without renewal. presence_release() ends that. presence_set() with
 * PRESENCE_OFFLINE ends it too.
 */
#define PRESENCE_HELD	INT64_C(253402300799000)	/* 9999-12-31 */
enum rc	presence_hold(struct db *, int64_t user, int64_t now);
enum rc	presence_release(struct db *, int64_t user, int64_t now);
/*
 * Marks both users of a call or a session as busy since a time, or as free if
 * it is INT64_MIN. If a listener becomes available, marks the listener for
 * availability_alert.h.
 */
enum rc	presence_busy(struct db *, int64_t one, int64_t other, int64_t since,
	    int64_t now);
/*
 * Closes a listener who does not accept calls, or opens the listener again. A
 * closed listener is offline for everybody. Meanwhile the other functions store
 * what the listener set, which is visible again after the opening.
 */
enum rc	presence_close(struct db *, int64_t user, bool closed, int64_t now);
/* Sets a user offline immediately, as for a ban. */
enum rc	presence_end(struct db *, int64_t user);

/*
 * The job that sets users offline whose presence has expired, and notifies the
 * users that see it.
 */
enum rc	presence_lapse_pending(struct job_run *);
enum rc	presence_lapse_run(struct job_run *);

#endif
