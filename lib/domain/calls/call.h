/*
 * call: a customer rings a listener.
 *
 *	ringing -> accepted -> ended
 *	ringing -> rejected | cancelled | missed
 *
 * One table of legal steps decides, in the database's one transaction; of two
 * at once one wins. A person has one live call (call_live is a primary key).
 * Accepting starts the paid session, and the two end together, whoever ends
 * either: a party, the money, a ban. A ring that nobody took is missed at its
 * deadline, whenever that is noticed.
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
	const char *channel;
	enum call_state state;
	int64_t created_at, ring_until;
	int64_t accepted_at, ended_at;	/* INT64_MIN: not */
	int64_t ended_by;		/* INT64_MIN: the server, or not ended */
	enum session_cause cause;	/* where the server ended it; 0 */
	int64_t session;		/* INT64_MIN: none */
	int64_t cost;			/* of the session; INT64_MIN: none yet */
	/* Until when the caller's money lasts: of live ones, by call_start()
	 * and call_action(). */
	int64_t money_until;
};

/*
 * Ring. channel NULL: one is made. In this order: RC_BAD cannot_call_self;
 * RC_NOT_FOUND "Listener not found"; RC_CONFLICT callee_offline (and the
 * callee is told of it: those writes are to be kept), caller_busy, callee_busy
 * (err->wait_time); RC_PAYMENT as session_start(); RC_CONFLICT channel_taken.
 * From callee_offline on it is counted as asked for (domain/common/rollup.h; to be kept).
 * The callee gets the event call.incoming and a push message, good as long as
 * it rings.
 */
enum rc	call_start(struct db *, struct arena *, const struct conf *,
	    int64_t caller, int64_t callee, const char *channel, int64_t now,
	    struct call *, struct err *);

enum call_action {
	CALL_ACTION_ACCEPT, CALL_ACTION_REJECT, CALL_ACTION_CANCEL,
	    CALL_ACTION_END, CALL_ACTION_TIMEOUT
};

/*
 * A step by one of the two. *again: it was taken before, nothing changed.
 * RC_NOT_FOUND "Call not found": not a party. RC_CONFLICT call_state with
 * err->state: not from there, or not by that side, or too early (time-out).
 * A ring whose deadline is over is missed first: those writes are to be kept,
 * also where the answer is a conflict. Accepting without money for a minute is
 * RC_PAYMENT, and the call is cancelled (to be kept, too).
 */
enum rc	call_action(struct db *, struct arena *, const struct conf *,
	    int64_t id, int64_t user, enum call_action, int64_t now,
	    struct call *, bool *again, struct err *);

/* End whatever lives of somebody who is banned or leaves: call and session. */
enum rc	call_end_of(struct db *, int64_t user, enum session_cause,
	    int64_t now, struct err *);

/*
 * An administrator ends one that rings or runs, and its session with it.
 * RC_CONFLICT call_state with err->state: it is over. Audited.
 */
enum rc	call_stop(struct db *, struct arena *, int64_t id, const char *reason,
	    const struct audit_by *, struct call *, struct err *);

/* One; user a party, or 0: anybody's. RC_NOT_FOUND "Call not found". */
enum rc	call_get(struct db *, struct arena *, int64_t id, int64_t user,
	    struct call *, struct err *);
/*
 * The live call of that channel that the user is in, with money_until;
 * RC_FORBIDDEN "Not a party of a live call": there is none.
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
	int64_t user;			/* 0: everybody's */
	int state;			/* enum call_state; -1: all */
	bool live;			/* those alone that ring or run */
	int64_t limit, offset, before;	/* ids below; INT64_MAX: all */
};
/* Newest first. */
enum rc	call_list(struct db *, struct arena *, const struct call_query *,
	    struct call_page *);

/*
 * Pass something from one side to the other: data is JSON, type a fixed word.
 * RC_NOT_FOUND; RC_CONFLICT call_state: it is over; RC_LIMITED: more than 200
 * in a minute.
 */
enum rc	call_signal(struct db *, struct arena *, int64_t id, int64_t user,
	    const char *type, const char *data, int64_t now, struct err *);

/* What the media network says. */
enum media_what { MEDIA_JOINED = 1, IMAGE_STORE_LEFT, MEDIA_DESTROYED };
struct media_notice {
	const char *id;			/* once each */
	const char *channel;
	enum media_what what;
	int64_t user;			/* 0: nobody (destroyed) */
	int64_t client_seq;
	int64_t at, reason;
};
/*
 * Keep it as evidence; an older one of the same person says nothing about
 * where they are now. A destroyed channel ends its call at that time, unless
 * somebody came back after it. Of a channel that is no call: nothing.
 */
enum rc	call_media(struct db *, struct arena *, const struct media_notice *,
	    int64_t now, struct err *);

/* What was kept of it, at most 200, by person and order. */
struct media_seen {
	int64_t user;
	enum media_what what;
	int64_t at, reason;
};
enum rc	call_media_seen(struct db *, struct arena *, int64_t call,
	    struct media_seen **, size_t *n);

/*
 * Jobs: rings that are over; calls that both sides have left, by what the media
 * network says, and by their presence: both had one in this call, and it has
 * been over for a minute. These end when the later one went.
 */
enum rc	call_ring_pending(struct job_run *);
enum rc	call_ring_run(struct job_run *);
enum rc	call_left_pending(struct job_run *);
enum rc	call_left_run(struct job_run *);
enum rc	call_gone_pending(struct job_run *);
enum rc	call_gone_run(struct job_run *);

#endif
