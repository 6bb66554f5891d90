/*
 * presence: who is here, and who is on a call.
 *
 * Every user has one row. Being online is a promise with an end: it lasts
 * until online_until (renewed by the client) or reachable_until (a listener
 * whose phone rings in the background), whichever is later.
 */
#ifndef DOM_PRESENCE_H
#define DOM_PRESENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "db/db.h"

/* presence.status */
enum presence_status { PRESENCE_OFFLINE, PRESENCE_ONLINE, PRESENCE_AWAY };

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

#endif
