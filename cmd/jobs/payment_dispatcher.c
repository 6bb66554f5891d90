#include "cmd/jobs/payment_dispatcher.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "base/wakeup.h"
#include "domain/money/payment.h"
#include "providers/provider.h"

#define MEMORY	(16 << 20)

/* A task, claimed for as long as a provider may need. */
struct task {
	struct payment_reversal *refund;	/* NULL: query the payment */
	struct payment *payment;
};

struct message_dispatcher {
	struct db *db;
	const struct conf *conf;
	struct arena a;
	struct err err;
	struct message_dispatcher_sum *sum;
};

static enum rc
end_payment(struct message_dispatcher *l, enum rc rc)
{
	if (rc == RC_OK)
		rc = db_commit(l->db);
	else
		db_rollback(l->db);
	wakeup_send(db_wake_take(l->db));
	return rc;
}

static enum rc
any_due(struct message_dispatcher *l, int64_t now, bool *any)
{
	enum rc rc = db_read(l->db);

	*any = false;
	if (rc != RC_OK)
		return rc;
	rc = payment_any_due(l->db, l->conf, now, any);
	db_read_end(l->db);
	return rc;
}

/* Claims a task. Refunds are first, because users wait for their money. */
static enum rc
claim_task(struct message_dispatcher *l, int64_t now, struct task *t)
{
	/*
	 * After a rejected refund a second request looks for it, so the lease
	 * is longer.
	 */
	int64_t lease = 3 * l->conf->pay_timeout * SECOND;
	size_t n = 0;
	enum rc rc;

	rc = payment_to_refund(l->db, &l->a, now, lease, 1, &t->refund, &n);
	if (rc == RC_OK && n == 1) {
		t->payment = arena_new(&l->a, struct payment);
		return payment_get(l->db, &l->a, t->refund->payment, 0,
		    t->payment, &l->err);
	}
	t->refund = NULL;
	if (rc == RC_OK)
		rc = payment_to_poll(l->db, &l->a, l->conf, now, 1,
		    &t->payment, &n);
	if (n == 0)
		t->payment = NULL;
	return rc;
}

static enum rc
claim_payment(struct message_dispatcher *l, int64_t now, struct task *t)
{
	bool any;
	enum rc rc;

	*t = (struct task){ NULL, NULL };
	rc = any_due(l, now, &any);
	if (rc != RC_OK || !any)
		return rc;
	rc = db_write(l->db);
	return rc == RC_OK ? end_payment(l, claim_task(l, now, t)) : rc;
}

static const char *
why(const struct message_dispatcher *l, enum rc rc)
{
	return l->err.message != NULL ? l->err.message : rc_message(rc);
}

static enum rc
notify_payment(struct message_dispatcher *l, const struct task *t,
    int64_t (*now)(void))
{
	const struct payment_reversal *r = t->refund;
	const struct payment *p = t->payment;
	const struct provider_refund ask = { .ref = p->ref,
	    .paid_ref = p->paid_ref, .amount = r->amount,
	    .currency = p->currency, .number = r->id,
	    .idempotency_key = payment_idem_key(&l->a, p, "refund", r->id) };
	const char *ref = NULL;
	bool done = false;
	enum rc result = RC_UPSTREAM, rc;

	if (provider_on(l->conf, p->provider))
		result = provider_refund(&l->a, l->conf, p->provider, &ask,
		    &ref, &done, &l->err);
	rc = db_write(l->db);
	if (rc != RC_OK)
		return rc;
	if (result == RC_OK) {
		l->sum->sent++;
		return end_payment(l, payment_refund_sent(l->db, &l->a, r->id,
		    ref, done ? REVERSAL_DONE : REVERSAL_PENDING, now(),
		    &l->err));
	}
	l->sum->failed += result == RC_UPSTREAM;
	log_warn("payments", "refund %lld of payment %lld: %s",
	    (long long)r->id, (long long)p->id, why(l, result));
	return end_payment(l, payment_refund_failed(l->db, &l->a, r->id,
	    why(l, result), result != RC_UPSTREAM, now(), &l->err));
}

/* Applies the state that the provider returned, like a webhook. */
static enum rc
apply_state(struct message_dispatcher *l, const struct payment *p,
    const struct provider_state *state, int64_t now)
{
	struct payment_event ev = { .provider = p->provider, .id = "",
	    .type = "asked", .ref = p->ref, .payment = p->id,
	    .kind = PAYMENT_EVENT_ENDED };
	enum payment_outcome outcome;
	bool again;
	enum rc rc;

	if (state->state == STATE_OPEN)
		return payment_unpaid(l->db, l->conf, p->id, now);
	if (state->state == STATE_PAID) {
		ev.kind = PAYMENT_EVENT_PAID;
		ev.paid_ref = state->paid_ref;
		ev.amount = state->amount;
		ev.currency = state->currency;
	}
	rc = payment_apply(l->db, &l->a, l->conf, &ev, now, &again, &outcome,
	    &l->err);
	if (rc == RC_OK)
		log_info("payments", "queried payment %lld: %s",
		    (long long)p->id, payment_outcome_names[outcome]);
	return rc;
}

static enum rc
query_payment(struct message_dispatcher *l, const struct payment *p,
    int64_t (*now)(void))
{
	struct provider_state state = { .state = STATE_OPEN };
	enum rc rc = RC_OK;

	/* The state is unknown if the provider is not configured any more. */
	if (provider_on(l->conf, p->provider))
		rc = provider_ask(&l->a, l->conf, p->provider, p->ref, &state,
		    &l->err);
	if (rc == RC_UPSTREAM) {
		l->sum->failed++;
		log_warn("payments", "query of payment %lld failed: %s",
		    (long long)p->id, why(l, rc));
		return RC_OK;
	}
	if (rc != RC_OK) /* unknown to the provider: it can no longer be paid */
		state.state = STATE_OPEN;
	l->sum->sent++;
	rc = db_write(l->db);
	return rc == RC_OK ? end_payment(l, apply_state(l, p, &state,
	    now())) : rc;
}

enum rc
payment_dispatcher_run(struct db *db, const struct conf *conf,
    int64_t (*now)(void), const volatile sig_atomic_t *stop,
    struct message_dispatcher_sum *sum)
{
	struct message_dispatcher l = { .db = db, .conf = conf, .sum = sum };
	struct task t;
	enum rc rc;

	arena_init(&l.a, MEMORY);
	do {
		arena_reset(&l.a);
		err_init(&l.err, &l.a);
		rc = claim_payment(&l, now(), &t);
		if (rc == RC_OK && t.refund != NULL)
			rc = notify_payment(&l, &t, now);
		else if (rc == RC_OK && t.payment != NULL)
			rc = query_payment(&l, t.payment, now);
	} while (rc == RC_OK && t.payment != NULL && !*stop);
	arena_free(&l.a);
	return rc;
}
