#include "base/str.h"
#include "domain/calls/session.h"
#include "domain/money/payment_row.h"
#include "domain/money/wallet.h"

#define KIND_REFUND	1
#define KIND_DISPUTE	2

const char *const return_state_words[] = {
	"asked", "pending", "done", "failed", NULL
};

void
payment_return_row(struct stmt *q, struct arena *a, struct payment_return *r)
{
	*r = (struct payment_return){ .id = q_col_int(q, 0),
	    .payment = q_col_int(q, 1),
	    .dispute = q_col_int(q, 2) == KIND_DISPUTE,
	    .state = (enum return_state)q_col_int(q, 3),
	    .ref = q_col_text(q, 4, a), .reason = q_col_text(q, 5, a),
	    .error = q_col_text(q, 6, a), .amount = q_col_int(q, 7),
	    .taken = q_col_int(q, 8), .created_at = q_col_int(q, 9),
	    .updated_at = q_col_int(q, 10), .attempts = q_col_int(q, 11) };
}

enum rc
payment_return_one(struct stmt *q, struct arena *a, struct payment_return *r,
    bool *found)
{
	*found = q_row(q);
	if (*found)
		payment_return_row(q, a, r);
	return q_done(q);
}

enum rc
payment_return_add(struct db *db, const struct payment_return *r, int64_t now,
    int64_t *id)
{
	struct stmt *q = db_q(db, Q_PAYMENT_RETURN_ADD);
	enum rc rc;

	q_int(q, ":payment", r->payment);
	q_int(q, ":kind", r->dispute ? KIND_DISPUTE : KIND_REFUND);
	q_int(q, ":state", (int64_t)r->state);
	q_text(q, ":ref", r->ref);
	q_int(q, ":amount", r->amount);
	q_text(q, ":reason", r->reason);
	q_int(q, ":now", now);
	rc = q_run(q);
	*id = db_last_id(db);
	return rc;
}

enum rc
payment_return_state(struct db *db, int64_t id, enum return_state state,
    const char *ref, const char *why, int64_t now)
{
	struct stmt *q = db_q(db, Q_PAYMENT_RETURN_STATE);

	q_int(q, ":id", id);
	q_int(q, ":state", (int64_t)state);
	q_text(q, ":ref", ref);
	q_text(q, ":error", why);
	q_int(q, ":now", now);
	return q_run(q);
}

enum rc
payment_returns(struct db *db, struct arena *a, int64_t payment,
    struct payment_return **list, size_t *n)
{
	struct stmt *q = db_q(db, Q_PAYMENT_RETURN_LIST);
	size_t room = 0;

	*list = NULL;
	*n = 0;
	q_int(q, ":payment", payment);
	while (q_row(q)) {
		if (*n == room) {
			struct payment_return *old = *list;

			room = room == 0 ? 8 : room * 2;
			*list = arena_zalloc(a, room, sizeof(**list));
			if (old != NULL)
				memcpy(*list, old, *n * sizeof(**list));
		}
		payment_return_row(q, a, &(*list)[(*n)++]);
	}
	return q_done(q);
}

/* Keep beside the payment and its return what is taken, or given (< 0). */
static enum rc
count(struct db *db, const struct payment_return *r, int64_t amount,
    int64_t now)
{
	struct stmt *q = db_q(db, Q_PAYMENT_TAKEN);
	enum rc rc;

	q_int(q, ":id", r->payment);
	q_int(q, ":refunded", r->dispute ? 0 : amount);
	q_int(q, ":disputed", r->dispute ? amount : 0);
	q_int(q, ":now", now);
	rc = q_run(q);
	if (rc != RC_OK)
		return rc;
	q = db_q(db, Q_PAYMENT_RETURN_TAKE);
	q_int(q, ":id", r->id);
	q_int(q, ":amount", amount);
	q_int(q, ":now", now);
	return q_run(q);
}

enum rc
payment_settle(struct db *db, struct arena *a, int64_t id, int64_t now,
    int64_t *sum, struct err *err)
{
	struct payment_return *list;
	int64_t left, amount;
	struct payment p;
	size_t n, i;
	enum rc rc;

	*sum = 0;
	rc = payment_returns(db, a, id, &list, &n);
	if (rc != RC_OK || n == 0)
		return rc;
	rc = payment_get(db, a, id, 0, &p, err);
	if (rc != RC_OK || p.status != PAYMENT_PAID)
		return rc;
	left = p.amount - p.refunded - p.disputed;
	for (i = 0; i < n && rc == RC_OK; i++) {
		if (list[i].state == RETURN_FAILED)
			continue;
		amount = list[i].amount - list[i].taken;
		if (amount > left)
			amount = left;
		if (amount <= 0)
			continue;
		rc = wallet_reverse(db, p.user, amount, id, now, err);
		if (rc == RC_OK)
			rc = count(db, &list[i], amount, now);
		left -= amount;
		*sum += amount;
	}
	return rc;
}

enum rc
payment_give_back(struct db *db, struct arena *a,
    const struct payment_return *r, const char *why, int64_t now,
    struct err *err)
{
	struct payment p;
	int64_t sum;
	enum rc rc;

	rc = payment_return_state(db, r->id, RETURN_FAILED, NULL, why, now);
	if (rc != RC_OK || r->taken == 0)
		return rc;
	rc = payment_get(db, a, r->payment, 0, &p, err);
	if (rc == RC_OK)
		rc = wallet_restore(db, p.user, r->taken, p.id, now, err);
	if (rc == RC_OK)
		rc = count(db, r, -r->taken, now);
	/* What another return could not take for it before. */
	if (rc == RC_OK)
		rc = payment_settle(db, a, p.id, now, &sum, err);
	return rc == RC_OK ?
	    session_extended(db, p.user, now, err) : rc;
}
