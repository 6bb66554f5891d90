/*
 * payment_refund: refunds by administrators, polling, and expiry.
 */
#include "base/clock.h"
#include "base/str.h"
#include "base/wakeup.h"
#include "domain/money/payment_row.h"
#include "domain/money/wallet.h"

#define BATCH		100		/* expired in one transaction */
#define BACKOFF		(30 * SECOND)
#define BACKOFF_MAX	HOUR

static enum rc
audit_json(struct db *db, struct arena *a, int64_t id, const char **json)
{
	struct stmt *q = stmt_get(db, Q_PAYMENT_AUDIT);

	*json = NULL;
	stmt_int(q, ":id", id);
	if (stmt_row(q))
		*json = stmt_col_text(q, 0, a);
	return stmt_done(q);
}

static enum rc
get_reversal(struct db *db, struct arena *a, int64_t id,
    struct payment_reversal *r, bool *found)
{
	struct stmt *q = stmt_get(db, Q_PAYMENT_REVERSAL_GET);

	stmt_int(q, ":id", id);
	return payment_row_reversal_one(q, a, r, found);
}

/*
 * Checks that the rest of the payment and the wallet cover a refund. Replaces
 * an amount of 0 by the rest.
 */
static enum rc
check_refund(struct db *db, struct arena *a, const struct payment *p,
    int64_t *amount, bool even_if_spent, struct err *err)
{
	int64_t left = p->amount - p->refunded - p->disputed;
	struct wallet w;
	enum rc rc;

	if (p->status != PAYMENT_PAID)
		return err_set(err, RC_CONFLICT, "not_refundable",
		    "Payment was not paid");
	if (*amount == 0)
		*amount = left;
	if (*amount == 0 || *amount > left)
		return err_set(err, RC_CONFLICT, "not_refundable",
		    "Only %lld of the payment can be refunded",
		    (long long)left);
	rc = payment_check_step(a, p->provider, *amount, p->currency, err);
	if (rc != RC_OK || even_if_spent)
		return rc;
	rc = wallet_get(db, p->user, &w);
	if (rc == RC_OK && w.wallet < *amount)
		return err_set(err, RC_CONFLICT, "insufficient_balance",
		    "The wallet has only %lld", (long long)w.wallet);
	return rc;
}

enum rc
payment_refund_check(struct db *db, struct arena *a, int64_t id,
    int64_t *amount, bool even_if_spent, struct err *err)
{
	struct payment p;
	enum rc rc = payment_get(db, a, id, 0, &p, err);

	return rc == RC_OK ? check_refund(db, a, &p, amount, even_if_spent,
	    err) : rc;
}

enum rc
payment_refund(struct db *db, struct arena *a, int64_t id, int64_t amount,
    const char *reason, bool even_if_spent, const struct audit_by *by,
    struct payment_reversal *r, struct err *err)
{
	const char *before, *after;
	struct payment p;
	int64_t sum, number;
	bool found;
	enum rc rc;

	rc = payment_get(db, a, id, 0, &p, err);
	if (rc == RC_OK)
		rc = check_refund(db, a, &p, &amount, even_if_spent, err);
	if (rc == RC_OK)
		rc = audit_json(db, a, id, &before);
	if (rc != RC_OK)
		return rc;
	*r = (struct payment_reversal){ .payment = id, .amount = amount,
	    .state = REVERSAL_ASKED, .reason = reason };
	db_wake_add(db, WAKEUP_JOBS);
	rc = payment_row_reversal_add(db, r, by->now, &number);
	if (rc == RC_OK)
		rc = payment_settle(db, a, id, by->now, &sum, err);
	if (rc == RC_OK)
		rc = get_reversal(db, a, number, r, &found);
	if (rc == RC_OK)
		rc = audit_json(db, a, id, &after);
	return rc == RC_OK ? audit_add(db, by, "payment.refund",
	    arena_fmt(a, "payment:%lld", (long long)id), before, after) : rc;
}

/* Reads the oldest refunds that must be sent now. */
static enum rc
refunds_due(struct db *db, struct arena *a, int64_t now, int64_t limit,
    struct payment_reversal **list, size_t *n)
{
	struct stmt *q = stmt_get(db, Q_PAYMENT_REVERSAL_DUE);

	*list = arena_zalloc(a, (size_t)limit, sizeof(**list));
	*n = 0;
	stmt_int(q, ":now", now);
	stmt_int(q, ":limit", limit);
	while (*n < (size_t)limit && stmt_row(q))
		payment_row_reversal_row(q, a, &(*list)[(*n)++]);
	return stmt_done(q);
}

enum rc
payment_to_refund(struct db *db, struct arena *a, int64_t now, int64_t lease,
    int64_t limit, struct payment_reversal **list, size_t *n)
{
	struct stmt *q;
	enum rc rc;
	size_t i;

	rc = refunds_due(db, a, now, limit, list, n);
	for (i = 0; i < *n && rc == RC_OK; i++) {
		q = stmt_get(db, Q_PAYMENT_REVERSAL_CLAIM);
		stmt_int(q, ":id", (*list)[i].id);
		stmt_int(q, ":due", now + lease);
		rc = stmt_run(q);
		(*list)[i].attempts++;
	}
	return rc;
}

enum rc
payment_refund_sent(struct db *db, struct arena *a, int64_t id,
    const char *ref, enum payment_reversal_state state, int64_t now,
    struct err *err)
{
	struct payment_reversal r;
	bool found;
	enum rc rc = payment_row_reversal_state(db, id, state, ref, NULL, now);

	if (rc != RC_CONFLICT)
		return rc;
	/* An event without our id was stored as another refund. */
	rc = get_reversal(db, a, id, &r, &found);
	return rc == RC_OK && found ? payment_reverse(db, a, &r,
	    arena_fmt(a, "duplicate of the stored refund %s", ref), now,
	    err) : rc;
}

enum rc
payment_refund_failed(struct db *db, struct arena *a, int64_t id,
    const char *why, bool permanent, int64_t now, struct err *err)
{
	struct payment_reversal r;
	int64_t wait = BACKOFF, i;
	struct stmt *q;
	bool found;
	enum rc rc;

	rc = get_reversal(db, a, id, &r, &found);
	/* Meanwhile, an event may have confirmed the refund. */
	if (rc != RC_OK || !found || r.state != REVERSAL_ASKED)
		return rc;
	if (permanent || now - r.created_at > DAY) {
		rc = payment_reverse(db, a, &r, why, now, err);
		return rc == RC_OK ? payment_flag(db, r.payment, arena_fmt(a,
		    "refund %lld failed: %s", (long long)id, why), now) : rc;
	}
	for (i = 1; i < r.attempts && wait < BACKOFF_MAX; i++)
		wait *= 2;
	q = stmt_get(db, Q_PAYMENT_REVERSAL_LATER);
	stmt_int(q, ":id", id);
	stmt_int(q, ":due", now + (wait > BACKOFF_MAX ? BACKOFF_MAX : wait));
	stmt_text(q, ":why", why);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

/* ---- polling and expiry */

static enum rc
polls_due(struct db *db, const struct conf *conf, int64_t now, int64_t limit,
    int64_t *list, int64_t *n)
{
	return job_due_ids(db, Q_PAYMENT_POLL_DUE,
	    now - conf->pay_poll_after * SECOND, limit, list, n);
}

enum rc
payment_to_poll(struct db *db, struct arena *a, const struct conf *conf,
    int64_t now, int64_t limit, struct payment **list, size_t *n)
{
	int64_t *due = arena_zalloc(a, (size_t)limit, sizeof(*due)), found;
	struct stmt *q;
	struct err err;
	enum rc rc;

	*list = arena_zalloc(a, (size_t)limit, sizeof(**list));
	*n = 0;
	err_init(&err, a);
	rc = polls_due(db, conf, now, limit, due, &found);
	for (; rc == RC_OK && (int64_t)*n < found; ++*n) {
		q = stmt_get(db, Q_PAYMENT_POLL_CLAIM);
		stmt_int(q, ":id", due[*n]);
		stmt_int(q, ":now", now);
		rc = stmt_run(q);
		if (rc == RC_OK)
			rc = payment_get(db, a, due[*n], 0, &(*list)[*n],
			    &err);
	}
	return rc;
}

enum rc
payment_any_due(struct db *db, const struct conf *conf, int64_t now, bool *any)
{
	struct stmt *q;
	int64_t id, n;
	enum rc rc;

	*any = false;
	rc = polls_due(db, conf, now, 1, &id, &n);
	if (rc != RC_OK)
		return rc;
	*any = n > 0;
	q = stmt_get(db, Q_PAYMENT_REVERSAL_DUE);
	stmt_int(q, ":now", now);
	stmt_int(q, ":limit", 1);
	*any |= stmt_row(q);
	return stmt_done(q);
}

enum rc
payment_unpaid(struct db *db, const struct conf *conf, int64_t id, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_PAYMENT_EXPIRE);

	stmt_int(q, ":id", id);
	stmt_int(q, ":until", now - conf->pay_expire_after * SECOND);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

static int64_t
expire_until(const struct job_run *run)
{
	return run->now - run->conf->pay_expire_after * SECOND;
}

enum rc
payment_expire_pending(struct job_run *run)
{
	return job_due_pending(run, Q_PAYMENT_EXPIRE_DUE, expire_until(run));
}

static enum rc
expire(struct job_run *run, int64_t id, struct err *err)
{
	enum rc rc = payment_unpaid(run->db, run->conf, id, run->now);

	(void)err;
	run->done += rc == RC_OK;
	return rc;
}

enum rc
payment_expire_run(struct job_run *run)
{
	return job_each(run, Q_PAYMENT_EXPIRE_DUE, expire_until(run), BATCH,
	    expire);
}
