/*
 * event: the events of a user, which all devices of the user receive in the
 * order of the commits.
 *
 * An event is a row that is inserted by the transaction that causes it. Its seq
 * is a number per user without gaps. GET /events and the realtime connections
 * read events. An event is kept for at least 24 hours.
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
#include "json/json_build.h"

enum event_type {
	EVENT_CALL_INCOMING = 1, EVENT_CALL_ACCEPTED, EVENT_CALL_REJECTED,
	EVENT_CALL_CANCELLED, EVENT_CALL_MISSED, EVENT_CALL_ENDED,
	EVENT_CALL_SIGNAL, EVENT_PRESENCE_CHANGED, EVENT_SESSION_STARTED,
	EVENT_SESSION_LOW_BALANCE, EVENT_SESSION_EXTENDED, EVENT_SESSION_ENDED,
	EVENT_WALLET_CHANGED, EVENT_FAVORITE_CHANGED, EVENT_NOTIFICATION_NEW,
	EVENT_CALL_CREDENTIAL
};
#define EVENT_TYPES 17
/* "call.incoming", ...; starts at 1, [0] is "". */
extern const char *const event_type_names[];

#define EVENT_KEPT	(24 * HOUR)
#define EVENT_JSON_MAX	(20 * 1024)	/* bytes */

/*
 * Adds an event for a user. Returns RC_FAULT if the JSON text of its data
 * exceeds EVENT_JSON_MAX.
 */
enum rc	event_add_object(struct db *, int64_t user, enum event_type,
	    int64_t now, const struct json_member *data);
/*
 * As event_add_object(), for an event about a call (domain/calls/call_event.h).
 * channel: the media channel of the call; NULL: the event has no media
 * configuration. device: the login session that answered or may join; 0: any.
 * Credentials are not stored: they are created when the event is read.
 */
enum rc	event_add_media(struct db *, int64_t user, enum event_type,
	    int64_t now, const struct json_member *data, const char *channel,
	    int64_t device);

struct event {
	int64_t seq, at;
	enum event_type type;
	const char *data;		/* JSON */
	const char *channel;		/* media channel; NULL: none */
	int64_t device;			/* login session; 0: any */
};

struct event_page {
	struct event *events;
	size_t n;
	bool more;
	/* events after `after` are deleted, or `after` is unknown */
	bool resync;
	int64_t last;	/* last seq of the user; 0: no events yet */
};

/* Returns a user's last seq, and the last seq that was deleted. 0: none. */
enum rc	event_ends(struct db *, int64_t user, int64_t *last, int64_t *pruned);
/* Lists the stored events with a seq greater than `after`, oldest first. */
enum rc	event_list(struct db *, struct arena *, int64_t user, int64_t after,
	    int64_t limit, struct event_page *);

/* The job that deletes events older than EVENT_KEPT. */
enum rc	event_prune_pending(struct job_run *);
enum rc	event_prune_run(struct job_run *);

#endif
