/* session_notice: notifies the parties of a session. */
#ifndef DOMAIN_CALLS_SESSION_NOTICE_H
#define DOMAIN_CALLS_SESSION_NOTICE_H

#include "base/arena.h"
#include "domain/calls/session.h"

/*
 * Notifies both parties of the start. push: the listener also gets a push
 * message. It is needed if no call announced the session, because the listener
 * must send a request for it.
 */
enum rc	session_notice_started(struct db *, struct arena *,
	    const struct session *, const char *customer, bool push);
/*
 * Notifies both parties of the end, with the cost or the earnings: events, and
 * notifications unless one of them blocked the other. A session without length
 * is no push message for the listener.
 */
enum rc	session_notice_ended(struct db *, struct arena *,
	    const struct session *, int64_t now);
/*
 * Notifies the parties that the money lasts for another `left` ms: both by an
 * event, the customer also by a notification.
 */
enum rc	session_notice_low(struct db *, struct arena *, const struct session *,
	    int64_t left, int64_t now);
/* Returns the username of a user, or NULL, in the arena. */
enum rc	session_notice_name(struct db *, struct arena *, int64_t user,
	    const char **name);

#endif
