/* payment_reversal: rows of reversals, and the money that they move. */
#include "base/int64.h"
#include "base/str.h"
#include "domain/money/money_notice.h"
#include "domain/money/payment_row.h"
#include "domain/money/redemption.h"
#include "domain/money/referral.h"
#include "domain/money/returning_user.h"
#include "domain/money/wallet.h"
#include "domain/money/wallet_close.h"

#define KIND_REFUND	1
#define KIND_DISPUTE	2

const char *const payment_reversal_state_names[] = {
	"asked", "pending", "done", "failed", NULL
};

void
payment_row_reversal_row(struct stmt *q, struct arena *a,
    struct payment_reversal *r)
{
	*r = (struct payment_reversal){ .id = stmt_col_int(q, 0),
	    .payment = stmt_col_int(q, 1),
	    .dispute = stmt_col_int(q, 2) == KIND_DISPUTE,
	    .state = (enum payment_reversal_state)stmt_col_int(q, 3),
	    .ref = stmt_col_text(q, 4, a), .reason = stmt_col_text(q, 5, a),
	    .error = stmt_col_text(q, 6, a), .amount = stmt_col_int(q, 7),
	    .taken = stmt_col_int(q, 8), .created_at = stmt_col_int(q, 9),
	    .updated_at = stmt_col_int(q, 10), .attempts = stmt_col_int(q,
	    11), .taken_bonus = stmt_col_int(q, 12),
	    .lost = stmt_col_int(q, 13) };
}

enum rc
payment_row_reversal_one(struct stmt *q, struct arena *a,
    struct payment_reversal *r, bool *found)
{
	*found = stmt_row(q);
	if (*found)
		payment_row_reversal_row(q, a, r);
	return stmt_done(q);
}

enum rc
payment_row_reversal_add(struct db *db, const struct payment_reversal *r,
    int64_t now, int64_t *id)
{
	struct stmt *q = stmt_get(db, Q_PAYMENT_REVERSAL_ADD);
	enum rc rc;

	stmt_int(q, ":payment", r->payment);
	stmt_int(q, ":kind", r->dispute ? KIND_DISPUTE : KIND_REFUND);
	stmt_int(q, ":state", (int64_t)r->state);
	stmt_text(q, ":ref", r->ref);
	stmt_int(q, ":amount", r->amount);
	stmt_text(q, ":reason", r->reason);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	*id = db_last_id(db);
	return rc;
}

enum rc
payment_row_reversal_state(struct db *db, int64_t id,
    enum payment_reversal_state state, const char *ref, const char *why,
    int64_t now)
{
	struct stmt *q = stmt_get(db, Q_PAYMENT_REVERSAL_STATE);

	stmt_int(q, ":id", id);
	stmt_int(q, ":state", (int64_t)state);
	stmt_text(q, ":ref", ref);
	stmt_text(q, ":error", why);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

enum rc
payment_reversals(struct db *db, struct arena *a, int64_t payment,
    struct payment_reversal **list, size_t *n)
{
	struct stmt *q = stmt_get(db, Q_PAYMENT_REVERSAL_LIST);
	size_t size = 0;

	*list = NULL;
	*n = 0;
	stmt_int(q, ":payment", payment);
	while (stmt_row(q)) {
		if (*n == size) {
			struct payment_reversal *old = *list;

			size = size == 0 ? 8 : size * 2;
			*list = arena_zalloc(a, size, sizeof(**list));
			if (old != NULL)
				memcpy(*list, old, *n * sizeof(**list));
		}
		payment_row_reversal_row(q, a, &(*list)[(*n)++]);
	}
	return stmt_done(q);
}

/*
 * Adds amounts (negative: returned) to the totals of payment and reversal. bonus
 * is a part of amount.
 */
static enum rc
add_taken(struct db *db, const struct payment_reversal *r, int64_t amount,
    int64_t bonus, int64_t lost, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_PAYMENT_ADD_REVERSED);
	enum rc rc;

	stmt_int(q, ":id", r->payment);
	stmt_int(q, ":refunded", r->dispute ? 0 : amount);
	stmt_int(q, ":disputed", r->dispute ? amount : 0);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_PAYMENT_REVERSAL_TAKE);
	stmt_int(q, ":id", r->id);
	stmt_int(q, ":amount", amount);
	stmt_int(q, ":bonus", bonus);
	stmt_int(q, ":lost", lost);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

/*
 * Takes from the payer what is open of one reversal, at most *left, and books
 * the rest of it as a loss, or no longer.
 */
static enum rc
settle_one(struct db *db, const struct payment *p,
    const struct payment_reversal *r, int64_t payer, int64_t now,
    int64_t *left, int64_t *sum, struct err *err)
{
	int64_t amount = int64_min(r->amount - r->taken, *left), bonus = 0;
	int64_t lost = r->amount - r->taken - amount - r->lost;
	enum rc rc = RC_OK;

	if (amount == 0 && lost == 0)
		return RC_OK;
	if (amount > 0)
		rc = wallet_reverse(db, payer, amount, p->id, now, &bonus,
		    err);
	if (rc == RC_OK)
		rc = wallet_lose(db, lost, p->id, now, err);
	if (rc == RC_OK)
		rc = add_taken(db, r, amount, bonus, lost, now);
	if (rc == RC_OK && amount > 0 && !r->dispute)
		rc = money_notice_refund(db, err->arena, payer,
		    MONEY_NOTICE_PAYMENT, p->id, amount, now);
	*left -= amount;
	*sum += amount;
	return rc;
}

enum rc
payment_settle(struct db *db, struct arena *a, int64_t id, int64_t now,
    int64_t *sum, struct err *err)
{
	struct payment_reversal *list;
	struct payment p;
	int64_t left, payer;
	size_t n, i;
	enum rc rc;

	*sum = 0;
	rc = payment_reversals(db, a, id, &list, &n);
	if (rc != RC_OK || n == 0)
		return rc;
	rc = payment_get(db, a, id, 0, &p, err);
	if (rc != RC_OK || p.status != PAYMENT_PAID)
		return rc;
	rc = returning_user_payer(db, p.user, now - RETURNING_USER_DEBT,
	    &payer);
	left = p.amount - p.refunded - p.disputed;
	for (i = 0; i < n && rc == RC_OK; i++)
		if (list[i].state != REVERSAL_FAILED)
			rc = settle_one(db, &p, &list[i], payer, now, &left,
			    sum, err);
	/* The bonuses follow the reversals of the payment. */
	if (rc == RC_OK)
		rc = redemption_reversed(db, a, p.user, id, now, err);
	return rc == RC_OK ? referral_reversed(db, p.user, now, err) : rc;
}

enum rc
payment_reverse(struct db *db, struct arena *a,
    const struct payment_reversal *r, const char *why, int64_t now,
    struct err *err)
{
	struct payment p;
	int64_t sum, payer;
	enum rc rc;

	rc = payment_row_reversal_state(db, r->id, REVERSAL_FAILED, NULL, why,
	    now);
	if (rc != RC_OK || r->taken + r->lost == 0)
		return rc;
	rc = payment_get(db, a, r->payment, 0, &p, err);
	if (rc == RC_OK)
		rc = returning_user_payer(db, p.user, INT64_MIN, &payer);
	if (rc == RC_OK && r->taken > 0)
		rc = wallet_restore(db, payer, r->taken, r->taken_bonus, p.id,
		    now, err);
	if (rc == RC_OK)
		rc = wallet_lose(db, -r->lost, p.id, now, err);
	if (rc == RC_OK)
		rc = add_taken(db, r, -r->taken, -r->taken_bonus, -r->lost,
		    now);
	/* Another reversal may take the rest that is available again. */
	if (rc == RC_OK)
		rc = payment_settle(db, a, p.id, now, &sum, err);
	if (rc == RC_OK)
		rc = wallet_close_sync(db, payer, now, err);
	return rc == RC_OK ? wallet_credited(db, payer, now, err) : rc;
}
