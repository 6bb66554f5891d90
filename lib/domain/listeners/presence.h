/*
 * presence: who is here, and who is on a call.
 *
 * Every user has one row. Being online is a promise with an end: it lasts
 * until online_until (renewed by the client) or reachable_until (a listener
 * whose phone rings in the background), whichever is later. Only accounts that
 * are active have a presence to others.
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
	enum presence_status status;	/* offline as soon as not online */
	bool is_online, is_busy;
	int64_t last_seen;		/* INT64_MIN: never */
	int64_t until;			/* end of being online, where it is */
	int64_t busy_since;		/* INT64_MIN: not busy */
};

/*
 * Read a row's columns from col0 on: p.status, p.online_until,
 * p.reachable_until, p.busy_since, p.last_seen. Returns the column behind
 * them. user_id is left alone.
 */
int	presence_row(struct stmt *, int col0, int64_t now, struct presence *);

/* Of one user; RC_NOT_FOUND: no such active account. */
enum rc	presence_get(struct db *, int64_t user, int64_t now, struct presence *,
	    struct err *);
/* Of many, in the order asked for; ids that are nobody's are left out. */
enum rc	presence_many(struct db *, struct arena *, const int64_t *ids, size_t n,
	    int64_t now, struct presence **, size_t *found);

/*
 * Say where the user is: online until now + ttl ms; and, where reachable is
 * not INT64_MIN, reachable until then (0 ends that). Offline ends both. A
 * listener who is online and free now and was not before is put on the list of
 * those whom customers may be waiting for (domain/listeners/availability_alert.h).
 */
enum rc	presence_set(struct db *, int64_t user, enum presence_status,
	    int64_t ttl, int64_t reachable, int64_t now);
/*
 * Open connections hold a user online, until presence_release(): they need no
 * renewal. Saying "offline" meanwhile is believed, and ends the hold.
 */
#define PRESENCE_HELD	INT64_C(253402300799000)	/* 9999-12-31 */
enum rc	presence_hold(struct db *, int64_t user, int64_t now);
enum rc	presence_release(struct db *, int64_t user, int64_t now);
/*
 * The two of a call or a session are busy from then on, or (INT64_MIN) free.
 * For a listener who becomes free somebody may be waiting.
 */
enum rc	presence_busy(struct db *, int64_t one, int64_t other, int64_t since,
	    int64_t now);
/* Take somebody offline at once, as a ban does. */
enum rc	presence_end(struct db *, int64_t user);


/* The job: whose promise has ended is offline, and those who see it are told. */
enum rc	presence_lapse_pending(struct job_run *);
enum rc	presence_lapse_run(struct job_run *);

#endif
