#include "base/str.h"
#include "domain/money/payment_row.h"
#include "domain/money/promotion.h"
#include "domain/money/wallet.h"

const char *const payment_outcome_names[] = {
	"none", "credited", "known", "failed", "flagged", "reversed",
	"reinstated", "foreign", NULL
};

/* An event on its way through. */
struct work {
	struct db *db;
	struct arena *a;
	const struct conf *conf;
	const struct payment_event *ev;
	int64_t now;
	struct err *err;
	struct payment p;		/* id 0: none of ours */
	enum payment_outcome outcome;
	const char *detail;
};

static enum rc
seen(struct work *w, bool *again)
{
	struct stmt *q;

	*again = false;
	if (w->ev->id[0] == '\0')
		return RC_OK;
	q = stmt_get(w->db, Q_PAYMENT_EVENT_SEEN);
	stmt_int(q, ":provider", (int64_t)w->ev->provider);
	stmt_text(q, ":event", w->ev->id);
	*again = stmt_row(q);
	return stmt_done(q);
}

static enum rc
remember(struct work *w)
{
	struct stmt *q;

	if (w->ev->id[0] == '\0')
		return RC_OK;
	q = stmt_get(w->db, Q_PAYMENT_EVENT_ADD);
	stmt_int(q, ":provider", (int64_t)w->ev->provider);
	stmt_text(q, ":event", w->ev->id);
	stmt_text(q, ":type", w->ev->type);
	if (w->p.id == 0)
		stmt_null(q, ":payment");
	else
		stmt_int(q, ":payment", w->p.id);
	stmt_int(q, ":outcome", (int64_t)w->outcome);
	stmt_text(q, ":detail", w->detail);
	stmt_int(q, ":now", w->now);
	return stmt_run(q);
}

static enum rc
by_ref(struct work *w, enum stmt_id id, const char *ref, int64_t *payment)
{
	struct stmt *q;

	if (*payment != 0 || ref == NULL)
		return RC_OK;
	q = stmt_get(w->db, id);
	stmt_int(q, ":provider", (int64_t)w->ev->provider);
	stmt_text(q, ":ref", ref);
	*payment = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

/*
 * Which payment it is about. Our own number counts only where the provider's
 * says nothing else: other installations may share the account.
 */
static enum rc
find_payment_apply(struct work *w)
{
	const struct payment_event *ev = w->ev;
	int64_t id = 0;
	bool named;
	enum rc rc;

	rc = by_ref(w, Q_PAYMENT_BY_REF, ev->ref, &id);
	if (rc == RC_OK)
		rc = by_ref(w, Q_PAYMENT_BY_PAID_REF, ev->paid_ref, &id);
	if (rc != RC_OK)
		return rc;
	named = id != 0;
	if (!named)
		id = ev->payment;
	if (id <= 0)
		return RC_OK;
	rc = payment_get(w->db, w->a, id, 0, &w->p, w->err);
	if (rc == RC_NOT_FOUND || (rc == RC_OK && !named &&
	    (w->p.provider != ev->provider ||
	    (w->p.ref != NULL && ev->ref != NULL)))) {
		w->p.id = 0;
		return RC_OK;
	}
	return rc;
}

/* Nothing moves; an administrator is to look at it. */
static enum rc
flag(struct work *w, const char *why)
{
	w->outcome = PAYMENT_OUTCOME_FLAGGED;
	w->detail = why;
	return payment_flag(w->db, w->p.id, why, w->now);
}

static bool
same_money(const struct work *w, int64_t amount)
{
	return w->ev->amount == amount && w->ev->currency != NULL &&
	    str_eq_nocase(w->ev->currency, w->p.currency);
}

static const char *
money_said(const struct work *w, const char *what)
{
	return arena_fmt(w->a, "%s of %lld %s was said, the payment is of "
	    "%lld %s", what, (long long)w->ev->amount,
	    w->ev->currency == NULL ? "(no currency)" : w->ev->currency,
	    (long long)w->p.amount, w->p.currency);
}

/* It was credited before: by another event of the same money? */
static enum rc
paid_again(struct work *w)
{
	const char *ref = w->ev->paid_ref;
	struct stmt *q;
	enum rc rc;

	w->outcome = PAYMENT_OUTCOME_KNOWN;
	if (ref == NULL || (w->p.paid_ref != NULL &&
	    str_eq(ref, w->p.paid_ref)))
		return RC_OK;
	if (w->p.paid_ref != NULL)
		return flag(w, arena_fmt(w->a, "paid by %s, and again by %s",
		    w->p.paid_ref, ref));
	q = stmt_get(w->db, Q_PAYMENT_PAID_REF);
	stmt_int(q, ":id", w->p.id);
	stmt_text(q, ":paid_ref", ref);
	rc = stmt_run(q);
	return rc == RC_CONFLICT ? flag(w, arena_fmt(w->a,
	    "%s is another payment's too", ref)) : rc;
}

/* The provider's number, where it was not known before. */
static enum rc
payment_apply_name(struct work *w)
{
	struct stmt *q;

	if (w->p.ref != NULL || w->ev->ref == NULL)
		return RC_OK;
	q = stmt_get(w->db, Q_PAYMENT_REF);
	stmt_int(q, ":id", w->p.id);
	stmt_text(q, ":ref", w->ev->ref);
	return stmt_run(q);
}

static enum rc
paid(struct work *w)
{
	struct stmt *q;
	int64_t sum;
	enum rc rc;

	if (!same_money(w, w->p.amount))
		return flag(w, money_said(w, "payment"));
	if (w->p.credited_at != INT64_MIN)
		return paid_again(w);
	q = stmt_get(w->db, Q_PAYMENT_CREDIT);
	stmt_int(q, ":id", w->p.id);
	stmt_text(q, ":paid_ref", w->ev->paid_ref);
	stmt_int(q, ":now", w->now);
	rc = stmt_run(q);
	if (rc == RC_CONFLICT)
		return flag(w, arena_fmt(w->a, "%s is another payment's too",
		    w->ev->paid_ref));
	if (rc != RC_OK)
		return rc;
	if (db_changes(w->db) != 1)
		BUG("payment %lld: credited twice", (long long)w->p.id);
	w->outcome = PAYMENT_OUTCOME_CREDITED;
	rc = payment_apply_name(w);
	if (rc == RC_OK)
		rc = wallet_topup(w->db, w->p.user, w->p.amount, w->p.id,
		    w->now, w->err);
	if (rc == RC_OK)
		rc = promotion_referral_pay(w->db, w->conf, w->p.user, w->p.id,
		    w->now, w->err);
	/* A refund or a dispute may have been told of before. */
	if (rc == RC_OK)
		rc = payment_settle(w->db, w->a, w->p.id, w->now, &sum,
		    w->err);
	/* Who pays during a session may go on. */
	return rc == RC_OK ? wallet_credited(w->db, w->p.user, w->now,
	    w->err) : rc;
}

/*
 * An attempt failed. Another may follow, but for those that the provider has
 * ended; the sandbox's page is one attempt.
 */
static enum rc
failed(struct work *w)
{
	bool ended = w->ev->news == PAYMENT_EVENT_ENDED ||
	    w->p.provider == PROVIDER_SANDBOX;
	struct stmt *q;

	if (w->p.credited_at != INT64_MIN)
		return RC_OK;
	w->outcome = PAYMENT_OUTCOME_FAILED;
	w->detail = w->ev->why;
	q = stmt_get(w->db, Q_PAYMENT_FAIL);
	stmt_int(q, ":id", w->p.id);
	stmt_int(q, ":ended", ended);
	stmt_text(q, ":why", w->ev->why != NULL ? w->ev->why : ended ?
	    "ended by the provider" : "declined");
	stmt_int(q, ":now", w->now);
	return stmt_run(q);
}

/*
 * The return that the event is about: by its number at the provider, or by
 * ours where the provider's is not known yet. One that was given up was given
 * back: it is taken anew.
 */
static enum rc
find_return(struct work *w, struct payment_reversal *r, bool *found)
{
	const struct payment_event *ev = w->ev;
	struct payment_reversal ours;
	struct stmt *q;
	enum rc rc;

	q = stmt_get(w->db, Q_PAYMENT_REVERSAL_BY_REF);
	stmt_int(q, ":kind", r->dispute ? 2 : 1);
	stmt_text(q, ":ref", ev->return_ref);
	rc = payment_row_reversal_one(q, w->a, r, found);
	if (rc != RC_OK || *found || r->dispute || ev->return_no == 0)
		return rc;
	q = stmt_get(w->db, Q_PAYMENT_REVERSAL_GET);
	stmt_int(q, ":id", ev->return_no);
	rc = payment_row_reversal_one(q, w->a, &ours, found);
	*found = *found && ours.payment == w->p.id && !ours.dispute &&
	    ours.ref == NULL && ours.amount == ev->amount &&
	    ours.state != REVERSAL_FAILED;
	if (*found)
		*r = ours;
	return rc;
}

/* The end of a return that does not come: the payer has the money. */
static enum rc
give_back(struct work *w, const struct payment_reversal *r, bool found)
{
	int64_t id;

	w->outcome = PAYMENT_OUTCOME_KNOWN;
	if (!found)	/* told before its beginning, which is to do nothing */
		return payment_row_reversal_add(w->db, r, w->now, &id);
	if (r->state == REVERSAL_FAILED)
		return RC_OK;
	if (r->taken > 0)
		w->outcome = PAYMENT_OUTCOME_REINSTATED;
	return payment_reverse(w->db, w->a, r, w->ev->why, w->now, w->err);
}

static enum rc
returned(struct work *w)
{
	const struct payment_event *ev = w->ev;
	enum payment_reversal_state state = ev->news ==
	    PAYMENT_EVENT_DISPUTE_WON ? REVERSAL_FAILED :
	    ev->news == PAYMENT_EVENT_DISPUTE ? REVERSAL_DONE :
	    (enum payment_reversal_state)ev->return_state;
	struct payment_reversal r = { .payment = w->p.id, .state = state,
	    .dispute = ev->news != PAYMENT_EVENT_REFUND, .ref = ev->return_ref,
	    .amount = ev->amount };
	bool found;
	int64_t id, sum = 0;
	enum rc rc;

	if (ev->return_ref == NULL || ev->amount <= 0 ||
	    ev->amount > w->p.amount ||
	    !same_money(w, ev->amount))
		return flag(w, money_said(w, r.dispute ? "dispute" : "refund"));
	rc = find_return(w, &r, &found);
	if (rc != RC_OK)
		return rc;
	if (found && r.payment != w->p.id)
		return flag(w, arena_fmt(w->a, "%s is of another payment too",
		    ev->return_ref));
	if (state == REVERSAL_FAILED)
		return give_back(w, &r, found);
	if (found)
		rc = payment_row_reversal_state(w->db, r.id, state,
		    ev->return_ref, NULL, w->now);
	else
		rc = payment_row_reversal_add(w->db, &r, w->now, &id);
	if (rc == RC_OK)
		rc = payment_settle(w->db, w->a, w->p.id, w->now, &sum,
		    w->err);
	w->outcome = sum > 0 ? PAYMENT_OUTCOME_REVERSED : PAYMENT_OUTCOME_KNOWN;
	if (rc != RC_OK || found || sum == r.amount)
		return rc;
	if (w->p.credited_at == INT64_MIN) {
		w->detail = "is taken back when the payment is credited";
		return RC_OK;
	}
	return flag(w, arena_fmt(w->a, "%s of %lld, of which %lld was left to "
	    "take back", r.dispute ? "dispute" : "refund",
	    (long long)r.amount, (long long)sum));
}

static enum rc
run_payment_apply(struct work *w)
{
	switch (w->ev->news) {
	case PAYMENT_EVENT_PAID:
		return paid(w);
	case PAYMENT_EVENT_FAILED:
	case PAYMENT_EVENT_ENDED:
		return failed(w);
	case PAYMENT_EVENT_REFUND:
	case PAYMENT_EVENT_DISPUTE:
	case PAYMENT_EVENT_DISPUTE_WON:
		return returned(w);
	case PAYMENT_EVENT_NONE:
		break;
	}
	return RC_OK;
}

enum rc
payment_apply(struct db *db, struct arena *a, const struct conf *conf,
    const struct payment_event *ev, int64_t now, bool *again,
    enum payment_outcome *outcome, struct err *err)
{
	struct work w = { .db = db, .a = a, .conf = conf, .ev = ev,
	    .now = now, .err = err };
	enum rc rc;

	*outcome = PAYMENT_OUTCOME_NONE;
	rc = seen(&w, again);
	if (rc != RC_OK || *again)
		return rc;
	if (ev->news != PAYMENT_EVENT_NONE) {
		rc = find_payment_apply(&w);
		w.outcome = PAYMENT_OUTCOME_FOREIGN;
		if (rc == RC_OK && w.p.id != 0) {
			w.outcome = PAYMENT_OUTCOME_NONE;
			rc = run_payment_apply(&w);
		}
	}
	*outcome = w.outcome;
	return rc == RC_OK ? remember(&w) : rc;
}
