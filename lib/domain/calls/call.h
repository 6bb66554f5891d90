/*
 * call: a call from a customer to a listener.
 *
 *	ringing -> accepted -> ended
 *	ringing -> rejected | cancelled | missed
 *
 * A table of legal transitions is applied in a write transaction, so of two
 * concurrent actions one wins. A user has at most one live call (the primary
 * key of call_live). Accepting a call starts the paid session. Call and session
 * end together, whether a party, the balance, or a ban ends them. A ringing
 * call that is not accepted counts as missed at its deadline, even if the job
 * or a client detects that later.
 */
#ifndef DOMAIN_CALLS_CALL_H
#define DOMAIN_CALLS_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/calls/call_finish.h"
#include "domain/calls/session.h"
#include "domain/common/audit.h"
#include "domain/common/event.h"
#include "domain/common/job.h"

struct call {
	int64_t id, caller, callee;
	const char *caller_name, *callee_name;	/* NULL: deleted */
	const char *caller_image, *callee_image; /* files in media/, or NULL */
	const char *channel;
	/* Login sessions that started and accepted it; 0: unknown, or not
	 * accepted. */
	int64_t caller_device, callee_device;
	enum call_state state;
	enum listener_kind kind;
	int64_t created_at, ring_until;
	int64_t accepted_at, ended_at;	/* INT64_MIN: not yet */
	int64_t ended_by;		/* user; INT64_MIN: the server, or not
					 * ended */
	enum session_cause cause;	/* 0: not ended by the server */
	int64_t session;		/* INT64_MIN: no session */
	int64_t cost;			/* of the session; INT64_MIN: not
					 * known yet */
	/* The time when the caller's money is used up. Set for live calls by
	 * call_start(), call_action() and call_of_channel(). */
	int64_t money_until;
	struct session_offer offer;	/* set by call_start() */
	int64_t tokens_until;		/* expiry of the last media credential;
					 * 0: none */
};

/*
 * Starts a call. channel NULL: a random channel name is made. Checks, in this
 * order: RC_BAD cannot_call_self; RC_NOT_FOUND "Listener not found";
 * RC_CONFLICT callee_offline, caller_busy, callee_busy (err->wait_time, in
 * minutes); the price and balance as session_start(); RC_LIMITED and
 * RC_CONFLICT as call_limit.h. device: the login session of the caller, or 0.
 * The session is billed by the tariff in c->offer, regardless of later changes.
 * If the callee is offline, the callee is notified of a missed call. If one of
 * them blocked the other, the callee seems offline and is not notified. From
 * callee_offline on, the call counts as demand (domain/common/rollup.h). The
 * caller must commit these writes despite the error. The callee gets the event
 * call.incoming and a push message that is valid while the call rings.
 */
enum rc	call_start(struct db *, struct arena *, const struct conf *,
	    int64_t caller, int64_t device, int64_t callee, const char *channel,
	    const struct session_terms *, int64_t now, struct call *,
	    struct err *);

enum call_action {
	CALL_ACTION_ACCEPT, CALL_ACTION_REJECT, CALL_ACTION_CANCEL,
	    CALL_ACTION_END, CALL_ACTION_TIMEOUT
};

/*
 * Applies an action of a party. If the same party did it before, sets *again
 * and changes nothing. Returns RC_NOT_FOUND "Call not found" if the user is not
 * a party, and RC_CONFLICT call_state with err->state if the state or the side
 * does not allow the action, or a timeout comes before the deadline. If the
 * deadline has passed, the call is marked as missed first. Accepting binds the
 * call to the login session `device`: another one gets RC_CONFLICT
 * answered_elsewhere. A cancelled call leaves a missed call. Accepting without
 * money for one minute returns RC_PAYMENT and cancels the call. The caller
 * must commit these writes despite the error.
 */
enum rc	call_action(struct db *, struct arena *, const struct conf *,
	    int64_t id, int64_t user, int64_t device, enum call_action,
	    int64_t now, struct call *, bool *again, struct err *);

/*
 * Starts the session of a ringing call by its tariff, for the login session
 * `device` (0: unknown) of the callee. Sets c->money_until. Errors as
 * session_start(), without the customer's balance.
 */
enum rc	call_start_session(struct db *, struct arena *, const struct conf *,
	    struct call *, int64_t device, int64_t now, struct session *,
	    struct err *);

/*
 * Ends an accepted call as session_media_failed(). If it ended before, changes
 * nothing. Returns RC_NOT_FOUND, and RC_CONFLICT call_state if the call was not
 * accepted.
 */
enum rc	call_media_failed(struct db *, struct arena *, const struct conf *,
	    int64_t id, int64_t user, int64_t now, struct call *,
	    struct err *);

/* Ends the live call and sessions of a user, for a ban or a deletion. */
enum rc	call_end_of(struct db *, int64_t user, enum session_cause,
	    int64_t now, struct err *);

/*
 * Ends the live call or session in which a user is the listener, because the
 * user is not a verified listener any more.
 */
enum rc	call_end_listener(struct db *, int64_t listener, int64_t now,
	    struct err *);

/*
 * Ends a live call and its session for an administrator; audited. Returns
 * RC_CONFLICT call_state with err->state if the call is over.
 */
enum rc	call_stop(struct db *, struct arena *, int64_t id, const char *reason,
	    const struct audit_by *, struct call *, struct err *);

/*
 * Reads a call; its texts are in the arena. Returns RC_NOT_FOUND "Call not
 * found" if the user is not a party (user 0: any user).
 */
enum rc	call_get(struct db *, struct arena *, int64_t id, int64_t user,
	    struct call *, struct err *);
/*
 * Reads the live call of a channel, with money_until. A live session without a
 * call is read as an accepted call with the id 0, without names. Returns
 * RC_FORBIDDEN "Not a party of a live call" if there is none or the user (0:
 * any) is not a party.
 */
enum rc	call_of_channel(struct db *, struct arena *, const char *channel,
	    int64_t user, int64_t now, struct call *, struct err *);

struct call_page {
	struct call *calls;
	size_t n;
	int64_t total;
	bool more;
};
struct call_query {
	int64_t user;			/* 0: all */
	int state;			/* enum call_state; -1: all */
	bool live;			/* only ringing and accepted calls */
	int64_t limit, offset;
	int64_t before;			/* ids below it; INT64_MAX: all */
};
/* Lists calls, newest first. */
enum rc	call_list(struct db *, struct arena *, const struct call_query *,
	    struct call_page *);

/*
 * Sends a signaling message to the other party: `data` is JSON, `type` needs no
 * escaping. Returns RC_NOT_FOUND if the user is not a party, RC_CONFLICT
 * call_state if the call is over, and RC_LIMITED after 200 messages per minute.
 */
enum rc	call_signal(struct db *, struct arena *, int64_t id, int64_t user,
	    const char *type, const char *data, int64_t now, struct err *);

/* An event of the media network. */
enum media_what { MEDIA_JOINED = 1, MEDIA_LEFT, MEDIA_DESTROYED };
struct media_notice {
	const char *id;			/* unique */
	const char *channel;
	enum media_what what;
	int64_t user;			/* 0: of a destroyed channel */
	int64_t client_seq;		/* increases for each user */
	int64_t at, reason;		/* reason: a code of the network */
};
/*
 * Stores an event as evidence, and passes it to session_media_event() while the
 * session of the channel is live. Does nothing if the channel is not known.
 */
enum rc	call_media(struct db *, struct arena *, const struct media_notice *,
	    int64_t now, struct err *);

/* Lists up to 200 stored events of a call, by user and sequence number. */
struct media_seen {
	int64_t user;
	enum media_what what;
	int64_t at, reason;
};
enum rc	call_media_seen(struct db *, struct arena *, int64_t call,
	    struct media_seen **, size_t *n);

/* The job that marks calls as missed after their deadline. */
enum rc	call_ring_pending(struct job_run *);
enum rc	call_ring_run(struct job_run *);

#endif
