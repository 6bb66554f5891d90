/* session_refund: refunds of sessions by administrators. */
#include "domain/calls/review.h"

#include "base/int64.h"
#include "domain/calls/session.h"
#include "domain/money/ledger.h"
#include "domain/money/revenue.h"
#include "domain/money/wallet.h"

/* The sources of a refund, and its destinations. */
struct parts {
	int64_t fee, earnings, refunds;
	int64_t wallet, bonus;
	int64_t revenue;		/* the part of the fee on `wallet` */
};

/*
 * Divides a refund. All parts but `earnings` are differences of the totals
 * after and before it, so that many small refunds add up to one large refund.
 */
static void
divide(const struct session *s, int64_t amount, int64_t chargeable,
    struct parts *p)
{
	int64_t own = s->bill.cost - s->cost_bonus;
	int64_t before = s->refunded, after = before + amount;

	p->fee = billing_fee(&s->tariff, after) -
	    billing_fee(&s->tariff, before);
	p->earnings = int64_min(amount - p->fee, chargeable);
	p->refunds = amount - p->fee - p->earnings;
	p->wallet = int64_min(after, own) -
	    int64_min(before, own);
	p->bonus = amount - p->wallet;
	p->revenue = billing_fee(&s->tariff, int64_min(after, own)) -
	    billing_fee(&s->tariff, int64_min(before, own));
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
post_refund(struct db *db, const struct session *s, const struct parts *p,
    const char *reason, int64_t now, struct err *err)
{
	struct transfer t;
	enum rc rc;

	ledger_transfer_init(&t, TRANSFER_REFUND, s->id, now);
	t.note = reason;
	ledger_transfer_add(&t, LEDGER_OPERATOR(LEDGER_FEE), -p->fee);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(s->listener, LEDGER_EARNINGS),
	    -p->earnings);
	ledger_transfer_add(&t, LEDGER_OPERATOR(LEDGER_REFUNDS), -p->refunds);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(s->customer, LEDGER_WALLET),
	    p->wallet);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(s->customer, LEDGER_BONUS),
	    p->bonus);
	rc = wallet_post(db, &t, err);
	if (rc == RC_OK)
		rc = revenue_add(db, s->customer, s->listener, -p->revenue,
		    now);
	return rc == RC_OK ? wallet_settle(db, s->customer, now, err) : rc;
}

static enum rc
store_refund(struct db *db, const struct session *s, int64_t amount,
    int64_t from_listener)
{
	struct stmt *q = stmt_get(db, Q_SESSION_REFUND);
	enum rc rc;

	stmt_int(q, ":id", s->id);
	stmt_int(q, ":amount", amount);
	rc = stmt_run(q);
	if (rc != RC_OK || from_listener == 0)
		return rc;
	q = stmt_get(db, Q_SESSION_REVERSE_EARNINGS);
	stmt_int(q, ":user", s->listener);
	stmt_int(q, ":amount", from_listener);
	return stmt_run(q);
}

static enum rc
audit_refund(struct db *db, struct arena *arena,
    const struct session *s, const char *before, const char *reason,
    int64_t charged, const struct audit_by *by)
{
	const char *after;
	enum rc rc = audit_json(db, arena, s->id, reason, charged,
	    &after);

	return rc == RC_OK ? audit_add(db, by, "session.refund",
	    arena_fmt(arena, "session:%lld", (long long)s->id), before,
	    after) : rc;
}

enum rc
session_refund(struct db *db, struct arena *arena, int64_t id, int64_t amount,
    bool charge_listener, const char *reason, const struct audit_by *by,
    struct session *s, struct err *err)
{
	int64_t left, chargeable = 0;
	const char *before;
	struct parts p;
	enum rc rc;

	rc = session_core(db, id, 0, s, err);
	if (rc != RC_OK)
		return rc;
	if (s->state == SESSION_LIVE)
		return err_set(err, RC_CONFLICT, "session_live",
		    "The session has not ended yet");
	left = s->bill.cost - s->refunded;
	if (left == 0 || amount > left)
		return err_set(err, RC_CONFLICT, "not_refundable",
		    "Only %lld of the session can be refunded",
		    (long long)left);
	if (amount == 0)
		amount = left;
	if (charge_listener)
		rc = ledger_balance(db, LEDGER_ACCOUNT(s->listener,
		    LEDGER_EARNINGS), &chargeable);
	if (rc == RC_OK)
		rc = audit_json(db, arena, id, NULL, 0, &before);
	if (rc != RC_OK)
		return rc;
	divide(s, amount, chargeable, &p);
	rc = post_refund(db, s, &p, reason, by->now, err);
	if (rc == RC_OK)
		rc = store_refund(db, s, amount, p.earnings);
	if (rc == RC_OK && amount == left)
		rc = review_hide(db, id);
	if (rc == RC_OK)
		rc = audit_refund(db, arena, s, before, reason,
		    p.earnings, by);
	if (rc == RC_OK)
		rc = session_extended(db, s->customer, by->now, err);
	return rc == RC_OK ? session_get(db, arena, id, 0, s, err) : rc;
}
