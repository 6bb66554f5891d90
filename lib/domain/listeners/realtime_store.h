/*
 * realtime_store: those who are connected: their tickets, their presence, and the
 * events that are theirs. For earmark-realtime and the endpoints before it.
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

/* Keeps a ticket (its bytes' hash) for somebody who is signed in. */
enum rc	realtime_store_ticket_add(struct db *, const struct hash *,
	    const struct credential *, int64_t now);
/*
 * Takes a ticket, which is gone then, and sets the credential it was made with.
 * RC_AUTH token_invalid: there is none, it is too old, its credential was
 * revoked, or its account stopped meanwhile.
 */
enum rc	realtime_store_ticket_take(struct db *, const struct hash *,
	    int64_t now, struct credential *, struct err *);

/* Of anybody's events, those behind a number, oldest first. */
struct realtime_event {
	int64_t id, user;
	struct event event;
};
enum rc	realtime_store_head(struct db *, int64_t *id);
enum rc	realtime_store_feed(struct db *, struct arena *, int64_t after,
	    int64_t limit, struct realtime_event **, size_t *n);
/* Call f with each user who has the listener among the favorites. */
enum rc	realtime_store_watchers(struct db *, int64_t listener,
	    void (*f)(void *, int64_t user), void *);
/* Sets *id to the number of the newest revocation. */
enum rc	realtime_store_revocation_head(struct db *, int64_t *id);
/*
 * Calls f with each revocation after *id, oldest first, and advances *id. A
 * credential with neither a session nor a service token is all of that user's.
 */
enum rc	realtime_store_revocations(struct db *, int64_t *id,
	    void (*f)(void *, const struct credential *), void *);

/* Somebody's first connection is there; the last one is gone for long enough. */
enum rc	realtime_store_hold(struct db *, int64_t user, int64_t now);
enum rc	realtime_store_release(struct db *, int64_t user, int64_t now);
/* Who is held, by a daemon before this one. */
enum rc	realtime_store_held(struct db *, void (*f)(void *, int64_t user),
	    void *);

#endif
