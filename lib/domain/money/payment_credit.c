/* payment_credit: the money of a payment that was captured. */
#include "base/str.h"
#include "base/wakeup.h"
#include "domain/money/payment_notice.h"
#include "domain/money/payment_row.h"
#include "domain/money/redemption.h"
#include "domain/money/referral.h"
#include "domain/money/wallet.h"
#include "domain/money/wallet_close.h"

/* Marks the payment as credited. Returns RC_CONFLICT as payment_credit(). */
static enum rc
mark_credited(struct db *db, int64_t id, const char *paid_ref, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_PAYMENT_CREDIT);
	enum rc rc;

	stmt_int(q, ":id", id);
	stmt_text(q, ":paid_ref", paid_ref);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	if (rc == RC_OK && db_changes(db) != 1)
		BUG("payment %lld is credited twice", (long long)id);
	return rc;
}

/* Requests a refund of the rest of a payment of a deleted account. */
static enum rc
refund_late(struct db *db, struct arena *a, int64_t id, int64_t now,
    struct err *err)
{
	struct payment_reversal r = { .payment = id, .state = REVERSAL_ASKED,
	    .reason = "The account was deleted" };
	struct payment p;
	int64_t number, sum;
	enum rc rc = payment_get(db, a, id, 0, &p, err);

	if (rc != RC_OK)
		return rc;
	r.amount = p.amount - p.refunded - p.disputed;
	if (r.amount > 0) {
		db_wake_add(db, WAKEUP_JOBS);
		rc = payment_row_reversal_add(db, &r, now, &number);
	}
	if (rc == RC_OK)
		rc = payment_settle(db, a, id, now, &sum, err);
	return rc == RC_OK ? wallet_close_sync(db, p.user, now, err) : rc;
}

enum rc
payment_credit(struct db *db, struct arena *a, const struct conf *conf,
    const struct payment *p, const char *paid_ref, int64_t now, bool *late,
    struct err *err)
{
	int64_t sum;
	enum rc rc = mark_credited(db, p->id, paid_ref, now);

	*late = false;
	if (rc == RC_OK)
		rc = wallet_close_deleted(db, p->user, late);
	if (rc == RC_OK)
		rc = wallet_topup(db, p->user, p->amount, p->id, now, err);
	if (rc == RC_OK && !*late)
		rc = redemption_topup(db, a, p->user, p->id, p->amount, now,
		    err);
	if (rc == RC_OK && !*late)
		rc = referral_topup(db, conf, p->user, p->id, now);
	if (rc == RC_OK && !*late)
		rc = payment_notice_credited(db, a, p->user, p->id, p->amount,
		    now);
	/* The event of a refund or a dispute may have arrived before. */
	if (rc == RC_OK)
		rc = payment_settle(db, a, p->id, now, &sum, err);
	if (rc == RC_OK && *late)
		return refund_late(db, a, p->id, now, err);
	/* A payment during a session extends it. */
	return rc == RC_OK ? wallet_credited(db, p->user, now, err) : rc;
}
