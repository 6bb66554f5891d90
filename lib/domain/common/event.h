/*
 * event: what a user's devices are told, in the order of the commits.
 *
 * An event is a row, written in the transaction that caused it, with a number
 * of the user's own that has no gaps. GET /events and the realtime connections
 * read them; nothing that is younger than 24 hours is dropped.
 */
#ifndef DOMAIN_COMMON_EVENT_H
#define DOMAIN_COMMON_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/common/job.h"

enum event_type {
	EVENT_CALL_INCOMING = 1, EVENT_CALL_ACCEPTED, EVENT_CALL_REJECTED,
	EVENT_CALL_CANCELLED, EVENT_CALL_MISSED, EVENT_CALL_ENDED,
	EVENT_CALL_SIGNAL, EVENT_PRESENCE_CHANGED, EVENT_SESSION_STARTED,
	EVENT_SESSION_LOW_BALANCE, EVENT_SESSION_EXTENDED, EVENT_SESSION_ENDED,
	EVENT_WALLET_CHANGED, EVENT_FAVORITE_CHANGED, EVENT_NOTIFICATION_NEW
};
#define EVENT_TYPES 16
/* "call.incoming", ...; from 1, [0] is "". */
extern const char *const event_type_names[];

#define EVENT_KEPT	(24 * HOUR)
#define EVENT_DATA_MAX	400		/* bytes */

/*
 * Tell a user. data is a JSON object's text, made by printf from numbers,
 * fixed words and usernames. More than EVENT_DATA_MAX is RC_FAULT.
 */
enum rc	event_add(struct db *, int64_t user, enum event_type, int64_t now,
	    const char *data, ...) __attribute__((format(printf, 5, 6)));

/*
 * The same with data as JSON text of any origin, at most EVENT_JSON_MAX bytes;
 * where channel is not NULL, who reads it is to be let into that channel until
 * rtc_until (ms): what that takes is added when it is read.
 */
#define EVENT_JSON_MAX	(20 * 1024)
enum rc	event_add_json(struct db *, int64_t user, enum event_type, int64_t now,
	    const char *json, const char *channel, int64_t rtc_until);

struct event {
	int64_t seq, at;
	enum event_type type;
	const char *data;		/* JSON */
	const char *channel;		/* NULL: none */
	int64_t rtc_until;
};

struct event_page {
	struct event *events;
	size_t n;
	bool more;
	bool resync;			/* some behind `after` are gone, or it
					 * is of no event of this database */
	int64_t last;			/* the user's last seq, 0: none yet */
};

/* A user's last seq, and the last that was deleted; 0: none. */
enum rc	event_ends(struct db *, int64_t user, int64_t *last, int64_t *pruned);
/* Those behind `after`, oldest first, as far as they are still there. */
enum rc	event_list(struct db *, struct arena *, int64_t user, int64_t after,
	    int64_t limit, struct event_page *);

/* The job: forget those older than EVENT_KEPT. */
enum rc	event_prune_pending(struct job_run *);
enum rc	event_prune_run(struct job_run *);

#endif
