/* session_lifecycle: extends and ends sessions. */
#include "base/clock.h"
#include "base/int64.h"
#include "domain/calls/call_finish.h"
#include "domain/calls/media_ban.h"
#include "domain/calls/session_internal.h"
#include "domain/calls/session_notice.h"
#include "domain/common/event.h"
#include "domain/listeners/listener_availability.h"
#include "domain/listeners/presence.h"
#include "domain/listeners/user_block.h"
#include "domain/money/promotion_minutes.h"
#include "domain/money/returning_user.h"
#include "domain/money/revenue.h"

static int64_t
above_zero(int64_t a)
{
	return a > 0 ? a : 0;
}

enum rc
session_funds(struct db *db, int64_t customer, int64_t rate, struct wallet *w)
{
	enum rc rc = wallet_get(db, customer, w);

	return rc == RC_OK ? promotion_minutes(db, customer, rate,
	    &w->free_minutes) : rc;
}

void
session_take_until(struct session *s, const struct wallet *w, int64_t until,
    struct session_take *t)
{
	int64_t minutes, money;

	billing_lease(&s->tariff, until - session_base(s),
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

enum rc
session_reserve(struct db *db, const struct session *s,
    const struct session_take *take, int64_t now, struct err *err)
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

/* Only the customer learns how long the money lasts. */
static enum rc
notify_extended(struct db *db, const struct session *s, int64_t user,
    int64_t max_ms, int64_t now)
{
	const struct json_member *data = user == s->customer ?
	    JSON_OBJECT(JSON_INT("session_id", s->id),
	    JSON_INT("max_seconds", session_seconds(max_ms))) :
	    JSON_OBJECT(JSON_INT("session_id", s->id));
	char name[CHANNEL_MAX + 1];
	const char *channel = NULL;
	enum rc rc = RC_OK;

	if (s->call != INT64_MIN) {
		rc = call_finish_channel(db, s->call, name);
		channel = name;
	}
	return rc != RC_OK ? rc : event_add_media(db, user,
	    EVENT_SESSION_EXTENDED, now, data, channel, 0);
}

int64_t
session_lasts(const struct session *s, const struct wallet *w)
{
	return billing_lasts(&s->tariff, session_spendable(s->spend_limit,
	    s->held_wallet + s->held_bonus + w->available),
	    s->leased_free + w->free_minutes);
}

/* Returns the billed time that money and limits allow, in ms. */
static int64_t
longest(const struct session *s, int64_t lasts)
{
	return s->max_ms != INT64_MIN ? int64_min(lasts, s->max_ms) : lasts;
}

enum rc
session_max(struct db *db, const struct session *s, int64_t *max_ms)
{
	struct wallet w;
	enum rc rc = session_funds(db, s->customer, s->tariff.rate, &w);

	*max_ms = rc == RC_OK ? longest(s, session_lasts(s, &w)) : 0;
	return rc;
}

enum rc
session_offer_of(struct db *db, const struct session *s,
    struct session_offer *o)
{
	struct wallet w;
	enum rc rc = session_funds(db, s->customer, s->tariff.rate, &w);

	*o = (struct session_offer){ .kind = s->kind, .tariff = s->tariff,
	    .free_minutes = s->leased_free + w.free_minutes,
	    .spend_limit = s->spend_limit, .limit_ms = s->max_ms };
	o->max_ms = rc == RC_OK ? longest(s, session_lasts(s, &w)) : 0;
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
	stmt_int(q, ":low_balance_notified", s->low_balance_notified);
	return stmt_run(q);
}

/*
 * Stores the new end of the money. If it is later, a low balance is notified
 * again. Returns whether it changed.
 */
static bool
set_lasts_until(struct session *s, int64_t lasts)
{
	int64_t until = session_base(s) + lasts;
	bool changed = until != s->lasts_until;

	if (until > s->lasts_until)
		s->low_balance_notified = false;
	s->lasts_until = until;
	return changed;
}

enum rc
session_lease(struct db *db, struct session *s, int64_t to, int64_t now,
    struct err *err)
{
	int64_t first = session_base(s) + s->tariff.free_ms, until, lasts;
	struct session_take take;
	struct wallet w;
	bool changed;
	enum rc rc;

	if (s->state != SESSION_LIVE || to <= s->leased_until)
		return RC_OK;
	rc = session_funds(db, s->customer, s->tariff.rate, &w);
	if (rc != RC_OK)
		return rc;
	lasts = session_lasts(s, &w);
	changed = set_lasts_until(s, lasts);
	until = first + (to - first + MINUTE - 1) / MINUTE * MINUTE;
	until = int64_min(until, session_base(s) + longest(s, lasts));
	if (until <= s->leased_until)
		return changed ? store_lease(db, s) : RC_OK;
	session_take_until(s, &w, until, &take);
	rc = session_reserve(db, s, &take, now, err);
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
	if (rc == RC_OK && s->leased_free > 0)
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
	stmt_int(q, ":billed_from", s->billed_from);
	stmt_int(q, ":paused", s->paused_ms);
	stmt_int(q, ":waived", s->waived);
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

/* Returns why a lease was not extended: by a limit, or for lack of money. */
static enum session_cause
limit_cause(const struct session *s)
{
	if (s->max_ms != INT64_MIN &&
	    s->leased_until >= session_base(s) + s->max_ms)
		return SESSION_CAUSE_MAX_MINUTES;
	return s->spend_limit != INT64_MIN && s->held_wallet + s->held_bonus +
	    s->tariff.rate > s->spend_limit ? SESSION_CAUSE_DAILY_SPEND :
	    SESSION_CAUSE_MONEY;
}

/* Ends a live session after its lease was extended if possible. */
static enum rc
finish(struct db *db, struct session *s, const struct session_close *close,
    int64_t now, struct err *err)
{
	/* If the clock was set back, the length is 0. */
	int64_t balance, at = int64_max(close->at, s->started_at);
	bool debt;
	enum rc rc;

	s->cause = at > s->leased_until || close->cause == SESSION_CAUSE_MONEY ?
	    limit_cause(s) : close->cause;
	s->ended_at = int64_min(at, s->leased_until);
	s->waived = close->waived;
	s->billed_from = close->free_of_charge || s->waiting ? s->ended_at :
	    int64_min(s->billed_from, s->ended_at);
	s->state = SESSION_ENDED;
	s->bill = billing_bill(&s->tariff, s->ended_at - session_base(s),
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
	/* Before the listener is free, which may notify customers. */
	if (rc == RC_OK)
		rc = listener_availability_refresh(db, s->listener, now);
	if (rc == RC_OK && s->call == INT64_MIN)
		rc = presence_busy(db, s->customer, s->listener, INT64_MIN,
		    now);
	if (rc == RC_OK)
		rc = media_ban_add(db, s->id, now);
	return rc == RC_OK ? session_notice_ended(db, err->arena, s, now) :
	    rc;
}

/*
 * Reverses the pause of the last outage if it is after the end, or if the media
 * network saw both parties during it. An end within the outage moves to its
 * start.
 */
static enum rc
settle_gap(struct db *db, struct session *s,
    const struct session_party p[SESSION_PARTIES], int64_t *at)
{
	int64_t gap = s->gap_until - s->gap_from;
	struct stmt *q;

	if (s->gap_from == INT64_MIN)
		return RC_OK;
	if (*at > s->gap_from && *at < s->gap_until)
		*at = s->gap_from;
	if (*at > s->gap_from && !session_rules_gap_used(s, p))
		return RC_OK;
	s->paused_ms -= gap;
	s->leased_until -= gap;
	s->lasts_until -= gap;
	q = stmt_get(db, Q_SESSION_UNPAUSE);
	stmt_int(q, ":session", s->id);
	stmt_int(q, ":gap", gap);
	return stmt_run(q);
}

enum rc
session_close(struct db *db, struct session *s,
    const struct session_party p[SESSION_PARTIES],
    const struct session_close *how, int64_t now, struct err *err)
{
	struct session_close close = *how;
	enum rc rc = settle_gap(db, s, p, &close.at);

	if (rc == RC_OK && !close.free_of_charge && !s->waiting)
		rc = session_lease(db, s, close.at, now, err);
	if (rc == RC_OK)
		rc = finish(db, s, &close, now, err);
	session_party_forget(s, p);
	return rc == RC_OK && s->call != INT64_MIN ?
	    call_finish(db, s->call, CALL_ENDED,
	    s->cause == SESSION_CAUSE_CUSTOMER ? s->customer :
	    s->cause == SESSION_CAUSE_LISTENER ? s->listener :
	    0, (int)s->cause, s->ended_at, now) : rc;
}

/* Ends a session, unless the rules end it earlier. */
static enum rc
end_session(struct db *db, int64_t id, int64_t user,
    const struct session_close *close, int64_t now, struct session *s,
    bool *first, struct err *err)
{
	struct session_party p[SESSION_PARTIES];
	struct session_close outage = { .cause = SESSION_CAUSE_OUTAGE };
	enum rc rc;

	*first = false;
	rc = session_core(db, id, user, s, err);
	if (rc != RC_OK || s->state == SESSION_ENDED)
		return rc;
	rc = session_review(db, s, p, now, err);
	/* Nobody proved the presence of both parties after the outage. */
	outage.at = s->gap_from;
	if (rc == RC_OK && s->state == SESSION_LIVE)
		rc = session_close(db, s, p, s->gap_open ? &outage : close,
		    now, err);
	*first = rc == RC_OK;
	return rc;
}

enum rc
session_end(struct db *db, int64_t id, int64_t user, enum session_cause cause,
    int64_t at, int64_t now, struct session *s, bool *first, struct err *err)
{
	return end_session(db, id, user, &(struct session_close){
	    .cause = cause, .at = at }, now, s, first, err);
}

enum rc
session_media_failed(struct db *db, const struct conf *conf, int64_t id,
    int64_t user, int64_t now, struct session *s, bool *first,
    struct err *err)
{
	struct session_close close = { .at = now };
	enum rc rc = session_core(db, id, user, s, err);

	close.cause = user == s->customer ? SESSION_CAUSE_CUSTOMER :
	    SESSION_CAUSE_LISTENER;
	if (rc == RC_OK && conf->rtc_provider == 0 && s->state == SESSION_LIVE &&
	    now - s->started_at <= SESSION_JOIN_WITHIN)
		rc = session_waivable(db, s->customer, now, &close.waived);
	close.free_of_charge = close.waived;
	if (close.waived)
		close.cause = SESSION_CAUSE_FAILED;
	return rc == RC_OK ? end_session(db, id, user, &close, now, s, first,
	    err) : rc;
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
	struct wallet w;
	int64_t id, lasts;
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
	if (!s.gap_open && now > s.lasts_until)
		return session_end(db, id, 0, SESSION_CAUSE_MONEY,
		    s.lasts_until, now, &s, &first, err);
	rc = session_funds(db, s.customer, s.tariff.rate, &w);
	lasts = session_lasts(&s, &w);
	if (rc != RC_OK || !set_lasts_until(&s, lasts))
		return rc;
	rc = store_lease(db, &s);
	lasts = longest(&s, lasts);
	if (rc == RC_OK)
		rc = notify_extended(db, &s, s.customer, lasts, now);
	return rc == RC_OK ?
	    notify_extended(db, &s, s.listener, lasts, now) : rc;
}

void
session_register(const struct conf *conf)
{
	if (conf != NULL)
		session_configure(conf);
	wallet_watch(session_extended);
	returning_user_watch(user_block_carry_over);
}
