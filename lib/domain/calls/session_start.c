/* session_start: checks, prices and starts sessions. */
#include "base/clock.h"
#include "base/hash.h"
#include "base/int64.h"
#include "base/random.h"
#include "domain/calls/call_limit.h"
#include "domain/calls/media_ban.h"
#include "domain/calls/session_internal.h"
#include "domain/calls/session_notice.h"
#include "domain/common/actor.h"
#include "domain/common/event.h"
#include "domain/listeners/listener.h"
#include "domain/listeners/listener_availability.h"
#include "domain/listeners/presence.h"
#include "domain/listeners/user_block.h"

#define CHANNEL_BYTES	12		/* random bytes of a channel name */

struct parties {
	int status;
	int64_t banned_until;
	enum verification verification;
	int64_t mean_ms;
	int64_t listener_busy, customer_busy;	/* since; INT64_MIN: free */
	bool online;
};

static enum rc
load_parties(struct db *db, int64_t customer, int64_t listener, int64_t now,
    struct parties *p, bool *found)
{
	struct stmt *q = stmt_get(db, Q_SESSION_PARTIES);

	stmt_int(q, ":customer", customer);
	stmt_int(q, ":listener", listener);
	stmt_int(q, ":now", now);
	*found = stmt_row(q);
	if (*found) {
		p->status = (int)stmt_col_int(q, 0);
		p->banned_until = stmt_col_opt(q, 1);
		p->verification = (enum verification)stmt_col_int(q, 2);
		p->mean_ms = stmt_col_opt(q, 3);
		p->listener_busy = stmt_col_opt(q, 4);
		p->customer_busy = stmt_col_opt(q, 5);
		p->online = stmt_col_int(q, 6) != 0;
	}
	return stmt_done(q);
}

/* Checks that both users may start a session, apart from the balance. */
static enum rc
check_parties(struct db *db, const struct conf *conf,
    const struct session_request *r, int64_t now, struct err *err)
{
	struct parties p = { 0 };
	bool found, blocked;
	enum rc rc;

	if (r->customer == r->listener)
		return err_set(err, RC_BAD, "cannot_call_self",
		    "Cannot start a session with yourself");
	rc = load_parties(db, r->customer, r->listener, now, &p, &found);
	if (rc != RC_OK)
		return rc;
	if (!found || p.verification != LISTENER_VERIFIED ||
	    !actor_active(p.status, p.banned_until, now))
		return err_set(err, RC_NOT_FOUND, NULL, "Listener not found");
	/* The call checks the rest, and its parties are busy with it. */
	if (r->call != INT64_MIN)
		return RC_OK;
	if (conf->direct == CONF_DIRECT_OFF)
		return err_set(err, RC_FORBIDDEN, "call_required",
		    "Sessions start with a call");
	rc = user_block_between(db, r->customer, r->listener, &blocked);
	if (rc != RC_OK)
		return rc;
	if (!p.online || blocked)
		return err_set(err, RC_CONFLICT, "listener_offline",
		    "This listener is not online");
	if (p.customer_busy != INT64_MIN)
		return err_set(err, RC_CONFLICT, "customer_busy",
		    "You are in another session");
	if (p.listener_busy != INT64_MIN) {
		err->wait_time = (int)listener_wait(p.listener_busy,
		    p.mean_ms, now);
		return err_set(err, RC_CONFLICT, "listener_busy",
		    "This listener is in another session");
	}
	return RC_OK;
}

/* Returns what the customer spent, and the free sessions of the pair. */
static enum rc
load_day(struct db *db, const struct session_request *r, int64_t now,
    int64_t *spent, int64_t *free)
{
	struct stmt *q = stmt_get(db, Q_SESSION_DAY);

	stmt_int(q, ":customer", r->customer);
	stmt_int(q, ":listener", r->listener);
	stmt_int(q, ":since", now - DAY);
	if (stmt_row(q)) {
		*spent = stmt_col_int(q, 0);
		*free = stmt_col_int(q, 1);
	}
	return stmt_done(q);
}

/* Sets the price: that of the call, or what the listener asks at present. */
static enum rc
set_tariff(struct db *db, const struct conf *conf,
    const struct session_request *r, int64_t free, struct session_offer *o,
    struct err *err)
{
	int64_t rate;
	enum rc rc;

	if (r->agreed != NULL) {
		o->tariff = *r->agreed;
		return RC_OK;
	}
	rc = listener_rate(db, conf, r->listener, r->terms.kind, &rate, err);
	if (rc != RC_OK)
		return rc;
	if (r->terms.expected_rate != INT64_MIN &&
	    r->terms.expected_rate != rate) {
		err->rate = rate;
		return err_set(err, RC_CONFLICT, "rate_changed",
		    "The rate has changed");
	}
	o->tariff = (struct tariff){ .rate = rate,
	    .free_ms = free < conf->free_per_day ? conf->free_seconds * SECOND :
	    0, .per_second = conf->billing_unit == 1,
	    .commission = conf->commission };
	return RC_OK;
}

static enum rc
check_money(const struct session_offer *o, const struct wallet *w,
    struct err *err)
{
	int64_t least = o->tariff.free_ms + MINUTE;

	err->rate = o->tariff.rate;
	/* Debts are paid before anything else. */
	err->needed = o->tariff.rate + w->owed;
	err->available = w->available;
	if (w->owed > 0)
		return err_set(err, RC_PAYMENT, "balance_owed", "A payment was "
		    "reversed after it was spent. Top up the wallet");
	if (billing_lasts(&o->tariff, w->available, w->free_minutes) < least)
		return err_set(err, RC_PAYMENT, "insufficient_balance",
		    "The balance is not enough for one minute");
	err->rate = err->needed = err->available = -1;
	if (o->max_ms < least)
		return err_set(err, RC_CONFLICT, "daily_spend_reached",
		    "You have reached your limit of 24 hours");
	return RC_OK;
}

/* Sets the price and the limits of a session. Reads the wallet. */
static enum rc
set_offer(struct db *db, const struct conf *conf,
    const struct session_request *r, int64_t now, struct session_offer *o,
    struct wallet *w, struct err *err)
{
	int64_t spent = 0, free = 0;
	enum rc rc;

	*o = (struct session_offer){ .kind = r->terms.kind,
	    .spend_limit = INT64_MIN };
	rc = load_day(db, r, now, &spent, &free);
	if (rc == RC_OK)
		rc = set_tariff(db, conf, r, free, o, err);
	if (rc == RC_OK)
		rc = session_funds(db, r->customer, o->tariff.rate, w);
	if (rc != RC_OK)
		return rc;
	o->free_minutes = w->free_minutes;
	if (conf->daily_spend > 0)
		o->spend_limit = conf->daily_spend > spent ?
		    conf->daily_spend - spent : 0;
	o->max_ms = billing_lasts(&o->tariff, session_spendable(o->spend_limit,
	    w->available), w->free_minutes);
	o->limit_ms = o->tariff.free_ms + conf->max_minutes * MINUTE;
	o->max_ms = int64_min(o->max_ms, o->limit_ms);
	return RC_OK;
}

/* Checks a new session, and sets its price and limits. Reads the wallet. */
static enum rc
make_offer(struct db *db, const struct conf *conf,
    const struct session_request *r, int64_t now, struct session_offer *o,
    struct wallet *w, struct err *err)
{
	enum rc rc = check_parties(db, conf, r, now, err);

	if (rc == RC_OK)
		rc = set_offer(db, conf, r, now, o, w, err);
	return rc == RC_OK ? check_money(o, w, err) : rc;
}

enum rc
session_preview(struct db *db, const struct conf *conf,
    const struct session_request *r, int64_t now, struct session_offer *o,
    struct err *err)
{
	struct parties p;
	struct wallet w;
	bool found;
	enum rc rc = load_parties(db, r->customer, r->listener, now, &p,
	    &found);

	if (rc == RC_OK && (!found || p.verification != LISTENER_VERIFIED ||
	    !actor_active(p.status, p.banned_until, now)))
		return err_set(err, RC_NOT_FOUND, NULL, "Listener not found");
	return rc == RC_OK ? set_offer(db, conf, r, now, o, &w, err) : rc;
}

enum rc
session_affords(struct db *db, const struct conf *conf,
    const struct session_request *r, int64_t now, struct session_offer *o,
    struct err *err)
{
	struct wallet w;

	return make_offer(db, conf, r, now, o, &w, err);
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
	stmt_opt(q, ":max_ms", s->max_ms);
	stmt_opt(q, ":spend_limit", s->spend_limit);
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

/* Sends the listener the event of a session that no call announced. */
static enum rc
announce_direct(struct db *db, const struct session *s, const char *name)
{
	return event_add_object(db, s->listener, EVENT_SESSION_STARTED,
	    s->started_at, JSON_OBJECT(JSON_INT("session_id", s->id),
	    JSON_INT("customer_id", s->customer),
	    JSON_STR("customer_username", name),
	    JSON_STR("kind", listener_kind_names[s->kind]),
	    JSON_STR("channel", s->channel),
	    JSON_INT("rate_per_minute", s->tariff.rate)));
}

/* Only the customer learns how long the money lasts. */
static enum rc
notify_started(struct db *db, struct arena *arena, const struct session *s,
    int64_t max_ms, bool push)
{
	const char *name;
	enum rc rc = session_notice_name(db, arena, s->customer, &name);

	if (rc != RC_OK)
		return rc;
	rc = event_add_object(db, s->customer, EVENT_SESSION_STARTED,
	    s->started_at, JSON_OBJECT(JSON_INT("session_id", s->id),
	    JSON_STR("kind", listener_kind_names[s->kind]),
	    JSON_INT("rate_per_minute", s->tariff.rate),
	    JSON_INT("max_seconds", session_seconds(max_ms))));
	if (rc == RC_OK && s->call == INT64_MIN)
		rc = announce_direct(db, s, name);
	else if (rc == RC_OK)
		rc = event_add_object(db, s->listener, EVENT_SESSION_STARTED,
		    s->started_at, JSON_OBJECT(JSON_INT("session_id", s->id),
		    JSON_STR("kind", listener_kind_names[s->kind]),
		    JSON_INT("rate_per_minute", s->tariff.rate)));
	return rc == RC_OK ?
	    session_notice_started(db, arena, s, name, push) : rc;
}

/* Reserves the first minute and inserts the row. */
static enum rc
add_session(struct db *db, struct session *s, const struct wallet *w,
    int64_t now, struct err *err)
{
	struct session_take take;
	enum rc rc;

	s->lasts_until = now + session_lasts(s, w);
	session_take_until(s, w, now + s->tariff.free_ms + MINUTE, &take);
	rc = insert_session(db, s);
	if (rc == RC_CONFLICT)
		return err_set(err, rc, "customer_busy",
		    "You are in another session");
	return rc == RC_OK ? session_reserve(db, s, &take, now, err) : rc;
}

enum rc
session_start(struct db *db, struct arena *arena, const struct conf *conf,
    const struct session_request *r, int64_t now, struct session *s,
    struct session_offer *o, struct err *err)
{
	bool direct = r->call == INT64_MIN, push = false;
	unsigned char bytes[CHANNEL_BYTES];
	char text[HASH_B64_LEN(sizeof(bytes))];
	struct wallet w;
	enum rc rc;

	rc = make_offer(db, conf, r, now, o, &w, err);
	if (rc == RC_OK && direct)
		rc = call_limit_push(db, conf, r->customer, r->listener, now,
		    &push);
	if (rc != RC_OK)
		return rc;
	random_bytes(bytes, sizeof(bytes));
	hash_b64(bytes, sizeof(bytes), text);
	*s = (struct session){ .customer = r->customer,
	    .listener = r->listener, .call = r->call, .kind = r->terms.kind,
	    .channel = direct ? arena_fmt(arena, "session-%s", text) : NULL,
	    .started_at = now, .billed_from = now, .gap_from = INT64_MIN,
	    .gap_until = INT64_MIN, .max_ms = o->limit_ms,
	    .spend_limit = o->spend_limit, .ended_at = INT64_MIN,
	    .reviewed_at = INT64_MIN, .tariff = o->tariff };
	s->waiting = direct && conf->direct == CONF_DIRECT_CONFIRMED;
	rc = add_session(db, s, &w, now, err);
	if (rc == RC_OK)
		rc = session_party_add(db, s->id, SESSION_PARTY_CUSTOMER,
		    r->customer, r->customer_device, now);
	if (rc == RC_OK)
		rc = session_party_add(db, s->id, SESSION_PARTY_LISTENER,
		    r->listener, r->listener_device, now);
	if (rc == RC_OK)
		rc = listener_availability_refresh(db, r->listener, now);
	if (rc == RC_OK && direct)
		rc = presence_busy(db, r->customer, r->listener, now, now);
	/* Bans of an earlier call would reject the two users. */
	if (rc == RC_OK && direct)
		rc = media_ban_end(db, r->customer, r->listener, now);
	return rc == RC_OK ?
	    notify_started(db, arena, s, o->max_ms, push) : rc;
}
