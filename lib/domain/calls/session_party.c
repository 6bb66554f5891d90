/* session_party: what proves that the parties of a session are present. */
#include "base/int64.h"
#include "base/proof_map.h"
#include "domain/calls/session_internal.h"

/* Agora's codes of a leave that the user or the server wanted. */
#define LEAVE_USER	1
#define LEAVE_SERVER	3
#define LEAVE_REPLACED	12

void
session_party_row(struct stmt *q, int col, struct session_party *p)
{
	*p = (struct session_party){ .device = stmt_col_int(q, col),
	    .proof_at = stmt_col_int(q, col + 1),
	    .tracked = stmt_col_int(q, col + 2) != 0,
	    .credential_until = stmt_col_opt(q, col + 3),
	    .connected_at = stmt_col_opt(q, col + 4),
	    .joined_at = stmt_col_opt(q, col + 5),
	    .left_at = stmt_col_opt(q, col + 6),
	    .left_intent = stmt_col_int(q, col + 7) != 0,
	    .media_seq = stmt_col_opt(q, col + 8),
	    .requested_at = INT64_MIN };
}

enum rc
session_party_add(struct db *db, int64_t session, int side, int64_t user,
    int64_t device, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_SESSION_PARTY_ADD);

	stmt_int(q, ":session", session);
	stmt_int(q, ":side", side + 1);
	stmt_opt(q, ":device", device != 0 ? device : INT64_MIN);
	stmt_int(q, ":now", now);
	proof_map_add(device != 0 ? device : -user, now);
	return stmt_run(q);
}

void
session_party_forget(const struct session *s,
    const struct session_party p[SESSION_PARTIES])
{
	proof_map_remove(p[SESSION_PARTY_CUSTOMER].device);
	proof_map_remove(p[SESSION_PARTY_LISTENER].device);
	proof_map_remove(-s->listener);
}

bool
session_party_merge(struct session_party *p, int64_t user, int64_t now)
{
	int64_t seen, key = p->device != 0 ? p->device : -user;
	struct session_party old = *p;
	struct proof proof;

	if (!proof_map_get(key, &proof) || proof.seen > now + SECOND) {
		/* The map is new, or the clock was set back. */
		proof_map_add(key, int64_min(p->proof_at, now));
		return false;
	}
	if (p->device == 0 && proof.device != 0) {
		p->device = proof.device;
		p->requested_at = int64_min(proof.requested_at, now);
		proof.seen = p->requested_at;
		proof_map_remove(key);
		proof_map_add(p->device, proof.seen);
	} else if (p->device == 0) {
		return false;
	}
	seen = int64_min(proof.seen, now);
	p->proof_at = int64_max(p->proof_at, seen);
	p->tracked = p->tracked || proof.tracked;
	if (proof.credential_until != 0)
		p->credential_until = proof.credential_until;
	return p->device != old.device || p->proof_at != old.proof_at ||
	    p->tracked != old.tracked ||
	    p->credential_until != old.credential_until;
}

enum rc
session_party_store(struct db *db, int64_t session, int side,
    const struct session_party *p)
{
	struct stmt *q = stmt_get(db, Q_SESSION_PARTY_SET);

	stmt_int(q, ":session", session);
	stmt_int(q, ":side", side + 1);
	stmt_opt(q, ":device", p->device != 0 ? p->device : INT64_MIN);
	stmt_int(q, ":proof", p->proof_at);
	stmt_int(q, ":tracked", p->tracked);
	stmt_opt(q, ":credential", p->credential_until);
	stmt_opt(q, ":connected", p->connected_at);
	stmt_opt(q, ":joined", p->joined_at);
	stmt_opt(q, ":left", p->left_at);
	stmt_int(q, ":intent", p->left_intent);
	stmt_opt(q, ":seq", p->media_seq);
	return stmt_run(q);
}

enum rc
session_party_load(struct db *db, const struct session *s, int64_t now,
    struct session_party p[SESSION_PARTIES])
{
	struct stmt *q = stmt_get(db, Q_SESSION_PARTY_LIST);
	int side;
	enum rc rc;

	for (side = 0; side < SESSION_PARTIES; side++)
		p[side] = (struct session_party){ .proof_at = s->started_at,
		    .credential_until = INT64_MIN, .connected_at = INT64_MIN,
		    .joined_at = INT64_MIN, .left_at = INT64_MIN,
		    .media_seq = INT64_MIN, .requested_at = INT64_MIN };
	stmt_int(q, ":session", s->id);
	while (stmt_row(q))
		session_party_row(q, 1, &p[stmt_col_int(q, 0) - 1]);
	rc = stmt_done(q);
	if (s->state == SESSION_ENDED)
		return rc;
	for (side = 0; rc == RC_OK && side < SESSION_PARTIES; side++)
		if (session_party_merge(&p[side], side == 0 ? s->customer :
		    s->listener, now))
			rc = session_party_store(db, s->id, side, &p[side]);
	return rc;
}

/* Checks that a login session takes part in a live session. */
static enum rc
check_device(const struct session_party *p, int64_t device, struct err *err)
{
	return p->device == 0 || device == 0 || p->device == device ? RC_OK :
	    err_set(err, RC_CONFLICT, "answered_elsewhere",
	    "Another device takes part in this session");
}

static enum rc
check_live(const struct session *s, struct err *err)
{
	return s->state == SESSION_LIVE ? RC_OK : err_set(err, RC_CONFLICT,
	    "session_ended", "The session has ended");
}

/* Reads a party without the map and without writing. */
static enum rc
peek_device(struct db *db, int64_t session, int side, int64_t *device)
{
	struct stmt *q = stmt_get(db, Q_SESSION_PARTY_DEVICE);

	stmt_int(q, ":session", session);
	stmt_int(q, ":side", side + 1);
	*device = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

enum rc
session_touch(struct db *db, int64_t id, int64_t user, int64_t device,
    enum session_proof what, int64_t until, int64_t now, struct session *s,
    struct err *err)
{
	struct session_party p = { .device = 0 };
	enum rc rc = session_core(db, id, user, s, err);

	if (rc == RC_OK)
		rc = check_live(s, err);
	if (rc == RC_OK)
		rc = peek_device(db, id, user == s->listener, &p.device);
	if (rc == RC_OK)
		rc = check_device(&p, device, err);
	if (rc != RC_OK)
		return rc;
	if (user == s->listener)
		proof_map_request(user, device, now);
	proof_map_seen(device, what == SESSION_PROOF_HEARTBEAT, now);
	if (what == SESSION_PROOF_CREDENTIAL)
		proof_map_credential(device, until);
	return RC_OK;
}

enum rc
session_connected(struct db *db, int64_t id, int64_t user, int64_t device,
    int64_t now, struct session *s, struct err *err)
{
	struct session_party p[SESSION_PARTIES];
	int side;
	enum rc rc = session_touch(db, id, user, device, SESSION_PROOF_REQUEST,
	    0, now, s, err);

	if (rc == RC_OK)
		rc = session_review(db, s, p, now, err);
	if (rc == RC_OK)
		rc = check_live(s, err);
	side = rc == RC_OK && user == s->listener;
	if (rc != RC_OK || p[side].connected_at != INT64_MIN)
		return rc;
	p[side].connected_at = now;
	rc = session_party_store(db, id, side, &p[side]);
	return rc == RC_OK ? session_move_start(db, s,
	    session_rules_start(s, p)) : rc;
}

static void
apply_media(struct session_party *p, const struct session_media *m)
{
	if (m->joined) {
		if (p->joined_at == INT64_MIN)
			p->joined_at = m->at;
		p->left_at = INT64_MIN;
		p->left_intent = false;
	} else if (p->joined_at != INT64_MIN) {
		p->left_at = m->at;
		p->left_intent = m->reason == LEAVE_USER ||
		    m->reason == LEAVE_SERVER || m->reason == LEAVE_REPLACED;
	}
	p->media_seq = m->seq;
	p->proof_at = int64_max(p->proof_at, m->at);
}

enum rc
session_media_event(struct db *db, int64_t id, int64_t user,
    const struct session_media *m, int64_t now, struct err *err)
{
	struct session_party p[SESSION_PARTIES];
	struct session s;
	int side;
	enum rc rc = session_core(db, id, user, &s, err);

	if (rc != RC_OK || s.state == SESSION_ENDED)
		return rc;
	rc = session_review(db, &s, p, now, err);
	if (rc != RC_OK || s.state == SESSION_ENDED)
		return rc;
	for (side = 0; side < SESSION_PARTIES; side++) {
		if (user != 0 && user != (side == 0 ? s.customer : s.listener))
			continue;
		/* The end of a channel (user 0) has no number. */
		if (user != 0 && m->seq <= p[side].media_seq)
			return RC_OK;
		apply_media(&p[side], m);
		rc = session_party_store(db, id, side, &p[side]);
		if (rc != RC_OK)
			return rc;
	}
	return session_move_start(db, &s, session_rules_start(&s, p));
}
