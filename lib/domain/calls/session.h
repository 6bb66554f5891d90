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
#include "domain/money/billing.h"

enum session_state { SESSION_LIVE, SESSION_ENDED };
extern const char *const session_state_names[];	/* "live", "ended", NULL */

/* Kinds of calls and sessions. */
enum session_kind { SESSION_AUDIO, SESSION_VIDEO };
extern const char *const session_kind_names[];	/* "audio", "video", NULL */

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
	enum session_kind kind;
	const char *channel;		/* of a direct session; NULL: the call
					 * has it, or not read */
	enum session_state state;
	bool waiting;			/* for the listener's first request */
	struct tariff tariff;
	int64_t started_at;
	int64_t billed_from;		/* start of billing */
	int64_t paused_ms;		/* of outages that are not billed */
	int64_t gap_from, gap_until;	/* the last outage; INT64_MIN: none */
	bool gap_open;			/* both parties must return */
	int64_t leased_until;
	int64_t leased_free, held_wallet, held_bonus;
	int64_t lasts_until;		/* when the money is used up, computed
					 * from the last known balance */
	bool low_notified;		/* of the low balance */
	/* if state is SESSION_ENDED */
	int64_t ended_at;
	enum session_cause cause;
	bool forgiven;			/* counts toward billing.lost_free */
	struct bill bill;
	int64_t cost_bonus, balance, refunded;
	int64_t reversed;		/* earnings taken back by refunds */
	/* the review */
	int64_t rating;			/* 0: no review */
	const char *comment;
	int64_t reviewed_at;
};

/*
 * Starts a session. Checks, in this order: RC_BAD cannot_call_self;
 * RC_NOT_FOUND "Listener not found" (not a verified and active listener);
 * RC_CONFLICT customer_busy, listener_busy (err->wait_time, in minutes);
 * RC_PAYMENT balance_owed, insufficient_balance (for one minute, including
 * promotions). *max_ms: the time that the present balance pays for.
 * call: the call that the session belongs to, or INT64_MIN. The parties of a
 * call are busy already, so this is not checked. Both users get the event
 * session.started. The names in the struct are not set.
 */
enum rc	session_start(struct db *, const struct conf *, int64_t customer,
	    int64_t listener, int64_t call, int64_t now, struct session *,
	    int64_t *max_ms, struct err *);
/*
 * Checks whether a session could start, without checking that both users are
 * free. *max_ms and errors as for session_start().
 */
enum rc	session_affords(struct db *, const struct conf *, int64_t customer,
	    int64_t listener, int64_t now, int64_t *max_ms, struct err *);
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
/*
 * Registers session_extended() for wallet_credited(). Each program that moves
 * money calls it at its start.
 */
void	session_register(void);
/*
 * Computes how long a session may run in total with the customer's present
 * balance, in ms; BILLING_FOREVER if it is free.
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
 * Refunds an ended session, or a part of it, for an administrator; audited.
 * amount 0: the rest of the cost. The operator returns its share of the amount
 * from the fees. If charge_listener is set, the rest is taken from the
 * listener's earnings that are not paid out yet; the operator pays the
 * remainder (account "refunds"). The customer's own money is returned before
 * bonus money, which becomes bonus again. Then debts of the customer are
 * settled. A full refund hides the review. Returns RC_CONFLICT session_live, or
 * not_refundable if the amount exceeds the rest or the rest is 0.
 */
enum rc	session_refund(struct db *, struct arena *, int64_t id,
	    int64_t amount, bool charge_listener, const char *reason,
	    const struct audit_by *, struct session *, struct err *);

struct session_refund {
	int64_t at, amount;
	const char *reason;
};

/* Lists the refunds of a session, oldest first; the array is in the arena. */
enum rc	session_refunds(struct db *, struct arena *, const struct session *,
	    struct session_refund **, size_t *n);

/*
 * Jobs. session_due: extends leases and ends sessions. session_low: notifies
 * both parties of a low balance. session_mean: updates the listeners' mean
 * lengths of sessions.
 */
enum rc	session_due_pending(struct job_run *);
enum rc	session_due_run(struct job_run *);
enum rc	session_low_pending(struct job_run *);
enum rc	session_low_run(struct job_run *);
enum rc	session_mean_pending(struct job_run *);
enum rc	session_mean_run(struct job_run *);

#endif
