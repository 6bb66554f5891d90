/* session_refund: refunds of sessions by administrators. */
#include "domain/calls/review.h"

#include "base/field.h"
#include "base/int64.h"
#include "domain/calls/session.h"
#include "domain/money/ledger.h"
#include "domain/money/payment_notice.h"
#include "domain/money/revenue.h"
#include "domain/money/wallet.h"
#include "domain/money/wallet_close.h"

/*
 * The amounts that refunds of a session have moved in total, by account. The
 * sources (fee, earnings, refunds) are positive if they paid.
 */
struct parts {
	int64_t fee, earnings, refunds;	/* sources */
	int64_t promotion, adjustment;	/* destinations, of earnings that
					 * exceed the refund */
	int64_t wallet, bonus;		/* destinations */
	int64_t revenue;		/* the part of `fee` on `wallet` */
};

/*
 * Computes all parts from two totals: the refunded amount and the reversed
 * earnings. A refund is the difference of the parts after and before it, so that
 * many small refunds add up to one large refund.
 *
 * The operator returns its share of the amount. The listener's share is paid by
 * the reversed earnings, and by the operator (account "refunds") as far as these
 * are less. Earnings beyond that share return to the promotion that paid them;
 * the rest is an adjustment.
 */
static struct parts
divide(const struct session *s, int64_t amount, int64_t earnings)
{
	int64_t own = s->bill.cost - s->cost_bonus;
	int64_t share = amount - billing_fee(&s->tariff, amount);
	int64_t promotion = s->bill.earned - (s->bill.cost -
	    billing_fee(&s->tariff, s->bill.cost));
	int64_t more = earnings > share ? earnings - share : 0;
	struct parts p = { .fee = amount - share, .earnings = earnings,
	    .refunds = earnings < share ? share - earnings : 0 };

	p.promotion = int64_min(more, promotion > 0 ? promotion : 0);
	p.adjustment = more - p.promotion;
	p.wallet = int64_min(amount, own);
	p.bonus = amount - p.wallet;
	p.revenue = billing_fee(&s->tariff, p.wallet);
	return p;
}

static enum rc
audit_json(struct db *db, struct arena *arena, int64_t id,
    const char *reason, int64_t charged, const char **json)
{
	struct stmt *q = stmt_get(db, Q_SESSION_AUDIT);

	stmt_int(q, ":id", id);
	stmt_text(q, ":reason", reason);
	stmt_int(q, ":charged", charged);
	*json = stmt_row(q) ? stmt_col_text(q, 0, arena) : NULL;
	return stmt_done(q);
}

static enum rc
post_refund(struct db *db, const struct session *s, const struct parts *a,
    const struct parts *b, const char *reason, int64_t now, struct err *err)
{
	struct transfer t;
	enum rc rc;

	ledger_transfer_init(&t, TRANSFER_REFUND, s->id, now);
	t.note = reason;
	ledger_transfer_add(&t, LEDGER_OPERATOR(LEDGER_FEE), a->fee - b->fee);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(s->listener, LEDGER_EARNINGS),
	    a->earnings - b->earnings);
	ledger_transfer_add(&t, LEDGER_OPERATOR(LEDGER_REFUNDS),
	    a->refunds - b->refunds);
	ledger_transfer_add(&t, LEDGER_OPERATOR(LEDGER_PROMOTION),
	    b->promotion - a->promotion);
	ledger_transfer_add(&t, LEDGER_OPERATOR(LEDGER_ADJUSTMENT),
	    b->adjustment - a->adjustment);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(s->customer, LEDGER_WALLET),
	    b->wallet - a->wallet);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(s->customer, LEDGER_BONUS),
	    b->bonus - a->bonus);
	rc = wallet_post(db, &t, err);
	if (rc == RC_OK)
		rc = revenue_add(db, s->customer, s->listener,
		    a->revenue - b->revenue, now);
	if (rc == RC_OK)
		rc = wallet_close_sync(db, s->listener, now, err);
	return rc == RC_OK ? wallet_settle(db, s->customer, now, err) : rc;
}

static enum rc
store_refund(struct db *db, const struct session *s, int64_t amount,
    int64_t earnings)
{
	struct stmt *q = stmt_get(db, Q_SESSION_REFUND);
	enum rc rc;

	stmt_int(q, ":id", s->id);
	stmt_int(q, ":amount", amount);
	rc = stmt_run(q);
	if (rc != RC_OK || earnings == 0)
		return rc;
	q = stmt_get(db, Q_SESSION_REVERSAL_ADD);
	stmt_int(q, ":id", s->id);
	stmt_int(q, ":amount", earnings);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_SESSION_REVERSE_EARNINGS);
	stmt_int(q, ":user", s->listener);
	stmt_int(q, ":amount", earnings);
	return stmt_run(q);
}

enum rc
session_reversed(struct db *db, int64_t id, int64_t *earnings)
{
	struct stmt *q = stmt_get(db, Q_SESSION_REVERSAL_GET);

	stmt_int(q, ":id", id);
	*earnings = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

/* Returns RC_CONFLICT account_deleted if the customer cannot receive money. */
static enum rc
check_customer(struct db *db, const struct session *s, struct err *err)
{
	bool closed;
	enum rc rc = wallet_close_deleted(db, s->customer, &closed);

	return rc == RC_OK && closed ? err_set(err, RC_CONFLICT,
	    "account_deleted", "The account of the customer is deleted") : rc;
}

enum rc
session_refund_plan(struct db *db, int64_t id, struct session_refund_request *r,
    struct session *s, struct err *err)
{
	int64_t left, reversed;
	enum rc rc;

	if (r->charge_listener && r->earnings != FIELD_NONE)
		return err_field(err, "earnings",
		    "is not allowed with charge_listener");
	if (r->amount == 0 && r->earnings == FIELD_NONE)
		return err_field(err, "amount",
		    "must be more than 0 without earnings");
	rc = session_core(db, id, 0, s, err);
	if (rc != RC_OK)
		return rc;
	if (s->state == SESSION_LIVE)
		return err_set(err, RC_CONFLICT, "session_live",
		    "The session has not ended yet");
	rc = session_reversed(db, id, &reversed);
	if (rc != RC_OK)
		return rc;
	left = s->bill.cost - s->refunded;
	if (r->amount == FIELD_NONE)
		r->amount = r->earnings == FIELD_NONE ? left : 0;
	if (r->amount > left)
		return err_set(err, RC_CONFLICT, "not_refundable",
		    "Only %lld of the session can be refunded",
		    (long long)left);
	/* Earnings that were reversed before may already pay a part. */
	if (r->charge_listener)
		r->earnings = int64_min(s->bill.earned - reversed, r->amount -
		    billing_fee(&s->tariff, s->refunded + r->amount) +
		    billing_fee(&s->tariff, s->refunded));
	if (r->earnings == FIELD_NONE)
		r->earnings = 0;
	if (r->earnings > s->bill.earned - reversed)
		return err_set(err, RC_CONFLICT, "not_refundable",
		    "Only %lld of the earnings can be reversed",
		    (long long)(s->bill.earned - reversed));
	if (r->amount == 0 && r->earnings == 0)
		return err_set(err, RC_CONFLICT, "not_refundable",
		    "Only %lld of the session can be refunded, and %lld of "
		    "the earnings can be reversed", (long long)left,
		    (long long)(s->bill.earned - reversed));
	return r->amount > 0 ? check_customer(db, s, err) : RC_OK;
}

/* Returns whether nothing of a session is left to refund. */
static bool
refunded_in_full(const struct session *s, const struct session_refund_request *r,
    int64_t reversed)
{
	if (s->bill.cost > 0)
		return r->amount > 0 &&
		    s->refunded + r->amount == s->bill.cost;
	return reversed + r->earnings == s->bill.earned;
}

static enum rc
run_refund(struct db *db, struct arena *arena, const struct session *s,
    const struct session_refund_request *r, const struct audit_by *by,
    struct err *err)
{
	struct parts before, after;
	const char *old, *new;
	int64_t reversed;
	enum rc rc = session_reversed(db, s->id, &reversed);

	if (rc == RC_OK)
		rc = audit_json(db, arena, s->id, NULL, 0, &old);
	if (rc != RC_OK)
		return rc;
	before = divide(s, s->refunded, reversed);
	after = divide(s, s->refunded + r->amount, reversed + r->earnings);
	rc = post_refund(db, s, &before, &after, r->reason, by->now, err);
	if (rc == RC_OK)
		rc = store_refund(db, s, r->amount, r->earnings);
	if (rc == RC_OK && r->amount > 0)
		rc = payment_notice_session(db, arena, s->customer, s->id,
		    r->amount, by->now);
	if (rc == RC_OK && refunded_in_full(s, r, reversed))
		rc = review_hide(db, s->id);
	if (rc == RC_OK)
		rc = audit_json(db, arena, s->id, r->reason, r->earnings,
		    &new);
	return rc == RC_OK ? audit_add(db, by, "session.refund",
	    arena_fmt(arena, "session:%lld", (long long)s->id), old, new) :
	    rc;
}

enum rc
session_refund(struct db *db, struct arena *arena, int64_t id,
    const struct session_refund_request *request, const struct audit_by *by,
    struct session *s, struct err *err)
{
	struct session_refund_request r = *request;
	enum rc rc = session_refund_plan(db, id, &r, s, err);

	if (rc == RC_OK)
		rc = run_refund(db, arena, s, &r, by, err);
	if (rc == RC_OK && r.amount > 0)
		rc = session_extended(db, s->customer, by->now, err);
	return rc == RC_OK ? session_get(db, arena, id, 0, s, err) : rc;
}
