/*
 * payment: money that comes in by a provider, and goes back.
 *
 * A payment begins pending; only an event of its provider (a webhook whose
 * signature was checked, or the provider's answer when we ask) credits it, once
 * ever, whatever event says so and how often: the row's credited_at is set in
 * the transaction of the top-up. An event whose amount or currency is not the
 * payment's credits nothing and leaves a flag for an administrator. What was
 * declined or has expired is still credited when the provider says later that
 * it was paid: the money is there.
 *
 * Returns are refunds and disputes. Each takes back from the payer what it
 * says, once by its provider's number, never more than the payment in all.
 * Nothing here knows how a provider speaks: that is providers/provider.h.
 */
#ifndef DOMAIN_MONEY_PAYMENT_H
#define DOMAIN_MONEY_PAYMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/common/audit.h"
#include "domain/common/job.h"

enum payment_status {
	PAYMENT_PENDING, PAYMENT_PAID, PAYMENT_FAILED, PAYMENT_EXPIRED
};
/*
 * What people are shown: "pending", "paid", "failed", "expired", and, of paid
 * ones, "partially_refunded", "refunded", "disputed".
 */
const char	*payment_status_name(int64_t status, int64_t amount,
		    int64_t refunded, int64_t disputed);
extern const char *const payment_status_names[];	/* the first four */

struct payment {
	int64_t id, user;
	const char *username;		/* lists of an administrator */
	enum provider provider;
	enum payment_status status;
	int64_t amount;
	const char *currency;
	const char *ref, *paid_ref, *secret;
	uint8_t page_key[16];
	int64_t refunded, disputed;
	const char *flag, *error;
	int64_t credited_at;		/* INT64_MIN: not */
	int64_t created_at, updated_at;
};

/*
 * Begin one. RC_INVALID: amount out of the configured bounds, currency (NULL:
 * not said) not the installation's.
 */
enum rc	payment_begin(struct db *, struct arena *, const struct conf *,
	    int64_t user, enum provider, int64_t amount, const char *currency,
	    int64_t now, struct payment *, struct err *);
/*
 * The provider has it: its number, and the secret of the client's checkout. One
 * that was refused before is pending again.
 */
enum rc	payment_opened(struct db *, int64_t id, const char *ref,
	    const char *secret, int64_t now);
/* The provider did not take it: failed. */
enum rc	payment_refused(struct db *, int64_t id, const char *why, int64_t now);
/*
 * The idempotency key of what a provider is told, the same on each try and
 * another in each installation: thing "pay", number 0, or "refund" and the
 * return's number.
 */
const char *payment_idem_key(struct arena *, const struct payment *,
	    const char *thing, int64_t number);

/* user 0: anybody's. RC_NOT_FOUND "Payment not found". */
enum rc	payment_get(struct db *, struct arena *, int64_t id, int64_t user,
	    struct payment *, struct err *);
/* By the key of its pages; RC_NOT_FOUND also where the key is another. */
enum rc	payment_of_page(struct db *, struct arena *, int64_t id,
	    const uint8_t key[16], struct payment *, struct err *);

/* What a provider says, in our words. */
enum payment_event_kind {
	PAYMENT_EVENT_NONE,		/* nothing that concerns us */
	PAYMENT_EVENT_PAID,		/* captured */
	PAYMENT_EVENT_FAILED,		/* an attempt failed; the payment stays pending,
				 * or is failed where the provider has ended it */
	PAYMENT_EVENT_ENDED,	/* cancelled or expired at the provider */
	PAYMENT_EVENT_REFUND,	/* a refund, in the state that `state` says */
	PAYMENT_EVENT_DISPUTE,		/* the provider took the money back */
	PAYMENT_EVENT_DISPUTE_WON	/* and gives it again */
};

struct payment_event {
	enum provider provider;
	const char *id;			/* the provider's, unique; "" for news
				 * that we asked for: no row is kept */
	const char *type;		/* the provider's word */
	enum payment_event_kind news;
	const char *ref;		/* order or intent; NULL: not said */
	const char *paid_ref;		/* payment or charge; NULL: not said */
	int64_t payment;		/* our number, where it was in the notes;
				 * 0: not said. ref goes before it */
	int64_t amount;			/* of what is told of */
	const char *currency;		/* any case */
	const char *return_ref;		/* of the refund or dispute */
	int64_t return_no;		/* our number of a refund that we asked
					 * for; 0: not said */
	int return_state;		/* 1 pending 2 done 3 failed */
	const char *why;		/* of a failure; NULL */
};

enum payment_outcome {
	PAYMENT_OUTCOME_NONE, PAYMENT_OUTCOME_CREDITED, PAYMENT_OUTCOME_KNOWN,
	PAYMENT_OUTCOME_FAILED, PAYMENT_OUTCOME_FLAGGED,
	    PAYMENT_OUTCOME_REVERSED, PAYMENT_OUTCOME_REINSTATED,
	    PAYMENT_OUTCOME_FOREIGN
};
extern const char *const payment_outcome_names[];

/*
 * Act on an event, in a write transaction. *again: its id was seen before, and
 * nothing was done. A credit pays the referral bonus where it is due.
 */
enum rc	payment_apply(struct db *, struct arena *, const struct conf *,
	    const struct payment_event *, int64_t now, bool *again,
	    enum payment_outcome *, struct err *);
/*
 * Take back what the returns of a credited payment say and was not taken yet,
 * as far as there is anything left of it; *sum is how much that was. For the
 * domain's own files.
 */
enum rc	payment_settle(struct db *, struct arena *, int64_t id, int64_t now,
	    int64_t *sum, struct err *);
struct payment_reversal;
/* A refund failed or a dispute was won: what was taken is the payer's again. */
enum rc	payment_reverse(struct db *, struct arena *,
	    const struct payment_reversal *, const char *why, int64_t now,
	    struct err *);
/* For an administrator to look at. */
enum rc	payment_flag(struct db *, int64_t id, const char *flag, int64_t now);
/* An administrator did, and says what came of it. RC_NOT_FOUND. */
enum rc	payment_unflag(struct db *, struct arena *, int64_t id,
	    const char *note, const struct audit_by *, struct payment *,
	    struct err *);

struct payment_query {
	int64_t user;			/* 0: all */
	int status;			/* enum payment_status; -1: all */
	bool flagged;			/* those alone */
	int64_t limit, offset, before;	/* ids below; INT64_MAX: all */
};
struct payment_page {
	struct payment *payments;
	size_t n;
	int64_t total;
	bool more;
};
/* Newest first. */
enum rc	payment_list(struct db *, struct arena *, const struct payment_query *,
	    struct payment_page *);

/* What its provider has said, newest first; at most 100. */
struct payment_notice {
	int64_t id;
	enum provider provider;
	int64_t payment;		/* INT64_MIN: none of ours */
	const char *event_id, *type, *detail;
	enum payment_outcome outcome;
	int64_t received_at;
};
enum rc	payment_events(struct db *, struct arena *, int64_t id,
	    struct payment_notice **, size_t *n);

struct payment_notice_query {
	int64_t payment;		/* 0: of all */
	int provider;			/* 0: all */
	int64_t limit, offset, before;	/* ids below; INT64_MAX: all */
};
struct payment_notice_page {
	struct payment_notice *said;
	size_t n;
	int64_t total;
	bool more;
};
/* What all providers have said, newest first. */
enum rc	payment_notice_list(struct db *, struct arena *,
	    const struct payment_notice_query *, struct payment_notice_page *);

/* Refunds and disputes. */
enum payment_reversal_state { REVERSAL_ASKED, REVERSAL_PENDING, REVERSAL_DONE,
	    REVERSAL_FAILED };
extern const char *const payment_reversal_state_names[];

struct payment_reversal {
	int64_t id, payment;
	bool dispute;
	enum payment_reversal_state state;
	const char *ref, *reason, *error;
	int64_t amount, taken;
	int64_t created_at, updated_at;
	int64_t attempts;		/* to tell the provider */
};
/* Oldest first. */
enum rc	payment_reversals(struct db *, struct arena *, int64_t payment,
	    struct payment_reversal **, size_t *n);
/*
 * Ask for a refund (amount 0: all that is left); the money is taken from the
 * wallet now and the provider is told by the jobs. RC_CONFLICT not_refundable:
 * not paid, or not so much left. RC_CONFLICT insufficient_balance: the wallet
 * has not so much (unless even_if_spent: then it owes). Audited.
 */
enum rc	payment_refund(struct db *, struct arena *, int64_t id,
	    int64_t amount, const char *reason, bool even_if_spent,
	    const struct audit_by *, struct payment_reversal *, struct err *);

/*
 * For the jobs, which speak to providers between two transactions: payments
 * that are to be asked about, refunds that are to be told. Each claims what it
 * gives, the refunds until `lease` from now, so that nobody else takes it. The
 * sandbox is not asked: it is ours.
 */
enum rc	payment_to_ask(struct db *, struct arena *, const struct conf *,
	    int64_t now, int64_t limit, struct payment **, size_t *n);
enum rc	payment_to_refund(struct db *, struct arena *, int64_t now,
	    int64_t lease, int64_t limit, struct payment_reversal **,
	    size_t *n);
/* Is there any, for a read transaction. */
enum rc	payment_any_due(struct db *, const struct conf *, int64_t now, bool *any);
/*
 * The provider says, or can no longer be asked, that nobody has paid: expired
 * where it is older than payments.expire_after, else nothing.
 */
enum rc	payment_unpaid(struct db *, const struct conf *, int64_t id,
	    int64_t now);
/* The provider took it: REVERSAL_PENDING or REVERSAL_DONE, and its number. */
enum rc	payment_refund_sent(struct db *, struct arena *, int64_t id,
	    const char *ref, enum payment_reversal_state, int64_t now,
	    struct err *);
/*
 * It did not. for_good: never will (the money goes back to the wallet, and the
 * payment is flagged); else it is tried again, with back-off, for a day.
 */
enum rc	payment_refund_failed(struct db *, struct arena *, int64_t id,
	    const char *why, bool for_good, int64_t now, struct err *);

/*
 * The job: those older than payments.expire_after of which no provider can be asked
 * (the sandbox's, and those that no provider has) are expired. The others
 * expire when their provider has said that they are not paid.
 */
enum rc	payment_expire_pending(struct job_run *);
enum rc	payment_expire_run(struct job_run *);

#endif
