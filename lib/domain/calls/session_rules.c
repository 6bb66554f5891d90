#include "domain/calls/session_rules.h"

#include "base/clock.h"
#include "base/int64.h"

#define CUSTOMER	SESSION_PARTY_CUSTOMER
#define LISTENER	SESSION_PARTY_LISTENER

static bool
in_channel(const struct session_party *p)
{
	return p->joined_at != INT64_MIN && p->left_at == INT64_MIN;
}

int64_t
session_rules_proof(const struct session_party *p, int64_t now)
{
	int64_t proof = int64_max(p->proof_at, p->left_at);

	if (in_channel(p))
		return now;
	if (!p->tracked)
		proof = int64_max(proof, p->credential_until);
	return int64_min(proof, now);
}

/* A party whose login session is not known cannot prove anything. */
static bool
is_lost(const struct session_party *p, int64_t lost_after, int64_t now)
{
	return p->device != 0 &&
	    now - session_rules_proof(p, now) > lost_after;
}

/*
 * Returns until when both parties must join: 30 s after the accept, or after
 * the listener's first request.
 */
static int64_t
join_until(const struct session *s)
{
	return SESSION_JOIN_WITHIN + (s->call != INT64_MIN ? s->started_at :
	    int64_min(s->billed_from, s->started_at + SESSION_CONFIRM_WITHIN));
}

static bool
joined_in_time(const struct session *s, const struct session_party *p)
{
	return p->joined_at != INT64_MIN && p->joined_at <= join_until(s);
}

/* Returns whether the media network reports that no conversation took place. */
static bool
media_failed(const struct session *s, const struct session_party *p,
    int64_t now)
{
	if (now < join_until(s) + SESSION_MEDIA_DELAY)
		return false;
	return joined_in_time(s, &p[CUSTOMER]) !=
	    joined_in_time(s, &p[LISTENER]);
}

static struct session_decision
over(enum session_cause cause, int64_t at)
{
	return (struct session_decision){ .verdict = SESSION_OVER, .at = at,
	    .cause = cause, .at_otherwise = at, .cause_otherwise = cause };
}

static struct session_decision
failed(int64_t at)
{
	struct session_decision d = over(SESSION_CAUSE_FAILED, at);

	d.free_of_charge = true;
	return d;
}

static struct session_decision
decide_waiting(const struct session *s, const struct session_party *p,
    int64_t now)
{
	int64_t until = s->started_at + SESSION_CONFIRM_WITHIN;
	int64_t at = p[LISTENER].requested_at;

	if (at != INT64_MIN && at <= until)
		return (struct session_decision){ .at = at,
		    .verdict = SESSION_CONFIRMED };
	return now >= until ? failed(until) : (struct session_decision){ 0 };
}

/* Returns whether a party came back after an outage. */
static bool
returned(const struct session *s, const struct session_party *p)
{
	return p->device == 0 || p->proof_at >= s->gap_until;
}

static struct session_decision
decide_gap(const struct session *s, const struct session_party *p,
    int64_t lost_after, int64_t now)
{
	if (returned(s, &p[CUSTOMER]) && returned(s, &p[LISTENER]))
		return (struct session_decision){ .verdict = SESSION_RESUMED };
	return now - s->gap_until > lost_after ?
	    over(SESSION_CAUSE_OUTAGE, s->gap_from) :
	    (struct session_decision){ 0 };
}

/* Decides about lost parties. The earlier end counts. */
static struct session_decision
decide_lost(const struct session_party *p, int64_t lost_after, int64_t now)
{
	struct session_decision d = { 0 };
	bool listener = is_lost(&p[LISTENER], lost_after, now);
	int64_t at;

	if (listener)
		d = over(SESSION_CAUSE_LOST_LISTENER,
		    session_rules_proof(&p[LISTENER], now));
	if (!is_lost(&p[CUSTOMER], lost_after, now))
		return d;
	at = session_rules_proof(&p[CUSTOMER], now);
	if (listener && d.at <= at)
		return d;
	d.verdict = SESSION_OVER;
	d.at = at;
	d.cause = SESSION_CAUSE_LOST_CUSTOMER;
	if (!listener) {
		d.at_otherwise = now;
		d.cause_otherwise = SESSION_CAUSE_LOST_CUSTOMER;
	}
	return d;
}

/* Returns whether a party left on purpose and did not come back. */
static bool
left(const struct session_party *p, int64_t now)
{
	return p->left_at != INT64_MIN && p->left_intent &&
	    now - p->left_at >= SESSION_REJOIN_WITHIN;
}

struct session_decision
session_rules_decide(const struct session *s,
    const struct session_party p[SESSION_PARTIES],
    int64_t lost_after, int64_t now)
{
	bool customer, listener;

	if (s->waiting)
		return decide_waiting(s, p, now);
	if (s->gap_open)
		return decide_gap(s, p, lost_after, now);
	if (media_failed(s, p, now))
		return failed(join_until(s));
	customer = left(&p[CUSTOMER], now);
	listener = left(&p[LISTENER], now);
	if (customer && (!listener ||
	    p[CUSTOMER].left_at <= p[LISTENER].left_at))
		return over(SESSION_CAUSE_CUSTOMER, p[CUSTOMER].left_at);
	if (listener)
		return over(SESSION_CAUSE_LISTENER, p[LISTENER].left_at);
	return decide_lost(p, lost_after, now);
}

int64_t
session_rules_start(const struct session *s,
    const struct session_party p[SESSION_PARTIES])
{
	int64_t start = s->billed_from, at;

	if (p[CUSTOMER].joined_at != INT64_MIN &&
	    p[LISTENER].joined_at != INT64_MIN) {
		at = int64_max(p[CUSTOMER].joined_at, p[LISTENER].joined_at);
		if (at <= join_until(s))
			start = int64_max(start, at);
	}
	if (p[CUSTOMER].connected_at == INT64_MIN ||
	    p[LISTENER].connected_at == INT64_MIN)
		return start;
	at = int64_max(p[CUSTOMER].connected_at, p[LISTENER].connected_at);
	return int64_max(start, int64_min(at, join_until(s)));
}

bool
session_rules_gap_used(const struct session *s,
    const struct session_party p[SESSION_PARTIES])
{
	for (int i = 0; i < SESSION_PARTIES; i++)
		if (p[i].joined_at == INT64_MIN || s->gap_from == INT64_MIN ||
		    p[i].joined_at > s->gap_from ||
		    p[i].left_at < s->gap_until)
			return false;
	return true;
}
