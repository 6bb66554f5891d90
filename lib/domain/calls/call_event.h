/*
 * call_event: the events and push messages about calls, and what each reader of
 * an event may see.
 */
#ifndef DOMAIN_CALLS_CALL_EVENT_H
#define DOMAIN_CALLS_CALL_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/calls/call.h"
#include "domain/common/event.h"

/*
 * Notifies the callee of a ringing call, by event and push message. c->offer
 * must be set.
 */
enum rc	call_event_incoming(struct db *, struct arena *, const struct conf *,
	    const struct call *, int64_t now);
/*
 * Notifies both parties that the call was accepted. The callee's devices stop
 * ringing, except for the one that answered.
 */
enum rc	call_event_accepted(struct db *, const struct call *, int64_t now);
/* Sends both parties an event with a new media credential. */
enum rc	call_event_credential(struct db *, const struct call *, int64_t now);

/* An event as one reader may see it. */
struct call_event_view {
	const char *data;		/* JSON, without "rtc" */
	bool rtc;			/* the member "rtc" must be added */
	/* expiry of its credential, Unix time in ms; 0: no credential */
	int64_t until;
	enum listener_kind kind;	/* of the call, if until > 0 */
};
/*
 * Reads the data of an event for a login session of the event's user (device 0:
 * none). Only the login session that takes part in an accepted call gets a
 * credential. Other devices learn by "reason" that the call was answered
 * elsewhere. Runs in a read transaction.
 */
enum rc	call_event_read(struct db *, struct arena *, const struct event *,
	    int64_t user, int64_t device, int64_t now,
	    struct call_event_view *);

#endif
