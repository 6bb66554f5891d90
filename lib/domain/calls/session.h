/*
 * session: a paid session, billed by the minute, of a customer and a listener.
 *
 * The start reserves (holds) the price of the first minute. A job reserves each
 * further minute before it begins. The end pays the time that was used and
 * releases the rest. If the next minute cannot be reserved, the session ends
 * exactly at the end of its lease, even if the job runs later; so a server that
 * was down does not bill later time. Both users are busy during a session
 * (presence). Unique indexes allow one live session per customer and one per
 * listener. The end of a session is never before its start.
 */
#ifndef DOMAIN_CALLS_SESSION_H
#define DOMAIN_CALLS_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/common/audit.h"
#include "domain/common/job.h"
#include "domain/listeners/listener_rate.h"
#include "domain/money/billing.h"

enum session_state { SESSION_LIVE, SESSION_ENDED };
extern const char *const session_state_names[];	/* "live", "ended", NULL */

enum session_cause {
	SESSION_CAUSE_CUSTOMER = 1, SESSION_CAUSE_LISTENER, SESSION_CAUSE_MONEY,
	SESSION_CAUSE_BAN, SESSION_CAUSE_DELETED, SESSION_CAUSE_OPERATOR,
	SESSION_CAUSE_LEFT,		/* both parties */
	SESSION_CAUSE_LOST_CUSTOMER,	/* no proof of presence */
	SESSION_CAUSE_LOST_LISTENER,
	SESSION_CAUSE_OUTAGE,		/* of the service */
	SESSION_CAUSE_FAILED,		/* no conversation took place */
	SESSION_CAUSE_MAX_MINUTES, SESSION_CAUSE_DAILY_SPEND,
	SESSION_CAUSE_BLOCKED		/* a party blocked the other */
};
/* "customer", ... for F_ENUM: the index is the cause minus 1. */
extern const char *const session_cause_names[];

struct session {
	int64_t id, customer, listener;
	int64_t call;			/* INT64_MIN: no call */
	const char *customer_name, *listener_name;	/* NULL: deleted */
	enum listener_kind kind;
	const char *channel;		/* of a direct session; NULL: the call
					 * has it, or not read */
	enum session_state state;
	bool waiting;			/* for the listener's first request */
	struct tariff tariff;
	int64_t started_at;
	int64_t billed_from;		/* start of billing */
	int64_t paused_ms;		/* of outages that are not billed */
	int64_t max_ms, spend_limit;	/* INT64_MIN: no limit */
	int64_t gap_from, gap_until;	/* the last outage; INT64_MIN: none */
	bool gap_open;			/* both parties must return */
	int64_t leased_until;
	int64_t leased_free, held_wallet, held_bonus;
	int64_t lasts_until;		/* when the money is used up, computed
					 * from the last known balance */
	bool low_balance_notified;
	/* if state is SESSION_ENDED */
	int64_t ended_at;
	enum session_cause cause;
	bool waived;			/* counts toward billing.lost_free */
	struct bill bill;
	int64_t cost_bonus, balance, refunded;
	int64_t reversed;		/* earnings taken back by refunds */
	/* the review */
	int64_t rating;			/* 0: no review */
	const char *comment;
	int64_t reviewed_at;
};

/* Returns the time from which the billed length is counted. */
static inline int64_t
session_base(const struct session *s)
{
	return s->billed_from + s->paused_ms;
}

/* What a customer asks for. */
struct session_terms {
	enum listener_kind kind;
	int64_t expected_rate;		/* INT64_MIN: any */
};
struct session_request {
	int64_t customer, listener;
	int64_t call;			/* INT64_MIN: no call */
	struct session_terms terms;
	const struct tariff *agreed;	/* of the call; NULL: the present one */
	/* The login sessions that take part; 0: unknown. */
	int64_t customer_device, listener_device;
};

/* The price of a session, as the customer sees it before it starts. */
struct session_offer {
	enum listener_kind kind;
	struct tariff tariff;
	int64_t free_minutes;		/* promotional minutes that apply */
	int64_t spend_limit;		/* INT64_MIN: no limit */
	int64_t limit_ms;		/* maximum billed time */
	int64_t max_ms;			/* by the present balance and limits */
};

/*
 * Starts a session. Checks, in this order: RC_BAD cannot_call_self;
 * RC_NOT_FOUND "Listener not found" (not a verified and active listener);
 * without a call: RC_FORBIDDEN call_required, RC_CONFLICT listener_offline (also
 * if one of them blocked the other),
 * customer_busy, listener_busy (err->wait_time, in minutes); without an agreed
 * tariff: RC_CONFLICT kind_not_offered, rate_changed (err->rate); RC_PAYMENT
 * balance_owed, insufficient_balance (for one minute, including promotions;
 * with err->needed, available and rate); RC_CONFLICT daily_spend_reached. Both
 * users get the event session.started. The names in the struct are not set.
 */
enum rc	session_start(struct db *, struct arena *, const struct conf *,
	    const struct session_request *, int64_t now, struct session *,
	    struct session_offer *, struct err *);
/*
 * Checks whether a session could start. With a call (any number), the caller
 * checks whether both users are free. Errors as for session_start().
 */
enum rc	session_affords(struct db *, const struct conf *,
	    const struct session_request *, int64_t now,
	    struct session_offer *, struct err *);
/*
 * Sets the price and limits that a session would have now. Whether the users are
 * free and the money is enough is not checked. Returns RC_NOT_FOUND "Listener
 * not found" or RC_CONFLICT kind_not_offered.
 */
enum rc	session_preview(struct db *, const struct conf *,
	    const struct session_request *, int64_t now,
	    struct session_offer *, struct err *);
/*
 * Ends a session at `at`. Minutes up to `at` that are not reserved yet are
 * reserved first. If the money was used up before, the session ended then, with
 * SESSION_CAUSE_MONEY. *first: the session was live; later calls return the
 * same session and change nothing. Returns RC_NOT_FOUND "Session not found" if
 * the user (0: the server) is not a party. Names and review are not set.
 */
enum rc	session_end(struct db *, int64_t id, int64_t user, enum session_cause,
	    int64_t at, int64_t now, struct session *, bool *first,
	    struct err *);
/* Ends the live sessions of a user, for a ban or a deletion. */
enum rc	session_end_of(struct db *, int64_t user, enum session_cause,
	    int64_t now, struct err *);
/*
 * Extends the lease by whole minutes to `to`, or as far as the money allows. A
 * lease never becomes shorter. Updates the struct. Sends no events and does not
 * end the session.
 */
enum rc	session_lease(struct db *, struct session *, int64_t to, int64_t now,
	    struct err *);
/*
 * Extends the live session that a user pays for, after the user got money or
 * free minutes; call it in the same transaction. Both parties get the event
 * session.extended. If the money was used up before now, the session ends at
 * that time instead. A second call for the same money does nothing.
 */
enum rc	session_extended(struct db *, int64_t user, int64_t now,
	    struct err *);
/* What a request proves about a party of a session. */
enum session_proof {
	SESSION_PROOF_REQUEST, SESSION_PROOF_HEARTBEAT,
	SESSION_PROOF_CREDENTIAL	/* fetched a media credential */
};
/*
 * Records a request of a login session for a live session, in shared memory.
 * The first request of a listener confirms a session that waits for it. until:
 * the expiry of the credential. Reads the session. Works in a read transaction.
 * Returns RC_NOT_FOUND if the user is not a party, RC_CONFLICT session_ended,
 * and RC_CONFLICT answered_elsewhere if another device takes part.
 */
enum rc	session_touch(struct db *, int64_t id, int64_t user, int64_t device,
	    enum session_proof, int64_t until, int64_t now, struct session *,
	    struct err *);
/*
 * Records that a party hears the other one. When both do, billing starts at the
 * later report, at most 30 s after the accept. Errors as session_touch().
 */
enum rc	session_connected(struct db *, int64_t id, int64_t user,
	    int64_t device, int64_t now, struct session *, struct err *);
/* An event of the media network about a party. */
struct session_media {
	bool joined;			/* else left */
	int64_t seq;			/* increases for each user; INT64_MIN:
					 * none */
	int64_t at, reason;		/* reason: Agora's code of a leave */
};
/*
 * Takes an event of the media network about a user (0: both, at the end of the
 * channel) into account. A party is present from join until leave. If both have
 * joined within 30 s of the accept, billing starts at the later join. A leave
 * with the reason 1, 3 or 12 ends the session at that time, unless the user
 * joins again within 15 s. Events with an earlier number do nothing.
 */
enum rc	session_media_event(struct db *, int64_t id, int64_t user,
	    const struct session_media *, int64_t now, struct err *);
/*
 * Ends a WebRTC session whose media failed, within 30 s of its start, at no
 * cost. It counts toward billing.lost_free; if none is left, or later, the
 * session ends as for session_end().
 */
enum rc	session_media_failed(struct db *, const struct conf *, int64_t id,
	    int64_t user, int64_t now, struct session *, bool *first,
	    struct err *);
/* Finds the live session of a channel without a call; 0: none. */
enum rc	session_of_channel(struct db *, const char *channel, int64_t *id);
/*
 * Sends a signaling message of a live session to the other party: `data` is
 * JSON. Errors as session_touch(), and RC_LIMITED after 200 messages of a party
 * per minute.
 */
enum rc	session_signal(struct db *, struct arena *, const struct conf *,
	    int64_t id, int64_t user, int64_t device, const char *type,
	    const char *data, int64_t now, struct err *);
/*
 * Ends a live session for an administrator; audited. Returns RC_NOT_FOUND, and
 * RC_CONFLICT session_ended.
 */
enum rc	session_stop(struct db *, struct arena *, int64_t id,
	    const char *reason, const struct audit_by *, struct session *,
	    struct err *);
/* Uses the limits of the configuration; call it when it was loaded. */
void	session_configure(const struct conf *);
/*
 * Registers session_extended() for wallet_credited(), and user_block_carry_over()
 * for returning users. Each program that moves money or verifies addresses calls
 * it at its start. conf: for session_configure(), or NULL.
 */
void	session_register(const struct conf *);
/* Computes the offer of a live session with the present balance. */
enum rc	session_offer_of(struct db *, const struct session *,
	    struct session_offer *);
/*
 * Computes the billed time that the customer's present balance and the limits
 * of the session allow in total, in ms.
 */
enum rc	session_max(struct db *, const struct session *, int64_t *max_ms);

/*
 * Read a session. Return RC_NOT_FOUND "Session not found" if the user is not a
 * party (user 0: any user). session_core() does not read names and review.
 */
enum rc	session_get(struct db *, struct arena *, int64_t id, int64_t user,
	    struct session *, struct err *);
enum rc	session_core(struct db *, int64_t id, int64_t user, struct session *,
	    struct err *);

enum session_side { SESSION_SIDE_CUSTOMER = 1, SESSION_SIDE_LISTENER,
	    SESSION_SIDE_EITHER, SESSION_SIDE_ALL };

struct session_query {
	enum session_side side;
	int64_t user;			/* not used with SESSION_SIDE_ALL */
	int state;			/* enum session_state; -1: all */
	int64_t limit, offset;
	int64_t before;			/* ids below it; INT64_MAX: all */
};

struct session_page {
	struct session *sessions;
	size_t n;
	int64_t total;
	bool more;
};

/* Lists sessions, newest first. */
enum rc	session_list(struct db *, struct arena *, const struct session_query *,
	    struct session_page *);

/* The earnings of a listener. */
struct session_earnings {
	int64_t balance;		/* not paid out yet */
	int64_t earned, paid_out;	/* total; without refunded earnings */
	int64_t sessions, minutes;	/* total of ended sessions */
};
enum rc	session_earnings(struct db *, int64_t listener,
	    struct session_earnings *);

/*
 * A refund of a session. amount goes to the customer, at most what the session
 * cost; earnings is taken from the listener, at most what the session earned,
 * also by free minutes. FIELD_NONE: not given. If neither is given, amount is the
 * rest of the cost; if only earnings is given, amount is 0. charge_listener sets
 * earnings to the listener's share of amount.
 */
struct session_refund_request {
	int64_t amount, earnings;
	bool charge_listener;
	const char *reason;
};
/*
 * Checks a refund and replaces the members that are not given. Returns
 * RC_NOT_FOUND, RC_INVALID for earnings with charge_listener and for an amount
 * of 0 without earnings, RC_CONFLICT session_live, account_deleted (the customer
 * cannot receive the amount), or not_refundable if an amount exceeds the rest or
 * both are 0.
 */
enum rc	session_refund_plan(struct db *, int64_t id,
	    struct session_refund_request *, struct session *, struct err *);
/*
 * Refunds an ended session for an administrator; audited. The operator returns
 * its share of the amount from the fees. The listener's share comes from the
 * reversed earnings, which may make the earnings negative, and from the operator
 * (account "refunds") as far as these are less. The customer's own money is
 * returned before bonus money, which becomes bonus again. Then debts of the
 * customer are settled. A full refund hides the review. Errors are those of
 * session_refund_plan().
 */
enum rc	session_refund(struct db *, struct arena *, int64_t id,
	    const struct session_refund_request *, const struct audit_by *,
	    struct session *, struct err *);
/* Reads the earnings of a session that were reversed, in total. */
enum rc	session_reversed(struct db *, int64_t id, int64_t *earnings);

struct session_refund {
	int64_t at, amount;
	const char *reason;
};

/* Lists the refunds of a session, oldest first; the array is in the arena. */
enum rc	session_refunds(struct db *, struct arena *, const struct session *,
	    struct session_refund **, size_t *n);

/*
 * Jobs. session_presence: stores the proofs of presence every 4 s, and ends the
 * sessions of lost parties. session_due: extends leases and ends sessions. session_low: notifies
 * both parties of a low balance. session_mean: updates the listeners' mean
 * lengths of sessions.
 */
enum rc	session_presence_pending(struct job_run *);
enum rc	session_presence_run(struct job_run *);
enum rc	session_due_pending(struct job_run *);
enum rc	session_due_run(struct job_run *);
enum rc	session_low_pending(struct job_run *);
enum rc	session_low_run(struct job_run *);
enum rc	session_mean_pending(struct job_run *);
enum rc	session_mean_run(struct job_run *);

#endif
