#include "adversary_world.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/int64.h"
#include "base/str.h"
#include "domain/accounts/account.h"
#include "domain/calls/session.h"
#include "domain/listeners/listener.h"
#include "domain/listeners/listener_approval.h"
#include "domain/listeners/presence.h"
#include "domain/money/payment.h"
#include "domain/money/promotion.h"
#include "domain/money/redemption.h"
#include "domain/money/referral.h"
#include "domain/money/returning_user.h"
#include "domain/money/wallet.h"

#define ONLINE		(1000 * DAY)	/* renewed when time passes */
#define GIVEN_UP	200		/* balance of a deleted account */

int64_t
world_random(struct world *w, int64_t n)
{
	/* xorshift64* */
	w->random ^= w->random >> 12;
	w->random ^= w->random << 25;
	w->random ^= w->random >> 27;
	return (int64_t)((w->random * UINT64_C(2685821657736338717) >> 33) %
	    (uint64_t)n);
}

bool
world_begin(struct world *w)
{
	if (db_write(w->db) != RC_OK)
		w->failed = true;
	return !w->failed;
}

bool
world_end(struct world *w)
{
	if (!w->failed && db_commit(w->db) != RC_OK)
		w->failed = true;
	return !w->failed;
}

static struct audit_by
operator_at(const struct world *w)
{
	return (struct audit_by){ .now = w->now };
}

/* Begins a move. */
static bool
begin(struct world *w)
{
	w->moves++;
	arena_reset(&w->arena);
	err_init(&w->err, &w->arena);
	if (!w->failed && db_save(w->db) != RC_OK)
		w->failed = true;
	return !w->failed;
}

/* Ends a move; a fault of the service ends the test. */
static bool
end(struct world *w, enum rc rc, const char *what)
{
	if (rc == RC_OK || rc == RC_CREATED) {
		w->failed = db_save_keep(w->db) != RC_OK;
		return !w->failed;
	}
	if (rc == RC_FAULT || rc == RC_BUSY || rc == RC_FULL) {
		fprintf(stderr, "%s: %s\n", what, rc_code(rc));
		w->failed = true;
	}
	if (db_save_undo(w->db) != RC_OK)
		w->failed = true;
	return false;
}

/* ---- accounts */

static enum rc
add_account(struct world *w, int who, int64_t address, int64_t referrer)
{
	struct person *p = &w->people[who];
	struct account_new n = { .status = USER_ACTIVE, .proved = true,
		.roles = who >= FIRST_LISTENER ? 3 : 1,
		.referred_by = referrer,
		.username = arena_fmt(&w->arena, "user%" PRId64, w->moves),
		.email = arena_fmt(&w->arena, "a%" PRId64 "@example.org",
		    address) };
	struct account acc;
	enum rc rc = account_add(w->db, &n, w->now, &w->err);

	if (rc == RC_OK)
		rc = account_get(w->db, &w->arena, n.id, &acc);
	if (rc == RC_OK)
		rc = returning_user_link(w->db, &w->arena, w->conf, n.id,
		    n.email, w->now, &w->err);
	if (rc != RC_OK)
		return rc;
	p->id = n.id;
	p->address = address;
	snprintf(p->referral, sizeof(p->referral), "%s", acc.referral_code);
	return RC_OK;
}

static struct listener_rate_input
rate_of(int64_t rate)
{
	struct listener_rate_input in = { .rate = rate };

	listener_rate_init(&in.rates);
	return in;
}

static enum rc
come_online(struct world *w, int listener)
{
	return presence_set(w->db, w->people[listener].id, PRESENCE_ONLINE,
	    ONLINE, INT64_MIN, w->now);
}

static enum rc
add_listener(struct world *w, int who)
{
	const char *languages[] = { "en" };
	const struct listener_input in = { .languages = { 1, languages },
		.rate = rate_of(100) };
	const struct audit_by by = operator_at(w);
	int64_t id = w->people[who].id;
	enum rc rc = listener_register(w->db, &w->arena, id, &in, w->now,
	    &w->err);

	if (rc == RC_OK || rc == RC_CREATED)
		rc = listener_approval_verify(w->db, &w->arena, id, &by,
		    &w->err);
	return rc == RC_OK ? come_online(w, who) : rc;
}

bool
world_setup(struct world *w)
{
	enum rc rc;

	if (!world_begin(w))
		return false;
	for (int i = 0; i < PEOPLE && !w->failed; i++) {
		if (!begin(w))
			return false;
		rc = add_account(w, i, ++w->addresses, 0);
		if (rc == RC_OK && i >= FIRST_LISTENER)
			rc = add_listener(w, i);
		if (!end(w, rc, "setup"))
			w->failed = true;
	}
	return world_end(w);
}

bool
world_join(struct world *w, int who, int inviter, bool same_address)
{
	int64_t old = w->people[who].id, referrer = 0;
	int64_t address = w->people[who].address;
	struct wallet wallet;
	enum rc rc;

	if (who >= FIRST_LISTENER || w->nleft == LEFT_MAX || !begin(w))
		return false;
	rc = wallet_get(w->db, old, &wallet);
	/* The adversary gives up only small amounts. */
	if (rc == RC_OK && (wallet.balance > GIVEN_UP || wallet.earnings > 0))
		rc = RC_CONFLICT;
	if (rc == RC_OK)
		rc = account_delete(w->db, &w->arena, w->conf, old, NULL,
		    "test", w->now, &w->err);
	if (rc == RC_OK && inviter != who)
		rc = account_referrer(w->db, w->people[inviter].referral,
		    &referrer);
	if (rc == RC_OK)
		rc = add_account(w, who, same_address ? address :
		    ++w->addresses, referrer);
	if (!end(w, rc, "join"))
		return false;
	w->left[w->nleft++] = old;
	return true;
}

/* ---- payments */

static enum rc
apply(struct world *w, const struct payment_event *ev,
    enum payment_outcome *outcome)
{
	struct payment_event e = *ev;
	bool again;

	e.provider = PROVIDER_SANDBOX;
	e.type = "event";
	e.currency = w->conf->currency;
	e.payment = w->last.id;
	e.id = arena_fmt(&w->arena, "event_%" PRId64, ++w->events);
	return payment_apply(w->db, &w->arena, w->conf, &e, w->now, &again,
	    outcome, &w->err);
}

bool
world_topup(struct world *w, int who, int64_t amount, int64_t paid)
{
	enum payment_outcome outcome;
	struct payment p;
	enum rc rc;

	if (!begin(w))
		return false;
	rc = payment_begin(w->db, &w->arena, w->conf, w->people[who].id,
	    PROVIDER_SANDBOX, amount, w->conf->currency, w->now, &p, &w->err);
	if (rc == RC_OK)
		rc = payment_opened(w->db, p.id, arena_fmt(&w->arena,
		    "sandbox_%" PRId64, p.id), NULL, w->now);
	if (rc == RC_OK) {
		w->last = (struct topup){ .id = p.id, .amount = amount };
		rc = apply(w, &(struct payment_event){
		    .kind = PAYMENT_EVENT_PAID, .amount = paid,
		    .paid_ref = arena_fmt(&w->arena, "paid_%" PRId64, p.id) },
		    &outcome);
	}
	if (!end(w, rc, "topup")) {
		w->last.id = 0;
		return false;
	}
	w->last.paid = paid;
	w->in += paid;
	return true;
}

bool
world_repeat(struct world *w)
{
	enum payment_outcome outcome;

	return w->last.id != 0 && begin(w) && end(w, apply(w,
	    &(struct payment_event){ .kind = PAYMENT_EVENT_PAID,
	    .amount = w->last.amount, .paid_ref = arena_fmt(&w->arena,
	    "paid_%" PRId64, w->last.id) }, &outcome), "repeat");
}

bool
world_refund(struct world *w, int64_t amount, bool fails)
{
	const struct audit_by by = operator_at(w);
	struct payment_reversal r;
	struct topup *t = &w->last;
	enum rc rc;

	if (t->id == 0 || !begin(w))
		return false;
	rc = payment_refund(w->db, &w->arena, t->id, amount, "test", false,
	    &by, &r, &w->err);
	if (rc == RC_OK) {
		fails = fails || r.amount > t->paid - t->back;
		rc = fails ? payment_refund_failed(w->db, &w->arena, r.id,
		    "refused", true, w->now, &w->err) :
		    payment_refund_sent(w->db, &w->arena, r.id,
		    arena_fmt(&w->arena, "refund_%" PRId64, r.id),
		    REVERSAL_DONE, w->now, &w->err);
	}
	if (!end(w, rc, "refund"))
		return false;
	if (!fails) {
		t->back += r.amount;
		w->out += r.amount;
	}
	return true;
}

static bool
dispute(struct world *w, enum payment_event_kind kind, int64_t amount)
{
	enum payment_outcome outcome;

	return begin(w) && end(w, apply(w, &(struct payment_event){
	    .kind = kind, .amount = amount, .return_ref =
	    arena_fmt(&w->arena, "dispute_%" PRId64 "_%" PRId64, w->last.id,
	    w->last.disputes) }, &outcome), "dispute");
}

bool
world_dispute(struct world *w)
{
	struct topup *t = &w->last;
	int64_t amount = t->paid - t->back;

	if (t->id == 0 || t->open > 0 || amount == 0)
		return false;
	t->disputes++;
	if (!dispute(w, PAYMENT_EVENT_DISPUTE, amount))
		return false;
	t->open = amount;
	t->back += amount;
	w->out += amount;
	return true;
}

bool
world_win(struct world *w)
{
	struct topup *t = &w->last;

	if (t->open == 0)
		return false;
	/* The bank takes the money from the adversary again. */
	w->out -= t->open;
	t->back -= t->open;
	if (!dispute(w, PAYMENT_EVENT_DISPUTE_WON, t->open))
		return false;
	/* Providers repeat events. */
	return dispute(w, PAYMENT_EVENT_DISPUTE_WON, t->open) &&
	    (t->open = 0) == 0;
}

/* ---- sessions */

bool
world_rate(struct world *w, int listener, int64_t rate)
{
	const struct listener_input in = { .rate = rate_of(rate) };
	const struct audit_by by = operator_at(w);

	return begin(w) && end(w, listener_change(w->db, &w->arena, w->conf,
	    w->people[listener].id, &in, &by, &w->err), "rate");
}

bool
world_talk(struct world *w, int who, int listener, int64_t ms, int64_t later)
{
	const struct session_request r = { .customer = w->people[who].id,
		.listener = w->people[listener].id, .call = INT64_MIN,
		.terms = { .expected_rate = INT64_MIN } };
	struct session_offer offer;
	struct session s;
	bool first;

	if (!begin(w) || !end(w, session_start(w->db, &w->arena, w->conf, &r,
	    w->now, &s, &offer, &w->err), "start"))
		return false;
	w->session = s.id;
	if (later >= 0)
		world_rate(w, listener, later);
	w->now += ms;
	return begin(w) && end(w, session_end(w->db, s.id, 0,
	    SESSION_CAUSE_CUSTOMER, w->now, w->now, &s, &first, &w->err),
	    "end");
}

bool
world_refund_session(struct world *w, bool charge_listener)
{
	const struct session_refund_request r = {
		.amount = INT64_MIN, .earnings = INT64_MIN,
		.charge_listener = charge_listener, .reason = "test"
	};
	const struct audit_by by = operator_at(w);
	struct session s;

	return w->session != 0 && begin(w) && end(w, session_refund(w->db,
	    &w->arena, w->session, &r, &by, &s, &w->err), "session refund");
}

bool
world_payout(struct world *w, int listener)
{
	const struct audit_by by = operator_at(w);
	int64_t id = w->people[listener].id, earnings = 0, has;
	enum rc rc;

	if (!begin(w))
		return false;
	rc = ledger_balance(w->db, LEDGER_ACCOUNT(id, LEDGER_EARNINGS),
	    &earnings);
	has = int64_max(earnings, 0);
	/* Try to get more than was earned, too. */
	if (world_random(w, 8) == 0)
		earnings += 1000000;
	if (rc == RC_OK)
		rc = wallet_payout(w->db, &w->arena, id, earnings, NULL, &by,
		    &w->err);
	if (!end(w, rc, "payout"))
		return false;
	w->out += earnings;
	w->overdrawn += earnings - has;
	return true;
}

/* ---- promotions and time */

int64_t
world_promotion(struct world *w, int kind, int64_t value, int64_t redemptions)
{
	const struct audit_by by = operator_at(w);
	struct promotion p = { .kind = (enum promotion_kind)kind,
		.value = value, .audience = PROMOTION_ALL, .active = true,
		.per_user = 3, .total = INT64_MIN, .budget = INT64_MIN,
		.valid_days = world_random(w, 2) == 0 ? 5 : INT64_MIN,
		.starts_at = INT64_MIN, .ends_at = INT64_MIN,
		.max_rate = kind == PROMOTION_MINUTES ? 200 : INT64_MIN,
		.max_bonus = kind == PROMOTION_TOPUP_PERCENT ? 500 :
		    INT64_MIN };

	if (!begin(w))
		return 0;
	p.code = arena_fmt(&w->arena, "P%" PRId64, ++w->promotions);
	p.budget = promotion_cost(&p) * redemptions;
	return end(w, promotion_add(w->db, &w->arena, &p, NULL, 0, &by,
	    &w->err), "promotion") ? w->promotions : 0;
}

bool
world_redeem(struct world *w, int who, int64_t promotion)
{
	struct promotion p;
	int64_t expires_at;

	if (!begin(w) || !end(w, promotion_redeem(w->db, &w->arena,
	    w->people[who].id, arena_fmt(&w->arena, "p%" PRId64, promotion),
	    w->now, &p, &expires_at, &w->err), "redeem"))
		return false;
	/* What exceeds the budget is a gain. */
	if (p.spent + p.reserved <= p.budget)
		w->granted += promotion_cost(&p);
	return true;
}

bool
world_wait(struct world *w, int64_t ms)
{
	static enum rc (*const jobs[])(struct job_run *) = {
		session_due_run, redemption_expire_run, referral_pay_run,
	};
	enum rc rc = RC_OK;

	w->now += ms;
	if (!begin(w))
		return false;
	for (size_t i = 0; i < NELEM(jobs) && rc == RC_OK; i++) {
		struct job_run run = { .name = "adversary", .db = w->db,
			.arena = &w->arena, .conf = w->conf, .now = w->now };

		rc = jobs[i](&run);
	}
	for (int i = FIRST_LISTENER; i < PEOPLE && rc == RC_OK; i++)
		rc = come_online(w, i);
	return end(w, rc, "jobs");
}

/* ---- books */

/*
 * Sums up the debts of all accounts, as a positive number. Earnings that a
 * refund made negative are a debt, those that a payout made negative are not.
 */
static enum rc
sum_debts(struct world *w, int64_t *sum)
{
	int64_t has[LEDGER_KINDS];
	enum rc rc = RC_OK;

	*sum = -w->overdrawn;
	for (size_t i = 0; i < PEOPLE + w->nleft && rc == RC_OK; i++) {
		rc = ledger_user(w->db, i < PEOPLE ? w->people[i].id :
		    w->left[i - PEOPLE], has);
		*sum -= has[LEDGER_OWED] + int64_min(has[LEDGER_EARNINGS], 0);
	}
	return rc;
}

/* Sums up what promotions granted, each at most its budget. */
static enum rc
sum_grants(struct world *w, int64_t *sum)
{
	struct promotion_page page = { .more = true };
	int64_t before = INT64_MAX;
	enum rc rc = RC_OK;

	*sum = 0;
	while (page.more && rc == RC_OK) {
		arena_reset(&w->arena);
		rc = promotion_list(w->db, &w->arena, before, 100, 0, &page);
		for (size_t i = 0; i < page.n; i++) {
			*sum += int64_min(page.promotions[i].spent,
			    page.promotions[i].budget);
			before = page.promotions[i].id;
		}
	}
	return rc;
}

bool
world_excess(struct world *w, int64_t *excess)
{
	int64_t debts, grants = 0, refunds = 0;
	enum rc rc = sum_debts(w, &debts);

	if (rc == RC_OK)
		rc = sum_grants(w, &grants);
	if (rc == RC_OK)
		rc = ledger_balance(w->db, LEDGER_OPERATOR(LEDGER_REFUNDS),
		    &refunds);
	w->failed |= rc != RC_OK;
	*excess = w->out - w->in - grants - debts + refunds;
	return !w->failed;
}

int64_t
world_worth(struct world *w)
{
	int64_t has[LEDGER_KINDS], sum = w->out - w->in - w->granted;

	for (int i = 0; i < PEOPLE; i++) {
		w->failed |= ledger_user(w->db, w->people[i].id, has) != RC_OK;
		sum += has[LEDGER_WALLET] + has[LEDGER_EARNINGS] +
		    has[LEDGER_OWED];
	}
	return sum;
}
