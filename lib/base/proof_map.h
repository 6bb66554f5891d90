/*
 * proof_map: when the parties of live sessions were last seen, in memory that
 * all processes share.
 *
 * Workers and earmark-realtime record what proves that a login session is
 * present. Recording is a few atomic operations, without a lock or the
 * database. earmark-jobs copies the map into the database. The key of an entry
 * is the login session (above 0). A listener whose login session is not known
 * yet has an entry with the key -user. A process that did not open the map
 * records nothing and finds nothing. Times are ms.
 */
#ifndef BASE_PROOF_MAP_H
#define BASE_PROOF_MAP_H

#include <stdbool.h>
#include <stdint.h>

struct proof {
	int64_t seen;			/* the last proof */
	bool tracked;			/* had a realtime connection, or sent a
					 * heartbeat */
	int64_t credential_until;	/* expiry of the last media credential;
					 * 0: none */
	/* of an entry with the key -user; 0: no request yet */
	int64_t device, requested_at;
};

/* Opens the map in the folder of run files. Logs a failure. */
bool	proof_map_open(const char *dir);
/*
 * Adds an entry or clears an existing one. Call it and proof_map_remove() in a
 * write transaction. If there is no space, the entry that was not seen for
 * longest is replaced.
 */
void	proof_map_add(int64_t key, int64_t now);
void	proof_map_remove(int64_t key);
/* Reads an entry. Returns false if there is none. */
bool	proof_map_get(int64_t key, struct proof *);

/* Record a proof, if the login session has an entry. */
void	proof_map_seen(int64_t device, bool tracked, int64_t now);
/*
 * Marks a login session that has an entry as tracked. This is not a proof: the
 * realtime connection may be older than the entry.
 */
void	proof_map_track(int64_t device);
void	proof_map_credential(int64_t device, int64_t until);
/*
 * Records the first request of a listener for a session, if the listener has
 * an entry. The login session of this request takes part in the session.
 */
void	proof_map_request(int64_t user, int64_t device, int64_t now);

#endif
