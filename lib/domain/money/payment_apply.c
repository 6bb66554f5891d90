/* payment_apply: applies an event of a provider to its payment. */
#include "base/str.h"
#include "domain/money/payment_notice.h"
#include "domain/money/payment_row.h"

const char *const payment_outcome_names[] = {
	"none", "credited", "known", "failed", "flagged", "reversed",
	"reinstated", "foreign", NULL
};

/* An event, its payment, and the result. */
struct event_work {
	struct db *db;
	struct arena *a;
	const struct conf *conf;
	const struct payment_event *ev;
	int64_t now;
	struct err *err;
	struct payment p;		/* id 0: not found */
	enum payment_outcome outcome;
	const char *detail;
};

/* Checks whether the event's id is stored already. */
static enum rc
check_repeated(struct event_work *w, bool *again)
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

/* Stores the event and its outcome. Responses to polls are not stored. */
static enum rc
store_event(struct event_work *w)
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
find_by_ref(struct event_work *w, enum stmt_id id, const char *ref,
    int64_t *payment)
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
 * Finds the payment of an event by the provider's numbers. Our id in the
 * metadata is used only if the provider's numbers are unknown and do not
 * contradict it, because other installations may share the account.
 */
static enum rc
find_payment(struct event_work *w)
{
	const struct payment_event *ev = w->ev;
	int64_t id = 0;
	bool named;
	enum rc rc;

	rc = find_by_ref(w, Q_PAYMENT_BY_REF, ev->ref, &id);
	if (rc == RC_OK)
		rc = find_by_ref(w, Q_PAYMENT_BY_PAID_REF, ev->paid_ref, &id);
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

/* Flags the payment for an administrator; no money moves. */
static enum rc
flag_payment(struct event_work *w, const char *why)
{
	w->outcome = PAYMENT_OUTCOME_FLAGGED;
	w->detail = why;
	return payment_flag(w->db, w->p.id, why, w->now);
}

static bool
same_money(const struct event_work *w, int64_t amount)
{
	return w->ev->amount == amount && w->ev->currency != NULL &&
	    str_eq_nocase(w->ev->currency, w->p.currency);
}

/* Returns the text of a flag: the reported and the expected amount. */
static const char *
describe_difference(const struct event_work *w, const char *what)
{
	return arena_fmt(w->a, "the provider reported a %s of %lld %s; the "
	    "payment is %lld %s", what, (long long)w->ev->amount,
	    w->ev->currency == NULL ? "(no currency)" : w->ev->currency,
	    (long long)w->p.amount, w->p.currency);
}

/*
 * Flags a payment of which the provider captured another amount or currency. An
 * administrator can accept the amount.
 */
static enum rc
flag_captured(struct event_work *w)
{
	const char *why = describe_difference(w, "payment");

	if (w->ev->paid_ref != NULL)
		why = arena_fmt(w->a, "%s (%s)", why, w->ev->paid_ref);
	w->outcome = PAYMENT_OUTCOME_FLAGGED;
	w->detail = why;
	return payment_flag_captured(w->db, w->p.id, why, w->ev, w->now);
}

/* Handles a credited payment: flags it if other money paid it a second time. */
static enum rc
paid_again(struct event_work *w)
{
	const char *ref = w->ev->paid_ref;
	struct stmt *q;
	enum rc rc;

	w->outcome = PAYMENT_OUTCOME_KNOWN;
	if (ref == NULL || (w->p.paid_ref != NULL &&
	    str_eq(ref, w->p.paid_ref)))
		return RC_OK;
	if (w->p.paid_ref != NULL)
		return flag_payment(w, arena_fmt(w->a,
		    "paid by %s, and again by %s", w->p.paid_ref, ref));
	q = stmt_get(w->db, Q_PAYMENT_PAID_REF);
	stmt_int(q, ":id", w->p.id);
	stmt_text(q, ":paid_ref", ref);
	rc = stmt_run(q);
	return rc == RC_CONFLICT ? flag_payment(w, arena_fmt(w->a,
	    "%s belongs to another payment, too", ref)) : rc;
}

/* Stores the provider's number of the payment if it was not known. */
static enum rc
store_ref(struct event_work *w)
{
	struct stmt *q;

	if (w->p.ref != NULL || w->ev->ref == NULL)
		return RC_OK;
	q = stmt_get(w->db, Q_PAYMENT_REF);
	stmt_int(q, ":id", w->p.id);
	stmt_text(q, ":ref", w->ev->ref);
	return stmt_run(q);
}

/* Credits the payment, unless the money of the event differs from it. */
static enum rc
apply_paid(struct event_work *w)
{
	bool late;
	enum rc rc;

	if (!same_money(w, w->p.amount))
		return flag_captured(w);
	if (w->p.credited_at != INT64_MIN)
		return paid_again(w);
	w->outcome = PAYMENT_OUTCOME_CREDITED;
	rc = payment_credit(w->db, w->a, w->conf, &w->p, w->ev->paid_ref,
	    w->now, &late, w->err);
	if (rc == RC_CONFLICT && w->err->rc != rc)
		return flag_payment(w, arena_fmt(w->a,
		    "%s belongs to another payment, too", w->ev->paid_ref));
	if (rc == RC_OK)
		rc = store_ref(w);
	return rc == RC_OK && late ? flag_payment(w,
	    "captured after the account was deleted; it is refunded") : rc;
}

/*
 * Records a failed attempt. The payment fails if the provider ended it, or if
 * it is one of the sandbox, which has one attempt.
 */
static enum rc
apply_failed(struct event_work *w)
{
	bool ended = w->ev->kind == PAYMENT_EVENT_ENDED ||
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
 * Finds the reversal of an event by the provider's number, or by our id if the
 * provider's number is not known yet. A failed reversal is not found by our
 * id: its money was returned, and the event is a new reversal.
 */
static enum rc
find_reversal(struct event_work *w, struct payment_reversal *r, bool *found)
{
	const struct payment_event *ev = w->ev;
	struct payment_reversal own;
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
	rc = payment_row_reversal_one(q, w->a, &own, found);
	*found = *found && own.payment == w->p.id && !own.dispute &&
	    own.ref == NULL && own.amount == ev->amount &&
	    own.state != REVERSAL_FAILED;
	if (*found)
		*r = own;
	return rc;
}

/* Handles a failed refund or a dispute that was won. */
static enum rc
cancel_reversal(struct event_work *w, const struct payment_reversal *r,
    bool found)
{
	int64_t id;

	w->outcome = PAYMENT_OUTCOME_KNOWN;
	/* Store it: an older event that arrives later then has no effect. */
	if (!found)
		return payment_row_reversal_add(w->db, r, w->now, &id);
	if (r->state == REVERSAL_FAILED)
		return RC_OK;
	if (r->taken + r->lost > 0)
		w->outcome = PAYMENT_OUTCOME_REINSTATED;
	return payment_reverse(w->db, w->a, r, w->ev->why, w->now, w->err);
}

/* Applies the event of a refund or a dispute. */
static enum rc
apply_reversal(struct event_work *w)
{
	const struct payment_event *ev = w->ev;
	enum payment_reversal_state state = ev->kind ==
	    PAYMENT_EVENT_DISPUTE_WON ? REVERSAL_FAILED :
	    ev->kind == PAYMENT_EVENT_DISPUTE ? REVERSAL_DONE :
	    (enum payment_reversal_state)ev->return_state;
	struct payment_reversal r = { .payment = w->p.id, .state = state,
	    .dispute = ev->kind != PAYMENT_EVENT_REFUND, .ref = ev->return_ref,
	    .amount = ev->amount };
	bool found, done;
	int64_t id, sum = 0;
	enum rc rc;

	if (ev->return_ref == NULL || ev->amount <= 0 ||
	    ev->amount > w->p.amount ||
	    !same_money(w, ev->amount))
		return flag_payment(w, describe_difference(w, r.dispute ?
		    "dispute" : "refund"));
	rc = find_reversal(w, &r, &found);
	if (rc != RC_OK)
		return rc;
	if (found && r.payment != w->p.id)
		return flag_payment(w, arena_fmt(w->a,
		    "%s belongs to another payment, too", ev->return_ref));
	if (state == REVERSAL_FAILED)
		return cancel_reversal(w, &r, found);
	done = state == REVERSAL_DONE && !r.dispute &&
	    (!found || r.state != REVERSAL_DONE);
	if (found)
		rc = payment_row_reversal_state(w->db, r.id, state,
		    ev->return_ref, NULL, w->now);
	else
		rc = payment_row_reversal_add(w->db, &r, w->now, &id);
	if (rc == RC_OK)
		rc = payment_settle(w->db, w->a, w->p.id, w->now, &sum,
		    w->err);
	if (rc == RC_OK && done)
		rc = payment_notice_refunded(w->db, w->a, w->p.user, w->p.id,
		    r.amount, w->now);
	w->outcome = sum > 0 ? PAYMENT_OUTCOME_REVERSED : PAYMENT_OUTCOME_KNOWN;
	if (rc != RC_OK || found || sum == r.amount)
		return rc;
	if (w->p.credited_at == INT64_MIN) {
		w->detail = "it applies when the payment is credited";
		return RC_OK;
	}
	return flag_payment(w, arena_fmt(w->a, "%s of %lld: only %lld of the "
	    "payment was left; the rest is a loss", r.dispute ? "dispute" :
	    "refund", (long long)r.amount, (long long)sum));
}

/* Applies an event to the payment that was found. */
static enum rc
apply_event(struct event_work *w)
{
	switch (w->ev->kind) {
	case PAYMENT_EVENT_PAID:
		return apply_paid(w);
	case PAYMENT_EVENT_FAILED:
	case PAYMENT_EVENT_ENDED:
		return apply_failed(w);
	case PAYMENT_EVENT_REFUND:
	case PAYMENT_EVENT_DISPUTE:
	case PAYMENT_EVENT_DISPUTE_WON:
		return apply_reversal(w);
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
	struct event_work w = { .db = db, .a = a, .conf = conf, .ev = ev,
	    .now = now, .err = err };
	enum rc rc;

	*outcome = PAYMENT_OUTCOME_NONE;
	rc = check_repeated(&w, again);
	if (rc != RC_OK || *again)
		return rc;
	if (ev->kind != PAYMENT_EVENT_NONE) {
		rc = find_payment(&w);
		w.outcome = PAYMENT_OUTCOME_FOREIGN;
		if (rc == RC_OK && w.p.id != 0) {
			w.outcome = PAYMENT_OUTCOME_NONE;
			rc = apply_event(&w);
		}
	}
	*outcome = w.outcome;
	return rc == RC_OK ? store_event(&w) : rc;
}
