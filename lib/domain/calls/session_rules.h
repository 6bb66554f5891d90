/*
 * session_rules: decides whether a live session continues. It uses neither
 * database nor clock.
 *
 * A party is lost after lost_after without a proof of presence. While the media
 * network reports the party in the channel, that is a proof. If the party never
 * had a realtime connection and never sent a heartbeat, the media credential
 * that it fetched last is a proof until it expires. After an outage of the
 * service, a session continues only if both parties prove their presence. Times
 * are Unix times in ms, lengths are ms.
 */
#ifndef DOMAIN_CALLS_SESSION_RULES_H
#define DOMAIN_CALLS_SESSION_RULES_H

#include "base/clock.h"
#include "domain/calls/session.h"

#define SESSION_CONFIRM_WITHIN	(30 * SECOND)	/* of the start */
#define SESSION_JOIN_WITHIN	(30 * SECOND)	/* of the accept */
#define SESSION_MEDIA_DELAY	(15 * SECOND)	/* of notices of the network */
#define SESSION_REJOIN_WITHIN	(15 * SECOND)	/* of a leave */

/* A party of a live session. INT64_MIN: null. */
struct session_party {
	int64_t device;			/* login session; 0: not known */
	int64_t proof_at;
	bool tracked;			/* realtime connection, heartbeat */
	int64_t credential_until;
	int64_t connected_at;		/* as the party reported */
	int64_t joined_at;		/* the media channel, first */
	int64_t left_at;
	bool left_intent;		/* the leave was intentional */
	int64_t media_seq;		/* of the newest event */
	int64_t requested_at;		/* first request of a direct session
					 * that is not stored yet */
};
enum { SESSION_PARTY_CUSTOMER, SESSION_PARTY_LISTENER, SESSION_PARTIES };

enum session_verdict {
	SESSION_CONTINUES,
	SESSION_CONFIRMED,		/* the listener's first request */
	SESSION_RESUMED,		/* after an outage */
	SESSION_OVER
};
struct session_decision {
	enum session_verdict verdict;
	int64_t at;			/* of SESSION_CONFIRMED and _OVER */
	/* of SESSION_OVER */
	enum session_cause cause;
	bool free_of_charge;
	/* If the customer was lost and has no lost sessions left today, the
	 * session ends at this time instead, with this cause. */
	int64_t at_otherwise;
	enum session_cause cause_otherwise;
};

/* Returns the last proof of presence of a party, at most now. */
int64_t	session_rules_proof(const struct session_party *, int64_t now);
/*
 * Decides about a live session. Reads call, waiting, started_at, billed_from
 * and the members of the outage. lost_after: ms.
 */
struct session_decision session_rules_decide(const struct session *,
	    const struct session_party [SESSION_PARTIES], int64_t lost_after,
	    int64_t now);
/*
 * Returns the start of billing by what parties and media network reported: at
 * least billed_from.
 */
int64_t	session_rules_start(const struct session *,
	    const struct session_party [SESSION_PARTIES]);
/*
 * Returns whether the media network saw both parties in the channel during the
 * whole last outage.
 */
bool	session_rules_gap_used(const struct session *,
	    const struct session_party [SESSION_PARTIES]);

#endif
