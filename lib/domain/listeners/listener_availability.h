/*
 * listener_availability: when listeners take calls.
 *
 * While a listener does not accept calls, or has reached the maximum minutes of
 * a day, the listener is offline (presence_close()). A live call continues. The
 * minutes are those of the sessions that ended in the last 24 hours, and of the
 * live session. The weekly hours do not change the presence: they only tell
 * customers when the listener will be available, and a search can filter by
 * them.
 */
#ifndef DOMAIN_LISTENERS_LISTENER_AVAILABILITY_H
#define DOMAIN_LISTENERS_LISTENER_AVAILABILITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/opening_hours.h"
#include "db/db.h"
#include "domain/common/job.h"

#define LISTENER_AVAILABILITY_MINUTES	1440	/* largest maximum of a day */

struct listener_availability {
	const char *time_zone;		/* NULL: not known */
	bool own_zone;			/* not that of the settings */
	struct opening_hours hours;
	bool accepting;
	int64_t max_minutes;		/* per day; INT64_MIN: no limit */

	/* Results. Times are ms. */
	int64_t used_ms;		/* in the last 24 hours */
	int64_t limit_until;		/* INT64_MIN: not reached */
	int64_t next;			/* next opening; INT64_MIN: none */
};

/*
 * Loads the availability of a listener. If none was stored, it has no hours,
 * and the time zone is that of the user's settings. Returns RC_NOT_FOUND
 * "Listener not found" if the user is not a listener.
 */
enum rc	listener_availability_get(struct db *, struct arena *, int64_t user,
	    int64_t now, struct listener_availability *, struct err *);
/*
 * Stores the availability of a listener, and opens or closes the listener.
 * Returns RC_INVALID with the fields time_zone, weekly or exceptions if the time
 * zone is unknown or needed, or if windows overlap. Sets the results.
 */
enum rc	listener_availability_put(struct db *, int64_t user, int64_t now,
	    struct listener_availability *, struct err *);

/*
 * Compares the minutes of a listener with the maximum, and opens or closes the
 * listener. Must be called when a session starts or ends. Does nothing for other
 * users.
 */
enum rc	listener_availability_refresh(struct db *, int64_t user, int64_t now);
/* The job that does the same while sessions are live and when days end. */
enum rc	listener_availability_pending(struct job_run *);
enum rc	listener_availability_run(struct job_run *);

#endif
