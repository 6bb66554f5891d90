#include "domain/calls/call.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/proof_map.h"
#include "base/random.h"
#include "base/ratelimit.h"
#include "base/refusal.h"
#include "base/str.h"
#include "domain/calls/call_credential.h"
#include "domain/calls/call_event.h"
#include "domain/calls/call_limit.h"
#include "domain/calls/media_ban.h"
#include "domain/common/actor.h"
#include "domain/common/event.h"
#include "domain/common/rollup.h"
#include "domain/common/throttle.h"
#include "domain/listeners/listener.h"
#include "domain/listeners/presence.h"
#include "domain/listeners/user_block.h"
#include "domain/messaging/notification.h"
#include "json/json_build.h"

#define BATCH		100		/* calls in one transaction */
#define MISSED_MAX	3		/* in a row; then not reachable */
#define MISSED_TTL	HOUR		/* of the notification */
#define MISSED_INTERVAL	(10 * MINUTE)	/* of notifications, per caller */

/* The callee, and whether both are busy. */
struct call_parties {
	const char *callee_name, *caller_name, *language;
	const char *callee_image, *caller_image;
	bool callable, is_online;
	int64_t mean_ms;
	int64_t callee_busy, caller_busy;	/* since; INT64_MIN: free */
};

static enum rc
load_call_parties(struct db *db, struct arena *arena, int64_t caller,
    int64_t callee, int64_t now, struct call_parties *e)
{
	struct stmt *q = stmt_get(db, Q_CALL_CALLEE);

	*e = (struct call_parties){ 0 };
	stmt_int(q, ":caller", caller);
	stmt_int(q, ":callee", callee);
	stmt_int(q, ":now", now);
	if (stmt_row(q)) {
		e->callee_name = stmt_col_text(q, 0, arena);
		e->callable = actor_active((int)stmt_col_int(q, 1),
		    stmt_col_opt(q, 2), now) &&
		    stmt_col_int(q, 3) == LISTENER_VERIFIED;
		e->mean_ms = stmt_col_opt(q, 4);
		e->is_online = stmt_col_int(q, 5) != 0;
		e->callee_busy = stmt_col_opt(q, 6);
		e->caller_busy = stmt_col_opt(q, 7);
		e->caller_name = stmt_col_text(q, 8, arena);
		e->language = stmt_col_text(q, 9, arena);
		e->caller_image = stmt_col_text(q, 10, arena);
		e->callee_image = stmt_col_text(q, 11, arena);
	}
	return stmt_done(q);
}

/* Notifies the callee of a missed call. */
static enum rc
notify_missed(struct db *db, struct arena *arena, int64_t caller,
    const char *name, int64_t callee, int64_t now)
{
	const struct notice n = { .kind = NOTICE_CALLS,
		.template = "call_missed", .vars = TEXT_VARS({ "name",
		    name != NULL ? name : "-" }),
		.data = json_build_object(arena, JSON_OBJECT(
		    JSON_STR("type", "call.missed"),
		    JSON_INT("caller_id", caller))),
		.channels = CHANNEL_IN_APP | CHANNEL_PUSH, .ttl = MISSED_TTL };
	bool known, blocked;
	enum rc rc = user_block_between(db, caller, callee, &blocked);

	return rc != RC_OK || blocked ? rc :
	    notification_send(db, arena, callee, &n, now, &known);
}

/*
 * Counts a notification of a missed call to an offline listener: one per
 * MISSED_INTERVAL and pair, and calls.rings_total in an hour for a caller. So
 * calls that never ring cannot be used to harass one or all listeners.
 */
static enum rc
take_missed(struct db *db, struct arena *arena, const struct conf *conf,
    int64_t caller, int64_t callee, int64_t now)
{
	const char *name = arena_fmt(arena, "%" PRId64, caller);
	struct hash all = throttle_key(conf, "missed_all", name);
	struct hash pair = throttle_key(conf, "missed", arena_fmt(arena,
	    "%s:%" PRId64, name, callee));
	int64_t wait;
	enum rc rc = throttle_take(db, "missed", &pair, 1, MISSED_INTERVAL,
	    now, &wait);

	return rc != RC_OK || conf->rings_total == 0 ? rc : throttle_take(db,
	    "missed_all", &all, conf->rings_total, HOUR, now, &wait);
}

/*
 * Rejects a call to an offline listener. The callee is notified if the caller
 * could have paid for the call.
 */
static enum rc
refuse_offline(struct db *db, struct arena *arena, const struct conf *conf,
    const struct session_request *r, const struct call_parties *e, int64_t now,
    struct err *err)
{
	struct session_offer offer;
	struct err reason;
	enum rc rc;

	err_init(&reason, arena);
	rc = session_affords(db, conf, r, now, &offer, &reason);
	if (rc == RC_OK)
		rc = take_missed(db, arena, conf, r->customer, r->listener,
		    now);
	if (rc == RC_OK)
		rc = notify_missed(db, arena, r->customer, e->caller_name,
		    r->listener, now);
	return rc == RC_FULL || rc == RC_BUSY || rc == RC_FAULT ? rc :
	    err_set(err, RC_CONFLICT, "callee_offline",
	    "This listener is not online");
}

static enum rc
check_call(struct db *db, struct arena *arena, const struct conf *conf,
    int64_t caller, int64_t callee, const struct session_terms *terms,
    int64_t now, struct call_parties *e, struct session_offer *offer,
    struct err *err)
{
	/* Call 0: this function checks whether both are free. */
	const struct session_request r = { .customer = caller,
		.listener = callee, .call = 0, .terms = *terms };
	bool blocked;
	enum rc rc;

	if (caller == callee)
		return err_set(err, RC_BAD, "cannot_call_self",
		    "Cannot call yourself");
	rc = load_call_parties(db, arena, caller, callee, now, e);
	if (rc != RC_OK)
		return rc;
	if (!e->callable)
		return err_set(err, RC_NOT_FOUND, NULL, "Listener not found");
	rc = user_block_between(db, caller, callee, &blocked);
	if (rc != RC_OK)
		return rc;
	if (blocked)
		return err_set(err, RC_CONFLICT, "callee_offline",
		    "This listener is not online");
	/* The call counts as demand even if it is rejected below. */
	rc = rollup_add(db, METRIC_DEMAND, e->language, 1, now);
	if (rc != RC_OK)
		return rc;
	if (!e->is_online)
		return refuse_offline(db, arena, conf, &r, e, now, err);
	if (e->caller_busy != INT64_MIN)
		return err_set(err, RC_CONFLICT, "caller_busy",
		    "You are in another call");
	if (e->callee_busy != INT64_MIN) {
		err->wait_time = (int)listener_wait(e->callee_busy, e->mean_ms,
		    now);
		return err_set(err, RC_CONFLICT, "callee_busy",
		    "This listener is in another call");
	}
	rc = session_affords(db, conf, &r, now, offer, err);
	return rc != RC_OK ? rc : call_limit_check(db, conf, caller, callee,
	    now, err);
}

/*
 * Inserts the call. A trigger inserts both parties into call_live, which
 * allows one live call per user.
 */
static enum rc
add_call(struct db *db, struct call *c, bool named, struct err *err)
{
	struct stmt *q;
	enum rc rc = !named ? RC_OK : call_limit_channel(db, c->channel,
	    c->caller, c->callee, c->created_at, err);

	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_CALL_ADD);
	stmt_int(q, ":caller", c->caller);
	stmt_int(q, ":callee", c->callee);
	stmt_opt(q, ":device", c->caller_device != 0 ? c->caller_device :
	    INT64_MIN);
	stmt_text(q, ":channel", c->channel);
	stmt_int(q, ":now", c->created_at);
	stmt_int(q, ":until", c->ring_until);
	stmt_int(q, ":kind", c->offer.kind);
	stmt_int(q, ":rate", c->offer.tariff.rate);
	stmt_int(q, ":commission", c->offer.tariff.commission);
	stmt_int(q, ":per_second", c->offer.tariff.per_second);
	stmt_int(q, ":free_ms", c->offer.tariff.free_ms);
	rc = stmt_run(q);
	if (rc == RC_OK)
		c->id = db_last_id(db);
	if (rc == RC_CONFLICT)
		return err_set(err, rc, "callee_busy",
		    "This listener is in another call");
	return rc;
}

enum rc
call_start(struct db *db, struct arena *arena, const struct conf *conf,
    int64_t caller, int64_t device, int64_t callee, const char *channel,
    const struct session_terms *terms, int64_t now, struct call *c,
    struct err *err)
{
	unsigned char bytes[12];
	char text[HASH_B64_LEN(sizeof(bytes))];
	struct call_parties e = { 0 };
	struct session_offer offer;
	enum rc rc;

	rc = check_call(db, arena, conf, caller, callee, terms, now, &e,
	    &offer, err);
	if (rc != RC_OK)
		return rc;
	random_bytes(bytes, sizeof(bytes));
	hash_b64(bytes, sizeof(bytes), text);
	*c = (struct call){ .caller = caller, .callee = callee,
	    .caller_device = device, .kind = offer.kind,
	    .caller_name = e.caller_name, .callee_name = e.callee_name,
	    .caller_image = e.caller_image, .callee_image = e.callee_image,
	    .channel = channel != NULL ? channel :
	    arena_fmt(arena, "call-%s", text), .created_at = now,
	    .ring_until = now + conf->ring_seconds * SECOND,
	    .accepted_at = INT64_MIN, .ended_at = INT64_MIN,
	    .ended_by = INT64_MIN, .session = INT64_MIN, .cost = INT64_MIN,
	    .money_until = now + offer.max_ms,
	    .offer = offer };
	rc = add_call(db, c, channel != NULL, err);
	if (rc == RC_OK)
		rc = presence_busy(db, caller, callee, now, now);
	/* Bans of an earlier call would reject the two users. */
	if (rc == RC_OK)
		rc = media_ban_end(db, caller, callee, now);
	return rc == RC_OK ? call_event_incoming(db, arena, conf, c, now) :
	    rc;
}

/* ---- actions */

#define CALLER	01u
#define CALLEE	02u

/* All legal transitions, and the sides that may cause them. */
static const struct {
	enum call_action step;
	enum call_state from, to;
	unsigned sides;
} transitions[] = {
	{ CALL_ACTION_ACCEPT, CALL_RINGING, CALL_ACCEPTED, CALLEE },
	{ CALL_ACTION_REJECT, CALL_RINGING, CALL_REJECTED, CALLEE },
	{ CALL_ACTION_CANCEL, CALL_RINGING, CALL_CANCELLED, CALLER },
	{ CALL_ACTION_TIMEOUT, CALL_RINGING, CALL_MISSED, CALLER | CALLEE },
	{ CALL_ACTION_END, CALL_ACCEPTED, CALL_ENDED, CALLER | CALLEE },
};

static enum rc
set_state_error(const struct call *c, struct err *err)
{
	err->state = call_state_names[c->state];
	return err_set(err, RC_CONFLICT, "call_state", "The call is %s",
	    err->state);
}

/* Marks a call as missed, as its deadline has passed. */
static enum rc
mark_missed(struct db *db, struct arena *arena, struct call *c, int64_t now)
{
	struct stmt *q;
	int64_t row;
	enum rc rc;

	rc = call_finish(db, c->id, CALL_MISSED, 0, 0, c->ring_until, now);
	if (rc == RC_OK)
		rc = notify_missed(db, arena, c->caller, c->caller_name,
		    c->callee, now);
	if (rc != RC_OK)
		return rc;
	c->state = CALL_MISSED;
	c->ended_at = c->ring_until;
	q = stmt_get(db, Q_CALL_MISSED_IN_ROW);
	stmt_int(q, ":user", c->callee);
	row = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	rc = stmt_done(q);
	if (rc != RC_OK || row < MISSED_MAX)
		return rc;
	/* The phone is probably off: push messages do not make it reachable. */
	q = stmt_get(db, Q_CALL_UNREACHABLE);
	stmt_int(q, ":user", c->callee);
	return stmt_run(q);
}

/* Starts the session of a call. If that fails, the call is cancelled. */
static enum rc
accept_call(struct db *db, struct arena *arena, const struct conf *conf,
    struct call *c, int64_t device, int64_t now, struct err *err)
{
	struct session s;
	struct stmt *q;
	int64_t until;
	enum rc rc, over;

	/* The caller commits a rejection, but no part of a session. */
	rc = db_save(db);
	if (rc != RC_OK)
		return rc;
	rc = call_start_session(db, arena, conf, c, device, now, &s, err);
	over = rc == RC_OK ? db_save_keep(db) : db_save_undo(db);
	if (over == RC_OK && (rc == RC_PAYMENT || rc == RC_NOT_FOUND ||
	    rc == RC_CONFLICT))
		/* The call cannot take place, so it stops ringing. */
		over = call_finish(db, c->id, CALL_CANCELLED, 0,
		    rc == RC_PAYMENT ? SESSION_CAUSE_MONEY : 0, now, now);
	if (over != RC_OK)
		return over;
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_CALL_ACCEPT);
	stmt_int(q, ":id", c->id);
	stmt_int(q, ":session", s.id);
	stmt_opt(q, ":device", device != 0 ? device : INT64_MIN);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	c->state = CALL_ACCEPTED;
	c->callee_device = device;
	c->accepted_at = now;
	c->session = s.id;
	if (rc == RC_OK)
		rc = call_credential_issue(db, conf, c, now, &until);
	if (rc == RC_OK) {
		proof_map_credential(c->caller_device, until);
		proof_map_credential(device, until);
	}
	return rc == RC_OK ? call_event_accepted(db, c, now) : rc;
}

/* Ends an accepted call by ending its session. */
static enum rc
end_accepted(struct db *db, struct arena *arena, struct call *c, int64_t user,
    enum session_cause cause, int64_t at, int64_t now, struct err *err)
{
	struct session s;
	bool first;
	enum rc rc;

	rc = session_end(db, c->session, user, cause, at, now, &s,
	    &first, err);
	if (rc == RC_OK)
		rc = call_get(db, arena, c->id, 0, c, err);
	return rc;
}

/* Returns whether this user did the same action before. */
static bool
done_before(const struct call *c, enum call_state to, enum call_action step,
    int64_t user)
{
	if (c->state != to)
		return false;
	/* Either party may end a call; a timeout has no author. */
	if (step == CALL_ACTION_END)
		return c->ended_by != INT64_MIN;
	return step == CALL_ACTION_TIMEOUT || step == CALL_ACTION_ACCEPT ?
	    true : c->ended_by == user;
}

enum rc
call_action(struct db *db, struct arena *arena, const struct conf *conf,
    int64_t id, int64_t user, int64_t device, enum call_action step,
    int64_t now, struct call *c, bool *again, struct err *err)
{
	unsigned side;
	size_t i;
	enum rc rc;

	*again = false;
	rc = call_get(db, arena, id, user, c, err);
	if (rc != RC_OK)
		return rc;
	side = user == c->caller ? CALLER : CALLEE;
	for (i = 0; transitions[i].step != step; i++)
		;
	if (c->state == CALL_RINGING && now >= c->ring_until) {
		rc = mark_missed(db, arena, c, now);
		if (rc != RC_OK || step == CALL_ACTION_TIMEOUT)
			return rc;
	}
	if ((transitions[i].sides & side) != 0 &&
	    done_before(c, transitions[i].to, step, user)) {
		if (step == CALL_ACTION_ACCEPT && c->callee_device != 0 &&
		    c->callee_device != device)
			return err_set(err, RC_CONFLICT, "answered_elsewhere",
			    "Another device answered this call");
		*again = true;
		return RC_OK;
	}
	/* A timeout before the deadline is rejected. */
	if (c->state != transitions[i].from ||
	    (transitions[i].sides & side) == 0 || step == CALL_ACTION_TIMEOUT)
		return set_state_error(c, err);
	if (step == CALL_ACTION_ACCEPT)
		return accept_call(db, arena, conf, c, device, now, err);
	if (step == CALL_ACTION_END)
		return end_accepted(db, arena, c, user, side == CALLER ?
		    SESSION_CAUSE_CUSTOMER : SESSION_CAUSE_LISTENER, now, now,
		    err);
	rc = call_finish(db, id, transitions[i].to, user, 0, now, now);
	if (rc == RC_OK && step == CALL_ACTION_CANCEL)
		rc = notify_missed(db, arena, c->caller, c->caller_name,
		    c->callee, now);
	c->state = transitions[i].to;
	c->ended_at = now;
	c->ended_by = user;
	return rc;
}

enum rc
call_end_of(struct db *db, int64_t user, enum session_cause cause,
    int64_t now, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_CALL_LIVE_OF);
	int64_t id;
	enum rc rc;

	stmt_int(q, ":user", user);
	id = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	rc = stmt_done(q);
	/* The end of the session ends an accepted call. */
	if (rc == RC_OK)
		rc = session_end_of(db, user, cause, now, err);
	return rc == RC_OK && id != 0 ? call_finish(db, id, CALL_CANCELLED,
	    0, (int)cause, now, now) : rc;
}

/* ---- job: calls whose deadline has passed */

enum rc
call_ring_pending(struct job_run *run)
{
	return job_due_pending(run, Q_CALL_RING_DUE, run->now);
}

static enum rc
end_ring(struct job_run *run, int64_t id, struct err *err)
{
	struct call c;
	enum rc rc = call_get(run->db, run->arena, id, 0, &c, err);

	if (rc == RC_OK)
		rc = mark_missed(run->db, run->arena, &c, run->now);
	run->done += rc == RC_OK;
	return rc;
}

enum rc
call_ring_run(struct job_run *run)
{
	return job_each(run, Q_CALL_RING_DUE, run->now, BATCH, end_ring);
}

/* ---- signaling */

#define SIGNALS_MAX	200		/* of a call per minute */

enum rc
call_signal(struct db *db, struct arena *arena, int64_t id, int64_t user,
    const char *type, const char *data, int64_t now, struct err *err)
{
	struct stmt *q;
	struct call c;
	int64_t n;
	enum rc rc;

	rc = call_get(db, arena, id, user, &c, err);
	if (rc == RC_OK && c.state > CALL_ACCEPTED)
		rc = set_state_error(&c, err);
	if (rc == RC_OK) {
		q = stmt_get(db, Q_CALL_SIGNAL);
		stmt_int(q, ":id", id);
		stmt_int(q, ":minute", now / MINUTE);
		n = stmt_row(q) ? stmt_col_int(q, 0) : 0;
		rc = stmt_done(q);
		if (rc == RC_OK && n > SIGNALS_MAX) {
			refusal_count(REFUSED_SIGNAL);
			rc = err_set(err, RC_LIMITED, NULL, NULL);
			err->retry_after = (int)(60 - now / SECOND % 60);
		}
	}
	if (rc == RC_OK)
		rc = event_add_object(db, user == c.caller ? c.callee :
		    c.caller, EVENT_CALL_SIGNAL, now,
		    JSON_OBJECT(JSON_INT("call_id", id),
		    JSON_INT("from", user), JSON_STR("type", type),
		    JSON_RAW("data", data)));
	return rc;
}
