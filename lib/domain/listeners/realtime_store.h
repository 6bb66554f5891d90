/*
 * realtime_store: the tickets, the presence and the events of realtime
 * connections. earmark-realtime and the endpoints that issue tickets use it.
 */
#ifndef DOMAIN_LISTENERS_REALTIME_STORE_H
#define DOMAIN_LISTENERS_REALTIME_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "db/db.h"
#include "domain/common/actor.h"
#include "domain/common/event.h"

#define REALTIME_TICKET_BYTES	24
#define REALTIME_TICKET_TTL	(30 * SECOND)

/* Stores the hash of a ticket for a signed-in caller. */
enum rc	realtime_store_ticket_add(struct db *, const struct hash *,
	    const struct credential *, int64_t now);
/*
 * Deletes a ticket and returns its credential. Returns RC_AUTH if the ticket
 * does not exist or has expired, or if its credential or account has become
 * invalid.
 */
enum rc	realtime_store_ticket_take(struct db *, const struct hash *,
	    int64_t now, struct credential *, struct err *);

/*
 * Events of all users. realtime_store_head() returns the newest id;
 * realtime_store_feed() lists events after an id, oldest first.
 */
struct realtime_event {
	int64_t id, user;
	struct event event;
};
enum rc	realtime_store_head(struct db *, int64_t *id);
enum rc	realtime_store_feed(struct db *, struct arena *, int64_t after,
	    int64_t limit, struct realtime_event **, size_t *n);
/* Calls f with each user that has the listener as a favorite. */
enum rc	realtime_store_watchers(struct db *, int64_t listener,
	    void (*f)(void *, int64_t user), void *);
/* Returns the id of the newest revocation. */
enum rc	realtime_store_revocation_head(struct db *, int64_t *id);
/*
 * Calls f with each revocation after *id, oldest first, and advances *id. A
 * credential with neither a session nor a service token stands for all
 * credentials of the user.
 */
enum rc	realtime_store_revocations(struct db *, int64_t *id,
	    void (*f)(void *, const struct credential *), void *);

/*
 * Store that a user's first connection was opened, and that the last one was
 * closed and the grace period has ended.
 */
enum rc	realtime_store_hold(struct db *, int64_t user, int64_t now);
enum rc	realtime_store_release(struct db *, int64_t user, int64_t now);
/* Calls f with each user that an earlier daemon process held online. */
enum rc	realtime_store_held(struct db *, void (*f)(void *, int64_t user),
	    void *);

#endif
