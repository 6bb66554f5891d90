/* session_lifecycle: starts, extends, and ends sessions. */
#include "base/clock.h"
#include "base/int64.h"
#include "domain/calls/call_finish.h"
#include "domain/calls/session.h"
#include "domain/common/actor.h"
#include "domain/common/event.h"
#include "domain/listeners/listener.h"
#include "domain/listeners/presence.h"
#include "domain/money/promotion_minutes.h"
#include "domain/money/revenue.h"
#include "domain/money/wallet.h"

struct parties {
	int status;
	int64_t banned_until;
	enum verification verification;
	int64_t rate, mean_ms;
	int64_t listener_busy, customer_busy;	/* since; INT64_MIN: free */
};

/* The resources that an extension of a lease needs. */
struct take {
	int64_t minutes, wallet, bonus;
};

static int64_t
above_zero(int64_t a)
{
	return a > 0 ? a : 0;
}

/* Returns the seconds of a session; INT64_MIN if the money never ends. */
static int64_t
max_seconds(int64_t max_ms)
{
	return max_ms >= BILLING_FOREVER ? INT64_MIN : max_ms / SECOND;
}

static enum rc
load_parties(struct db *db, int64_t customer, int64_t listener,
    struct parties *p, bool *found)
{
	struct stmt *q = stmt_get(db, Q_SESSION_PARTIES);

	stmt_int(q, ":customer", customer);
	stmt_int(q, ":listener", listener);
	*found = stmt_row(q);
	if (*found) {
		p->status = (int)stmt_col_int(q, 0);
		p->banned_until = stmt_col_opt(q, 1);
		p->verification = (enum verification)stmt_col_int(q, 2);
		p->rate = stmt_col_int(q, 3);
		p->mean_ms = stmt_col_opt(q, 4);
		p->listener_busy = stmt_col_opt(q, 5);
		p->customer_busy = stmt_col_opt(q, 6);
	}
	return stmt_done(q);
}

/* Checks that both users may start a session, apart from the balance. */
static enum rc
check_parties(struct db *db, int64_t customer, int64_t listener, int64_t call,
    int64_t now, struct parties *p, struct err *err)
{
	bool found;
	enum rc rc;

	if (customer == listener)
		return err_set(err, RC_BAD, "cannot_call_self",
		    "Cannot start a session with yourself");
	rc = load_parties(db, customer, listener, p, &found);
	if (rc != RC_OK)
		return rc;
	if (!found || p->verification != LISTENER_VERIFIED ||
	    !actor_active(p->status, p->banned_until, now))
		return err_set(err, RC_NOT_FOUND, NULL, "Listener not found");
	/* The parties of a call are busy with it. */
	if (call != INT64_MIN)
		return RC_OK;
	if (p->customer_busy != INT64_MIN)
		return err_set(err, RC_CONFLICT, "customer_busy",
		    "You are in another session");
	if (p->listener_busy != INT64_MIN) {
		err->wait_time = (int)listener_wait(p->listener_busy,
		    p->mean_ms, now);
		return err_set(err, RC_CONFLICT, "listener_busy",
		    "This listener is in another session");
	}
	return RC_OK;
}

/* Extends the lease in the struct to `until` and computes what that takes. */
static void
extend_lease(struct session *s, const struct wallet *w, int64_t until,
    struct take *t)
{
	int64_t minutes, money;

	billing_lease(&s->tariff, until - s->started_at,
	    s->leased_free + w->free_minutes, &minutes, &money);
	t->minutes = above_zero(minutes - s->leased_free);
	money = above_zero(money - s->held_wallet - s->held_bonus);
	t->bonus = int64_min(money, w->bonus);
	t->wallet = money - t->bonus;
	s->leased_until = until;
	s->leased_free += t->minutes;
	s->held_wallet += t->wallet;
	s->held_bonus += t->bonus;
}

/* Reads a customer's money, and the free minutes that apply at a rate. */
static enum rc
get_funds(struct db *db, int64_t customer, int64_t rate, struct wallet *w)
{
	enum rc rc = wallet_get(db, customer, w);

	return rc == RC_OK ? promotion_minutes(db, customer, rate,
	    &w->free_minutes) : rc;
}

/* Reserves the money and the minutes of an extension. */
static enum rc
reserve(struct db *db, const struct session *s, const struct take *take,
    int64_t now, struct err *err)
{
	struct transfer t;
	enum rc rc = promotion_minutes_hold(db, s->customer, s->id,
	    s->tariff.rate, take->minutes);

	if (rc != RC_OK || take->wallet + take->bonus == 0)
		return rc;
	ledger_transfer_init(&t, TRANSFER_HOLD, s->id, now);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(s->customer, LEDGER_BONUS),
	    -take->bonus);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(s->customer, LEDGER_WALLET),
	    -take->wallet);
	ledger_transfer_add(&t, LEDGER_ACCOUNT(s->customer, LEDGER_HELD),
	    take->wallet + take->bonus);
	return ledger_post(db, &t, err);
}

static enum rc
insert_session(struct db *db, struct session *s)
{
	struct stmt *q = stmt_get(db, Q_SESSION_ADD);
	enum rc rc;

	stmt_int(q, ":customer", s->customer);
	stmt_int(q, ":listener", s->listener);
	stmt_opt(q, ":call", s->call);
	stmt_int(q, ":kind", s->kind);
	stmt_text(q, ":channel", s->channel);
	stmt_int(q, ":waiting", s->waiting);
	stmt_int(q, ":rate", s->tariff.rate);
	stmt_int(q, ":commission", s->tariff.commission);
	stmt_int(q, ":per_second", s->tariff.per_second);
	stmt_int(q, ":free_ms", s->tariff.free_ms);
	stmt_int(q, ":now", s->started_at);
	stmt_int(q, ":leased_until", s->leased_until);
	stmt_int(q, ":leased_free", s->leased_free);
	stmt_int(q, ":held_wallet", s->held_wallet);
	stmt_int(q, ":held_bonus", s->held_bonus);
	stmt_int(q, ":lasts_until", s->lasts_until);
	rc = stmt_run(q);
	if (rc == RC_OK)
		s->id = db_last_id(db);
	return rc;
}

static enum rc
notify_started(struct db *db, const struct session *s, int64_t user,
    int64_t max_ms)
{
	return event_add_object(db, user, EVENT_SESSION_STARTED,
	    s->started_at, JSON_OBJECT(JSON_INT("session_id", s->id),
	    JSON_INT("rate_per_minute", s->tariff.rate),
	    JSON_INT("max_seconds", max_seconds(max_ms))));
}

static enum rc
notify_extended(struct db *db, const struct session *s, int64_t user,
    int64_t max_ms, int64_t now)
{
	char name[CHANNEL_MAX + 1];
	const char *channel = NULL;
	enum rc rc = RC_OK;

	if (s->call != INT64_MIN) {
		rc = call_finish_channel(db, s->call, name);
		channel = name;
	}
	return rc != RC_OK ? rc : event_add_media(db, user,
	    EVENT_SESSION_EXTENDED, now,
	    JSON_OBJECT(JSON_INT("session_id", s->id),
	    JSON_INT("max_seconds", max_seconds(max_ms))), channel,
	    s->started_at + max_ms);
}

/* Checks a new session and computes its tariff and maximum length. */
static enum rc
prepare(struct db *db, const struct conf *conf, int64_t customer,
    int64_t listener, int64_t call, int64_t now, struct session *s,
    struct wallet *w, int64_t *max_ms, struct err *err)
{
	struct parties p = { 0 };
	enum rc rc;

	rc = check_parties(db, customer, listener, call, now, &p, err);
	if (rc == RC_OK)
		rc = get_funds(db, customer, p.rate, w);
	if (rc != RC_OK)
		return rc;
	*s = (struct session){ .customer = customer, .listener = listener,
	    .call = call, .started_at = now, .billed_from = now,
	    .gap_from = INT64_MIN, .gap_until = INT64_MIN,
	    .ended_at = INT64_MIN,
	    .reviewed_at = INT64_MIN, .tariff = { .rate = p.rate,
	    .free_ms = conf->free_seconds * SECOND,
	    .per_second = conf->billing_unit == 1,
	    .commission = conf->commission } };
	*max_ms = billing_lasts(&s->tariff, w->available, w->free_minutes);
	if (w->owed > 0)
		return err_set(err, RC_PAYMENT, "balance_owed",
		    "A payment was reversed after it was spent. Top up the "
		    "wallet");
	if (*max_ms < s->tariff.free_ms + MINUTE)
		return err_set(err, RC_PAYMENT, "insufficient_balance",
		    "The balance is not enough for one minute");
	return RC_OK;
}

enum rc
session_affords(struct db *db, const struct conf *conf, int64_t customer,
    int64_t listener, int64_t now, int64_t *max_ms, struct err *err)
{
	struct session s;
	struct wallet w;

	/* Call 0: the caller checks whether both are free. */
	return prepare(db, conf, customer, listener, 0, now, &s, &w,
	    max_ms, err);
}

enum rc
session_start(struct db *db, const struct conf *conf, int64_t customer,
    int64_t listener, int64_t call, int64_t now, struct session *s,
    int64_t *max_ms, struct err *err)
{
	struct wallet w;
	struct take take;
	enum rc rc;

	rc = prepare(db, conf, customer, listener, call, now, s, &w,
	    max_ms, err);
	if (rc != RC_OK)
		return rc;
	s->lasts_until = now + *max_ms;
	extend_lease(s, &w, now + s->tariff.free_ms + MINUTE, &take);
	rc = insert_session(db, s);
	if (rc == RC_CONFLICT)
		return err_set(err, rc, "customer_busy",
		    "You are in another session");
	if (rc == RC_OK)
		rc = reserve(db, s, &take, now, err);
	if (rc == RC_OK)
		rc = call != INT64_MIN ? RC_OK :
		    presence_busy(db, customer, listener, now, now);
	if (rc == RC_OK)
		rc = notify_started(db, s, customer, *max_ms);
	return rc == RC_OK ? notify_started(db, s, listener, *max_ms) : rc;
}

/* Returns the maximum length of a session with all of the money, in ms. */
static int64_t
max_length(const struct session *s, const struct wallet *w)
{
	return billing_lasts(&s->tariff,
	    s->held_wallet + s->held_bonus + w->available,
	    s->leased_free + w->free_minutes);
}

enum rc
session_max(struct db *db, const struct session *s, int64_t *max_ms)
{
	struct wallet w;
	enum rc rc = get_funds(db, s->customer, s->tariff.rate, &w);

	*max_ms = rc == RC_OK ? max_length(s, &w) : 0;
	return rc;
}

static enum rc
store_lease(struct db *db, const struct session *s)
{
	struct stmt *q = stmt_get(db, Q_SESSION_LEASE);

	stmt_int(q, ":id", s->id);
	stmt_int(q, ":leased_until", s->leased_until);
	stmt_int(q, ":leased_free", s->leased_free);
	stmt_int(q, ":held_wallet", s->held_wallet);
	stmt_int(q, ":held_bonus", s->held_bonus);
	stmt_int(q, ":lasts_until", s->lasts_until);
	stmt_int(q, ":low_told", s->low_notified);
	return stmt_run(q);
}

/*
 * Stores the new end of the money. If it is later, a low balance is notified
 * again. Returns whether it changed.
 */
static bool
set_lasts_until(struct session *s, int64_t max_ms)
{
	int64_t until = s->started_at + max_ms;
	bool changed = until != s->lasts_until;

	if (until > s->lasts_until)
		s->low_notified = false;
	s->lasts_until = until;
	return changed;
}

enum rc
session_lease(struct db *db, struct session *s, int64_t to, int64_t now,
    struct err *err)
{
	int64_t first = s->started_at + s->tariff.free_ms, until;
	struct take take;
	struct wallet w;
	bool changed;
	enum rc rc;

	if (s->state != SESSION_LIVE || to <= s->leased_until)
		return RC_OK;
	rc = get_funds(db, s->customer, s->tariff.rate, &w);
	if (rc != RC_OK)
		return rc;
	changed = set_lasts_until(s, max_length(s, &w));
	until = first + (to - first + MINUTE - 1) / MINUTE * MINUTE;
	until = int64_min(until, s->lasts_until);
	if (until <= s->leased_until)
		return changed ? store_lease(db, s) : RC_OK;
	extend_lease(s, &w, until, &take);
	rc = reserve(db, s, &take, now, err);
	return rc == RC_OK ? store_lease(db, s) : rc;
}

/* Pays the listener and the operator, and releases the rest. */
static enum rc
settle(struct db *db, struct session *s, int64_t now, struct err *err)
{
	int64_t cost = s->bill.cost, rest;
	struct transfer t;
	enum rc rc = RC_OK;

	if (s->bill.gross > 0) {
		ledger_transfer_init(&t, TRANSFER_SESSION, s->id, now);
		ledger_transfer_add(&t, LEDGER_ACCOUNT(s->customer,
		    LEDGER_HELD), -cost);
		ledger_transfer_add(&t, LEDGER_OPERATOR(LEDGER_PROMOTION),
		    cost - s->bill.gross);
		ledger_transfer_add(&t, LEDGER_ACCOUNT(s->listener,
		    LEDGER_EARNINGS), s->bill.earned);
		ledger_transfer_add(&t, LEDGER_OPERATOR(LEDGER_FEE),
		    s->bill.fee);
		rc = wallet_post(db, &t, err);
	}
	s->cost_bonus = int64_min(cost, s->held_bonus);
	s->held_bonus -= s->cost_bonus;
	s->held_wallet -= cost - s->cost_bonus;
	rest = s->held_bonus + s->held_wallet;
	if (rc == RC_OK && rest > 0) {
		ledger_transfer_init(&t, TRANSFER_RELEASE, s->id, now);
		ledger_transfer_add(&t, LEDGER_ACCOUNT(s->customer,
		    LEDGER_HELD), -rest);
		ledger_transfer_add(&t, LEDGER_ACCOUNT(s->customer,
		    LEDGER_WALLET), s->held_wallet);
		ledger_transfer_add(&t, LEDGER_ACCOUNT(s->customer,
		    LEDGER_BONUS), s->held_bonus);
		rc = ledger_post(db, &t, err);
	}
	s->held_bonus = s->held_wallet = 0;
	if (rc == RC_OK)
		rc = promotion_minutes_settle(db, s->id, s->bill.free_minutes,
		    s->bill.gross - cost);
	return rc == RC_OK ? revenue_add(db, s->customer, s->listener,
	    billing_fee(&s->tariff, cost - s->cost_bonus), now) : rc;
}

static enum rc
store_end(struct db *db, const struct session *s)
{
	struct stmt *q = stmt_get(db, Q_SESSION_END);

	stmt_int(q, ":id", s->id);
	stmt_int(q, ":at", s->ended_at);
	stmt_int(q, ":cause", s->cause);
	stmt_int(q, ":minutes", s->bill.minutes);
	stmt_int(q, ":free", s->bill.free_minutes);
	stmt_int(q, ":cost", s->bill.cost);
	stmt_int(q, ":cost_bonus", s->cost_bonus);
	stmt_int(q, ":fee", s->bill.fee);
	stmt_int(q, ":earned", s->bill.earned);
	stmt_int(q, ":balance", s->balance);
	return stmt_run(q);
}

static enum rc
notify_ended(struct db *db, const struct session *s, int64_t now)
{
	const char *cause = session_cause_names[s->cause - 1];
	int64_t length = s->bill.length_ms / SECOND;
	enum rc rc;

	rc = event_add_object(db, s->customer, EVENT_SESSION_ENDED, now,
	    JSON_OBJECT(JSON_INT("session_id", s->id),
	    JSON_INT("duration_seconds", length),
	    JSON_INT("cost", s->bill.cost), JSON_STR("cause", cause)));
	return rc != RC_OK ? rc : event_add_object(db, s->listener,
	    EVENT_SESSION_ENDED, now,
	    JSON_OBJECT(JSON_INT("session_id", s->id),
	    JSON_INT("duration_seconds", length),
	    JSON_INT("earned", s->bill.earned), JSON_STR("cause", cause)));
}

/* Reads the customer's balance. *debt: the customer owes money. */
static enum rc
get_balance(struct db *db, const struct session *s, int64_t *balance,
    bool *debt)
{
	int64_t have[LEDGER_KINDS];
	enum rc rc = ledger_user(db, s->customer, have);

	*balance = have[LEDGER_WALLET] + have[LEDGER_BONUS] +
	    have[LEDGER_HELD];
	*debt = have[LEDGER_OWED] < 0;
	return rc;
}

/* Ends a live session at `at`, after its lease was extended if possible. */
static enum rc
finish(struct db *db, struct session *s, enum session_cause cause,
    int64_t at, int64_t now, struct err *err)
{
	int64_t balance;
	bool debt;
	enum rc rc;

	/* If the clock was set back, the length is 0. */
	if (at < s->started_at)
		at = s->started_at;
	s->cause = at > s->leased_until ? SESSION_CAUSE_MONEY : cause;
	s->ended_at = int64_min(at, s->leased_until);
	s->state = SESSION_ENDED;
	s->bill = billing_bill(&s->tariff, s->ended_at - s->started_at,
	    s->leased_free, s->held_wallet + s->held_bonus);
	rc = get_balance(db, s, &balance, &debt);
	if (rc == RC_OK)
		rc = settle(db, s, now, err);
	s->balance = balance - s->bill.cost;
	/* The released money pays debts. */
	if (rc == RC_OK && debt)
		rc = wallet_settle(db, s->customer, now, err);
	if (rc == RC_OK && debt)
		rc = get_balance(db, s, &s->balance, &debt);
	if (rc == RC_OK)
		rc = store_end(db, s);
	if (rc == RC_OK && s->call == INT64_MIN)
		rc = presence_busy(db, s->customer, s->listener, INT64_MIN,
		    now);
	return rc == RC_OK ? notify_ended(db, s, now) : rc;
}

enum rc
session_end(struct db *db, int64_t id, int64_t user, enum session_cause cause,
    int64_t at, int64_t now, struct session *s, bool *first, struct err *err)
{
	enum rc rc;

	*first = false;
	rc = session_core(db, id, user, s, err);
	if (rc != RC_OK || s->state == SESSION_ENDED)
		return rc;
	rc = session_lease(db, s, at, now, err);
	if (rc == RC_OK)
		rc = finish(db, s, cause, at, now, err);
	if (rc == RC_OK && s->call != INT64_MIN)
		rc = call_finish(db, s->call, CALL_ENDED,
		    s->cause == SESSION_CAUSE_CUSTOMER ? s->customer :
		    s->cause == SESSION_CAUSE_LISTENER ? s->listener :
		    0, (int)s->cause, s->ended_at, now);
	*first = rc == RC_OK;
	return rc;
}

enum rc
session_end_of(struct db *db, int64_t user, enum session_cause cause,
    int64_t now, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_SESSION_LIVE_OF);
	int64_t ids[2];		/* one as customer, one as listener */
	struct session s;
	bool first;
	size_t n = 0;
	enum rc rc;

	stmt_int(q, ":user", user);
	while (n < 2 && stmt_row(q))
		ids[n++] = stmt_col_int(q, 0);
	rc = stmt_done(q);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = session_end(db, ids[i], 0, cause, now, now, &s, &first,
		    err);
	return rc;
}

enum rc
session_extended(struct db *db, int64_t user, int64_t now, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_SESSION_LIVE_AS_CUSTOMER);
	struct session s;
	int64_t id, max_ms;
	bool first;
	enum rc rc;

	stmt_int(q, ":user", user);
	id = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	rc = stmt_done(q);
	if (rc != RC_OK || id == 0)
		return rc;
	rc = session_core(db, id, user, &s, err);
	if (rc != RC_OK)
		return rc;
	if (now > s.lasts_until)
		return session_end(db, id, 0, SESSION_CAUSE_MONEY,
		    s.lasts_until, now, &s, &first, err);
	rc = session_max(db, &s, &max_ms);
	if (rc != RC_OK || !set_lasts_until(&s, max_ms))
		return rc;
	rc = store_lease(db, &s);
	if (rc == RC_OK)
		rc = notify_extended(db, &s, s.customer, max_ms, now);
	return rc == RC_OK ?
	    notify_extended(db, &s, s.listener, max_ms, now) : rc;
}

void
session_register(void)
{
	wallet_watch(session_extended);
}
