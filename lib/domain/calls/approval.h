/*
 * approval: adjustments and refunds of administrators, and those that wait for
 * another administrator.
 *
 * If admin.approval_limit is set, an administrator may adjust and refund at most
 * that amount in 24 hours. A further request is stored instead of being run,
 * until another administrator or `earmark` approves or rejects it. Approved
 * requests do not count.
 *
 * An approver has had the role for APPROVAL_ROLE_AGE or received it from
 * `earmark`. Nobody approves a request that they made, or one about their own
 * wallet or session.
 */
#ifndef DOMAIN_CALLS_APPROVAL_H
#define DOMAIN_CALLS_APPROVAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "domain/calls/session.h"
#include "domain/money/payment.h"

#define APPROVAL_ROLE_AGE	(7 * DAY)

enum approval_kind {
	APPROVAL_ADJUST = 1, APPROVAL_SESSION_REFUND, APPROVAL_PAYMENT_REFUND
};
enum approval_state { APPROVAL_PENDING, APPROVAL_APPROVED, APPROVAL_REJECTED };
/* For F_ENUM. The index of a kind is the kind minus 1. */
extern const char *const approval_kind_names[];
extern const char *const approval_state_names[];

/* What an administrator asks for. */
struct approval_request {
	enum approval_kind kind;
	int64_t target;			/* id of the user, session or payment */
	int account;			/* enum ledger_kind, of an adjustment */
	int64_t amount, earnings;	/* as for session_refund(); a payment:
					 * 0 is the rest */
	bool charge_listener;		/* session */
	bool even_if_spent;		/* payment */
	const char *reason;
};

/* The effect of a request. */
struct approval_result {
	int64_t approval;		/* id of the stored request; 0: it ran */
	struct session session;		/* APPROVAL_SESSION_REFUND that ran */
	struct payment_reversal reversal; /* APPROVAL_PAYMENT_REFUND that ran */
};
/*
 * Runs a request, or stores it if it exceeds the limit; audited. Requests of
 * `earmark` (by->actor is 0) always run. Errors are those of wallet_adjust(),
 * session_refund() and payment_refund().
 */
enum rc	approval_submit(struct db *, struct arena *, const struct conf *,
	    const struct approval_request *, const struct audit_by *,
	    struct approval_result *, struct err *);

struct approval {
	int64_t id;
	enum approval_state state;
	struct approval_request request;
	int64_t requested_by, requested_at;
	int64_t decided_by, decided_at;	/* INT64_MIN: `earmark`, pending */
	const char *note;		/* of the decision; NULL: none */
};
/*
 * Runs a stored request. If it fails, its error is returned and the request
 * stays pending. Returns RC_NOT_FOUND, RC_CONFLICT approval_decided, and
 * RC_FORBIDDEN own_request, own_wallet or role_too_new. note may be NULL.
 */
enum rc	approval_approve(struct db *, struct arena *, int64_t id,
	    const char *note, const struct audit_by *, struct approval *,
	    struct err *);
/* Rejects a stored request; its author may do so, too. Errors as above. */
enum rc	approval_reject(struct db *, struct arena *, int64_t id,
	    const char *note, const struct audit_by *, struct approval *,
	    struct err *);

struct approval_query {
	int state;			/* enum approval_state; -1: all */
	int64_t limit, offset;
	int64_t before;			/* ids below it; INT64_MAX: all */
};
struct approval_page {
	struct approval *approvals;
	size_t n;
	int64_t total;
	bool more;
};
/* Lists requests, newest first. */
enum rc	approval_list(struct db *, struct arena *,
	    const struct approval_query *, struct approval_page *);

#endif
