/*
 * session: a customer pays a listener by the minute.
 *
 * Two-phase on the ledger: the start reserves (holds) the first minute, the job
 * reserves each next one before it begins, the end pays what was used and
 * releases the rest. When the next minute can not be reserved, the session ends
 * at the end of its lease, to the millisecond, whenever the job comes to say
 * so; so a server that was down bills nobody for the time behind it.
 * Who is in a live session is busy (presence); unique indexes allow one a
 * customer and one a listener. Times of ends never lie before the start.
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

enum session_cause {
	SESSION_CAUSE_CUSTOMER = 1, SESSION_CAUSE_LISTENER, SESSION_CAUSE_MONEY,
	SESSION_CAUSE_BAN, SESSION_CAUSE_DELETED, SESSION_CAUSE_OPERATOR,
	    SESSION_CAUSE_LEFT
};
/* "customer", ... for F_ENUM: the index is the cause less 1. */
extern const char *const session_cause_names[];

struct session {
	int64_t id, customer, listener;
	int64_t call;			/* INT64_MIN: none */
	const char *customer_name, *listener_name;
	enum session_state state;
	struct tariff tariff;
	int64_t started_at, leased_until;
	int64_t leased_free, held_wallet, held_bonus;
	int64_t lasts_until;		/* all of the customer's money, as it was
					 * when that was last looked at */
	bool low_told;
	/* once ended */
	int64_t ended_at;
	enum session_cause cause;
	struct bill bill;
	int64_t cost_bonus, balance, refunded;
	/* its review */
	int64_t rating;			/* 0: none */
	const char *comment;
	int64_t reviewed_at;
};

/*
 * Start one. Checks, in order: RC_BAD cannot_call_self; RC_NOT_FOUND
 * "Listener not found" (no such user, no listener, not verified, not active);
 * RC_CONFLICT customer_busy, listener_busy (with err->wait_time, minutes);
 * RC_PAYMENT balance_owed, insufficient_balance (less than one minute, after
 * promotions). *max_ms: how long the balance lasts as it is now.
 * call: of the call that it belongs to, INT64_MIN: none (domain/calls/call.h starts a
 * call's own, whose parties are busy already). Both get the event
 * session.started. The struct has no names.
 */
enum rc	session_start(struct db *, const struct conf *, int64_t customer,
	    int64_t listener, int64_t call, int64_t now, struct session *,
	    int64_t *max_ms, struct err *);
/*
 * Could it start, apart from whether the two are free? *max_ms as above;
 * refusals as above.
 */
enum rc	session_affords(struct db *, const struct conf *, int64_t customer,
	    int64_t listener, int64_t now, int64_t *max_ms, struct err *);
/*
 * End it at `at`. Minutes up to then that the jobs have not reserved yet are
 * reserved now; where the money ended before, so did the session
 * (SESSION_CAUSE_MONEY). The first end counts: later ones give the same
 * session, *first false. user must be a party, 0: the server; else RC_NOT_FOUND
 * "Session not found". The struct has no names and no review.
 */
enum rc	session_end(struct db *, int64_t id, int64_t user, enum session_cause,
	    int64_t at, int64_t now, struct session *, bool *first,
	    struct err *);
/* End the live sessions of somebody who is banned or leaves. */
enum rc	session_end_of(struct db *, int64_t user, enum session_cause,
	    int64_t now, struct err *);
/*
 * Reserve whole minutes so that it may run to `to`, as far as there is money;
 * the lease in the struct is what it is then, and is never shorter than before.
 * It tells nobody and ends nothing.
 */
enum rc	session_lease(struct db *, struct session *, int64_t to, int64_t now,
	    struct err *);
/*
 * This user got money or free minutes: the live session that it pays, if there
 * is one, may run longer, and both sides are told (session.extended). Where
 * the money had ended before, and nobody has come to say so yet, the session
 * ended with it. To be called behind whatever gives somebody money, in its
 * transaction; once more for the same money does nothing.
 */
enum rc	session_extended(struct db *, int64_t user, int64_t now,
	    struct err *);
/*
 * Registers session_extended() for wallet_credited(). Each program that moves
 * money calls it at its start.
 */
void	session_register(void);
/*
 * How long it may run in all with what its customer has now, ms;
 * BILLING_FOREVER where it costs nothing.
 */
enum rc	session_max(struct db *, const struct session *, int64_t *max_ms);

/*
 * One; user a party, or 0: anybody's (an administrator asks). RC_NOT_FOUND
 * "Session not found". session_core() reads neither names nor review.
 */
enum rc	session_get(struct db *, struct arena *, int64_t id, int64_t user,
	    struct session *, struct err *);
enum rc	session_core(struct db *, int64_t id, int64_t user, struct session *,
	    struct err *);

enum session_side { SESSION_SIDE_CUSTOMER = 1, SESSION_SIDE_LISTENER,
	    SESSION_SIDE_EITHER, SESSION_SIDE_ALL };

/* Newest first; before: ids below it (INT64_MAX: all). */
struct session_query {
	enum session_side side;
	int64_t user;			/* 0 with SESSION_SIDE_ALL */
	int state;			/* enum session_state; -1: all */
	int64_t limit, offset, before;
};

struct session_page {
	struct session *sessions;
	size_t n;
	int64_t total;
	bool more;
};

enum rc	session_list(struct db *, struct arena *, const struct session_query *,
	    struct session_page *);

/* What a listener has earned. */
struct session_earnings {
	int64_t balance;		/* not yet paid out */
	int64_t earned, paid_out;	/* ever; less what refunds took */
	int64_t sessions, minutes;	/* ended ones, ever */
};
enum rc	session_earnings(struct db *, int64_t listener,
	    struct session_earnings *);

/*
 * An administrator gives money of an ended session back to its customer: amount
 * 0 is all that is left of the cost. The house gives its share of the amount
 * from its fees; the rest comes out of the listener's earnings where
 * charge_listener, as far as they are not paid out, else it is the house's
 * (refunds). The customer's own money returns first, bonus money as bonus; what
 * is owed is settled. A full refund hides the session's review. RC_CONFLICT
 * session_live, not_refundable (nothing left, or more than is left). Audited.
 */
enum rc	session_refund(struct db *, struct arena *, int64_t id,
	    int64_t amount, bool charge_listener, const char *reason,
	    const struct audit_by *, struct session *, struct err *);

struct session_refund {
	int64_t at, amount;
	const char *reason;
};

/* What was given back for one, oldest first; an array in the arena. */
enum rc	session_refunds(struct db *, struct arena *, const struct session *,
	    struct session_refund **, size_t *n);

/* Jobs: leases and ends; the warning a minute before; mean call lengths. */
enum rc	session_due_pending(struct job_run *);
enum rc	session_due_run(struct job_run *);
enum rc	session_low_pending(struct job_run *);
enum rc	session_low_run(struct job_run *);
enum rc	session_mean_pending(struct job_run *);
enum rc	session_mean_run(struct job_run *);

#endif
