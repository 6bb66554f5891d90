/*
 * payment: payments through a provider, their refunds and their disputes.
 *
 * A new payment is pending. Only an event of its provider credits it: a webhook
 * with a valid signature, or the provider's response to a poll. It is credited
 * once, even if several events confirm it: the transaction of the top-up sets
 * credited_at. If the amount or the currency of an event differs from the
 * payment, nothing is credited and the payment is flagged for an administrator,
 * who can accept another amount. If the account was deleted meanwhile, the
 * payment is credited, refunded at once, and flagged. A declined or expired
 * payment is still credited if the provider reports later that it was paid.
 *
 * Reversals are refunds and disputes. Each takes its amount from the payer,
 * once per number of the provider; the sum that is taken never exceeds the
 * payment. The operator loses the rest (account "loss"). A reversal that fails
 * returns the money to the accounts that it was taken from.
 * The protocols of the providers are in providers/provider.h.
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
 * Returns the status for clients: "pending", "paid", "failed" or "expired"; for
 * a paid payment also "partially_refunded", "refunded" or "disputed".
 */
const char	*payment_status_name(int64_t status, int64_t amount,
		    int64_t refunded, int64_t disputed);
extern const char *const payment_status_names[];	/* NULL ends */

struct payment {
	int64_t id, user;
	const char *username;		/* NULL: deleted */
	enum provider provider;
	enum payment_status status;
	int64_t amount;
	const char *currency;
	const char *ref, *paid_ref, *secret;
	uint8_t page_key[16];
	int64_t refunded, disputed;
	int64_t requested;		/* the amount at first, if another one
					 * was accepted; else INT64_MIN */
	const char *flag;		/* the oldest open flag; NULL: none */
	const char *flags;		/* all, oldest first, as a JSON array;
					 * NULL: none */
	const char *error;
	int64_t credited_at;		/* INT64_MIN: not credited */
	int64_t created_at, updated_at;
};

/*
 * Creates a pending payment. Returns RC_INVALID if the amount is outside of the
 * configured bounds or not a multiple of the provider's step, or the currency
 * (NULL: not given) is not the configured one, and RC_LIMITED if the user has
 * too many pending payments.
 */
enum rc	payment_begin(struct db *, struct arena *, const struct conf *,
	    int64_t user, enum provider, int64_t amount, const char *currency,
	    int64_t now, struct payment *, struct err *);
/*
 * Returns RC_INVALID if the provider does not accept an amount in a currency
 * because it is not a multiple of the provider's step. Only the files of
 * payments call it.
 */
enum rc	payment_check_step(struct arena *, enum provider, int64_t amount,
	    const char *currency, struct err *);
/* Sets *n to the number of pending payments of a user. */
enum rc	payment_count_pending(struct db *, int64_t user, int64_t *n);
/*
 * Stores the provider's number of the payment, and the secret of the client's
 * checkout (NULL: no secret). If the provider refused it before, it becomes
 * pending again.
 */
enum rc	payment_opened(struct db *, int64_t id, const char *ref,
	    const char *secret, int64_t now);
/* Marks a payment as failed because the provider did not create it. */
enum rc	payment_refused(struct db *, int64_t id, const char *why, int64_t now);
/*
 * Returns the idempotency key of a request to a provider, in the arena. It is
 * the same for each attempt and differs between installations. thing: "pay"
 * with number 0, or "refund" with the id of the reversal.
 */
const char *payment_idem_key(struct arena *, const struct payment *,
	    const char *thing, int64_t number);

/*
 * Reads a payment; its texts are in the arena. Returns RC_NOT_FOUND if it does
 * not exist or belongs to another user (user 0: any user).
 */
enum rc	payment_get(struct db *, struct arena *, int64_t id, int64_t user,
	    struct payment *, struct err *);
/* Reads a payment for its checkout page. RC_NOT_FOUND if the key is wrong. */
enum rc	payment_of_page(struct db *, struct arena *, int64_t id,
	    const uint8_t key[16], struct payment *, struct err *);

/* Kinds of events, common to all providers. */
enum payment_event_kind {
	PAYMENT_EVENT_NONE,		/* an event without effect */
	PAYMENT_EVENT_PAID,		/* captured */
	PAYMENT_EVENT_FAILED,		/* an attempt failed; others may follow
					 * (sandbox: the payment failed) */
	PAYMENT_EVENT_ENDED,		/* canceled or expired there */
	PAYMENT_EVENT_REFUND,		/* a refund; see return_state */
	PAYMENT_EVENT_DISPUTE,		/* the provider took the money back */
	PAYMENT_EVENT_DISPUTE_WON	/* the provider returned the money */
};

struct payment_event {
	enum provider provider;
	const char *id;			/* of the provider, unique; "": the
					 * response to a poll, not stored */
	const char *type;		/* the provider's name of the event */
	enum payment_event_kind kind;
	const char *ref;		/* order or intent; NULL: not given */
	const char *paid_ref;		/* payment or charge; NULL: not given */
	int64_t payment;		/* our id from the metadata; 0: not
					 * given. ref takes precedence */
	int64_t amount;			/* of the payment or the reversal */
	const char *currency;		/* upper or lower case */
	const char *return_ref;		/* number of the refund or dispute */
	int64_t return_no;		/* our id of a refund that we
					 * requested; 0: not given */
	int return_state;		/* 1 pending, 2 done, 3 failed */
	const char *why;		/* reason of a failure; NULL: none */
};

/* The effect of an event. */
enum payment_outcome {
	PAYMENT_OUTCOME_NONE, PAYMENT_OUTCOME_CREDITED,
	PAYMENT_OUTCOME_KNOWN,		/* recorded before, or no money moved */
	PAYMENT_OUTCOME_FAILED, PAYMENT_OUTCOME_FLAGGED,
	PAYMENT_OUTCOME_REVERSED, PAYMENT_OUTCOME_REINSTATED,
	PAYMENT_OUTCOME_FOREIGN		/* not a payment of this system */
};
extern const char *const payment_outcome_names[];

/*
 * Applies an event, in a write transaction. If its id was stored before, sets
 * *again and changes nothing. A credit also pays the bonus that a promotion
 * grants for it.
 */
enum rc	payment_apply(struct db *, struct arena *, const struct conf *,
	    const struct payment_event *, int64_t now, bool *again,
	    enum payment_outcome *, struct err *);
/*
 * Takes from the payer the open amounts of a payment's reversals, up to the
 * rest of the payment, and books the rest of them as a loss. Does nothing if the
 * payment is not credited. *sum: the amount taken. Only the files of payments
 * call it.
 */
enum rc	payment_settle(struct db *, struct arena *, int64_t id, int64_t now,
	    int64_t *sum, struct err *);
struct payment_reversal;
/*
 * Marks a reversal as failed (a failed refund, a dispute that was won) and
 * returns to the payer what it took. Only the files of payments call it.
 */
enum rc	payment_reverse(struct db *, struct arena *,
	    const struct payment_reversal *, const char *why, int64_t now,
	    struct err *);
/*
 * Adds a flag: a text that asks an administrator to check a payment. The same
 * text is added once. payment_flag_captured() also stores amount, currency and
 * paid_ref of an event, which payment_accept() can credit.
 */
enum rc	payment_flag(struct db *, int64_t id, const char *flag, int64_t now);
enum rc	payment_flag_captured(struct db *, int64_t id, const char *flag,
	    const struct payment_event *, int64_t now);
/*
 * Credits an uncredited payment: top-up, referral bonus, earlier reversals. If
 * the account is deleted, sets *late and requests the refund instead. Returns
 * RC_CONFLICT without details if paid_ref belongs to another payment. Only the
 * files of payments call it.
 */
enum rc	payment_credit(struct db *, struct arena *, const struct conf *,
	    const struct payment *, const char *paid_ref, int64_t now,
	    bool *late, struct err *);
/*
 * Credits an amount that the provider captured and that differs from the
 * payment (0: the only one that was reported), and clears its flag. Audited with
 * the administrator's note. Returns RC_NOT_FOUND if the payment does not exist,
 * RC_CONFLICT not_acceptable if it is credited already or no such amount was
 * reported in its currency, and RC_CONFLICT account_deleted.
 */
enum rc	payment_accept(struct db *, struct arena *, const struct conf *,
	    int64_t id, int64_t amount, const char *note,
	    const struct audit_by *, struct payment *, struct err *);
/*
 * Clears all flags of a payment. Audited with the administrator's note. Returns
 * RC_NOT_FOUND if the payment does not exist.
 */
enum rc	payment_unflag(struct db *, struct arena *, int64_t id,
	    const char *note, const struct audit_by *, struct payment *,
	    struct err *);

struct payment_query {
	int64_t user;			/* 0: all */
	int status;			/* enum payment_status; -1: all */
	bool flagged;			/* only flagged payments */
	int64_t limit, offset;
	int64_t before;			/* ids below it; INT64_MAX: all */
};
struct payment_page {
	struct payment *payments;
	size_t n;
	int64_t total;
	bool more;
};
/* Lists payments, newest first. */
enum rc	payment_list(struct db *, struct arena *,
	    const struct payment_query *, struct payment_page *);

/* A stored event of a provider. */
struct payment_notice {
	int64_t id;
	enum provider provider;
	int64_t payment;		/* INT64_MIN: not of this system */
	const char *event_id, *type, *detail;
	enum payment_outcome outcome;
	int64_t received_at;
};
/* Lists the events of a payment, newest first, at most 100. */
enum rc	payment_events(struct db *, struct arena *, int64_t id,
	    struct payment_notice **, size_t *n);

struct payment_notice_query {
	int64_t payment;		/* 0: all */
	int provider;			/* 0: all */
	int64_t limit, offset;
	int64_t before;			/* ids below it; INT64_MAX: all */
};
struct payment_notice_page {
	struct payment_notice *notices;
	size_t n;
	int64_t total;
	bool more;
};
/* Lists events of providers, newest first. */
enum rc	payment_notice_list(struct db *, struct arena *,
	    const struct payment_notice_query *, struct payment_notice_page *);

/* Refunds and disputes. */
enum payment_reversal_state {
	REVERSAL_ASKED,			/* not sent to the provider yet */
	REVERSAL_PENDING, REVERSAL_DONE, REVERSAL_FAILED
};
extern const char *const payment_reversal_state_names[];

struct payment_reversal {
	int64_t id, payment;
	bool dispute;
	enum payment_reversal_state state;
	const char *ref, *reason, *error;
	int64_t amount, taken;
	int64_t taken_bonus;		/* part of taken, from the bonus */
	int64_t lost;			/* part of amount - taken */
	int64_t created_at, updated_at;
	int64_t attempts;		/* requests to the provider */
};
/* Lists the reversals of a payment, oldest first. */
enum rc	payment_reversals(struct db *, struct arena *, int64_t payment,
	    struct payment_reversal **, size_t *n);
/*
 * Requests a refund (amount 0: the rest of the payment). The money leaves the
 * wallet now; a job sends the request to the provider. Returns RC_CONFLICT
 * not_refundable if the payment is not paid or the amount exceeds its rest, and
 * RC_CONFLICT insufficient_balance if it exceeds the wallet. If even_if_spent
 * is set, the user owes the difference instead. Audited.
 */
enum rc	payment_refund(struct db *, struct arena *, int64_t id,
	    int64_t amount, const char *reason, bool even_if_spent,
	    const struct audit_by *, struct payment_reversal *, struct err *);
/*
 * Checks a refund and replaces an amount of 0 by the rest. Errors are those of
 * payment_refund().
 */
enum rc	payment_refund_check(struct db *, struct arena *, int64_t id,
	    int64_t *amount, bool even_if_spent, struct err *);

/*
 * For the jobs, which send requests to providers between two transactions:
 * payments to poll, and refunds to send. Both claim the rows that they return,
 * so that no other process takes them; a claim of a refund lasts `lease` ms.
 * The sandbox is not polled.
 */
enum rc	payment_to_poll(struct db *, struct arena *, const struct conf *,
	    int64_t now, int64_t limit, struct payment **, size_t *n);
enum rc	payment_to_refund(struct db *, struct arena *, int64_t now,
	    int64_t lease, int64_t limit, struct payment_reversal **,
	    size_t *n);
/* Checks, in a read transaction, whether one of the two has work. */
enum rc	payment_any_due(struct db *, const struct conf *, int64_t now,
	    bool *any);
/*
 * Records that the provider reported a payment as unpaid, or cannot be polled:
 * it expires if it is older than payments.expire_after.
 */
enum rc	payment_unpaid(struct db *, const struct conf *, int64_t id,
	    int64_t now);
/*
 * Records that the provider accepted a refund, its number, and its state:
 * REVERSAL_PENDING or REVERSAL_DONE.
 */
enum rc	payment_refund_sent(struct db *, struct arena *, int64_t id,
	    const char *ref, enum payment_reversal_state, int64_t now,
	    struct err *);
/*
 * Records that a request for a refund failed. It is retried with backoff for a
 * day. If `permanent` is set or the day is over, the money returns to the
 * wallet and the payment is flagged.
 */
enum rc	payment_refund_failed(struct db *, struct arena *, int64_t id,
	    const char *why, bool permanent, int64_t now, struct err *);

/*
 * Job: expires payments that are older than payments.expire_after and that no
 * provider can be polled for: those of the sandbox, and those that were never
 * created at a provider. The others expire by payment_unpaid().
 */
enum rc	payment_expire_pending(struct job_run *);
enum rc	payment_expire_run(struct job_run *);

#endif
