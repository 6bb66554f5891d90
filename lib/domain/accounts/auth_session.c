#include "domain/accounts/auth_session.h"

#include "base/clock.h"
#include "base/random.h"
#include "base/str.h"
#include "base/wakeup.h"
#include "domain/accounts/mfa.h"
#include "domain/accounts/security_log.h"
#include "domain/common/actor.h"
#include "domain/common/role.h"
#include "domain/messaging/account_notice.h"
#include "domain/messaging/push_device.h"
#include "domain/messaging/text.h"

#define USER_AGENT_MAX	200
/* The maximum of devices of a user, and of refresh tokens of a device. */
#define DEVICES_MAX	400
#define TOKENS_MAX	1000

/* A row of refresh_token with its device and the device's user. */
struct refresh {
	int64_t session, user;
	int64_t expires_at, spent_at;	/* spent_at INT64_MIN: not spent */
	bool revoked, successor_spent, replaced;
	int64_t renewals;
	int status;
	int64_t banned_until;
	int64_t ends;			/* of the session */
};

static void
pair_fill(struct token_pair *p, const struct conf *conf, int64_t user,
    int64_t session, int64_t issued, int64_t ends,
    const uint8_t token[REFRESH_TOKEN_BYTES])
{
	p->user = user;
	p->session = session;
	p->issued = issued;
	p->expires = issued + conf->access_ttl * SECOND;
	if (p->expires > ends)
		p->expires = ends;
	hash_b64(token, REFRESH_TOKEN_BYTES, p->refresh);
}

static enum rc
refresh_add(struct db *db, const struct hash *hash, int64_t session,
    int64_t expires)
{
	struct stmt *q = stmt_get(db, Q_REFRESH_TOKEN_ADD);
	enum rc rc;

	stmt_blob(q, ":hash", hash->b, sizeof(hash->b));
	stmt_int(q, ":session", session);
	stmt_int(q, ":expires", expires);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_REFRESH_TOKEN_TRIM);
	stmt_int(q, ":session", session);
	stmt_int(q, ":max", TOKENS_MAX);
	return stmt_run(q);
}

/*
 * Returns a User-Agent as up to USER_AGENT_MAX bytes of printable ASCII, in the
 * arena; NULL if it is empty.
 */
static const char *
agent_text(struct arena *a, const char *agent)
{
	char *text;
	size_t i;

	if (agent == NULL || agent[0] == '\0')
		return NULL;
	text = arena_strn(a, agent, strnlen(agent, USER_AGENT_MAX));
	for (i = 0; text[i] != '\0'; i++)
		if (text[i] < ' ' || text[i] > '~')
			text[i] = '?';
	return text;
}

/* Signs a device in. mfa_at: when it proved a second factor; INT64_MIN: not. */
static enum rc
issue(struct db *db, struct arena *a, const struct conf *conf, int64_t user,
    bool from_password, const char *user_agent, int64_t mfa_at, int64_t now,
    struct token_pair *p)
{
	struct stmt *q = stmt_get(db, Q_AUTH_SESSION_ADD);
	uint8_t token[REFRESH_TOKEN_BYTES];
	struct hash hash;
	int64_t session;
	enum rc rc;

	stmt_int(q, ":user", user);
	stmt_int(q, ":now", now);
	stmt_text(q, ":agent", agent_text(a, user_agent));
	stmt_opt(q, ":mfa", mfa_at);
	stmt_int(q, ":password", from_password);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	session = db_last_id(db);
	q = stmt_get(db, Q_AUTH_SESSION_TRIM);
	stmt_int(q, ":user", user);
	stmt_int(q, ":max", DEVICES_MAX);
	rc = stmt_run(q);
	if (rc == RC_OK)
		rc = security_log_add(db, user, SECURITY_SIGNED_IN, session,
		    agent_text(a, user_agent), now);
	if (rc == RC_OK)
		rc = text_language_keep(db, a, user);
	if (rc == RC_OK)
		rc = account_notice_sign_in(db, a, user, session, now);
	if (rc != RC_OK)
		return rc;
	random_bytes(token, sizeof(token));
	hash = hash_sha256(token, sizeof(token));
	pair_fill(p, conf, user, session, now, auth_session_end(conf, now),
	    token);
	return refresh_add(db, &hash, session,
	    now + conf->refresh_ttl * SECOND);
}

enum rc
auth_session_issue_verified(struct db *db, struct arena *a,
    const struct conf *conf, int64_t user, bool from_password,
    const char *user_agent, int64_t now, struct token_pair *p)
{
	return issue(db, a, conf, user, from_password, user_agent, now, now,
	    p);
}

enum rc
auth_session_issue(struct db *db, struct arena *a, const struct conf *conf,
    int64_t user, bool from_password, const char *user_agent, int64_t now,
    struct token_pair *p, struct err *err)
{
	struct mfa_state factors;
	enum rc rc = mfa_state_get(db, user, &factors);

	if (rc != RC_OK)
		return rc;
	if (factors.totp)
		return mfa_challenge(db, a, user, from_password, now, err);
	return issue(db, a, conf, user, from_password, user_agent, INT64_MIN,
	    now, p);
}

static enum rc
refresh_get(struct db *db, const struct conf *conf, const struct hash *hash,
    struct refresh *r)
{
	struct stmt *q = stmt_get(db, Q_REFRESH_TOKEN_GET);
	enum rc rc;

	memset(r, 0, sizeof(*r));
	stmt_blob(q, ":hash", hash->b, sizeof(hash->b));
	if (stmt_row(q)) {
		r->session = stmt_col_int(q, 0);
		r->user = stmt_col_int(q, 1);
		r->expires_at = stmt_col_int(q, 2);
		r->spent_at = stmt_col_opt(q, 3);
		r->successor_spent = stmt_col_int(q, 4) != 0;
		r->revoked = stmt_col_int(q, 5) != 0;
		r->status = (int)stmt_col_int(q, 6);
		r->banned_until = stmt_col_opt(q, 7);
		r->renewals = stmt_col_int(q, 8);
		r->replaced = stmt_col_int(q, 9) != 0;
		r->ends = auth_session_end(conf, stmt_col_int(q, 10));
	}
	rc = stmt_done(q);
	return rc == RC_OK && r->session == 0 ? RC_NOT_FOUND : rc;
}

/*
 * Derives the n-th successor of a token, which begins with 0. The key makes
 * successors useless to a thief of the database.
 */
static struct hash
successor(const struct conf *conf, const uint8_t token[REFRESH_TOKEN_BYTES],
    int64_t n)
{
	struct hash key = hash_derive(&conf->key_otp, "refresh token");
	uint8_t text[REFRESH_TOKEN_BYTES + sizeof(n)];
	size_t i;

	memcpy(text, token, REFRESH_TOKEN_BYTES);
	for (i = 0; i < sizeof(n); i++)
		text[REFRESH_TOKEN_BYTES + i] =
		    (uint8_t)((uint64_t)n >> (8 * i));
	return hash_hmac(key.b, sizeof(key.b), text,
	    n == 0 ? REFRESH_TOKEN_BYTES : sizeof(text));
}

/* Stores the successor of a token; if it is not the first, replaces the last. */
static enum rc
refresh_spend(struct db *db, const struct conf *conf, const struct hash *old,
    const struct hash *new, const struct refresh *r, int64_t now)
{
	int64_t expires = now + conf->refresh_ttl * SECOND;
	struct stmt *q;
	enum rc rc;

	if (r->spent_at != INT64_MIN) {
		q = stmt_get(db, Q_REFRESH_TOKEN_REPLACE);
		stmt_blob(q, ":hash", old->b, sizeof(old->b));
		rc = stmt_run(q);
		if (rc != RC_OK)
			return rc;
	}
	q = stmt_get(db, Q_REFRESH_TOKEN_SPEND);
	stmt_blob(q, ":hash", old->b, sizeof(old->b));
	stmt_blob(q, ":successor", new->b, sizeof(new->b));
	stmt_int(q, ":renewals", r->renewals);
	stmt_int(q, ":expires", expires);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	if (rc == RC_OK)
		rc = refresh_add(db, new, r->session, expires);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_AUTH_SESSION_USED);
	stmt_int(q, ":id", r->session);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

static enum rc
device_revoke(struct db *db, int64_t user, int64_t session, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_AUTH_SESSION_REVOKE);
	enum rc rc;

	stmt_int(q, ":user", user);
	stmt_int(q, ":id", session);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	if (rc == RC_OK && db_changes(db) == 0)
		return RC_NOT_FOUND;
	db_wake_add(db, WAKEUP_REALTIME);
	return rc;
}

/* Signs out a device whose token two parties have, and notifies the user. */
static enum rc
end_stolen(struct db *db, struct arena *a, const struct refresh *r, int64_t now)
{
	enum rc rc = device_revoke(db, r->user, r->session, now);

	if (rc == RC_OK)
		rc = security_log_add(db, r->user, SECURITY_REFRESH_REUSED,
		    r->session, NULL, now);
	return rc == RC_OK ? account_notice_reused(db, a, r->user, now) : rc;
}

static enum rc
reused(struct db *db, struct arena *a, const struct refresh *r, int64_t now,
    struct err *err)
{
	enum rc rc = r->revoked ? RC_OK : end_stolen(db, a, r, now);

	if (rc != RC_OK)
		return rc;
	return err_set(err, RC_AUTH, "refresh_reused",
	    "This refresh token was used before. Sign in again");
}

enum rc
auth_session_refresh(struct db *db, struct arena *a, const struct conf *conf,
    const char *refresh, int64_t now, struct token_pair *p, struct err *err)
{
	uint8_t token[REFRESH_TOKEN_BYTES];
	size_t n = sizeof(token);
	struct hash old, next, new;
	struct refresh r;
	bool repeat;
	enum rc rc;

	if (!hash_unb64(refresh, token, &n) || n != sizeof(token))
		return err_set(err, RC_AUTH, NULL, NULL);
	old = hash_sha256(token, sizeof(token));
	rc = refresh_get(db, conf, &old, &r);
	if (rc == RC_NOT_FOUND)
		return err_set(err, RC_AUTH, NULL, NULL);
	if (rc != RC_OK)
		return rc;
	if (r.replaced || (r.spent_at != INT64_MIN && (r.revoked ||
	    r.successor_spent)))
		return reused(db, a, &r, now, err);
	if (r.revoked || r.expires_at <= now || r.ends <= now ||
	    r.status == USER_DELETED)
		return err_set(err, RC_AUTH, NULL, NULL);
	if (!actor_active(r.status, r.banned_until, now))
		return actor_inactive(db, r.user, err);
	repeat = r.spent_at != INT64_MIN &&
	    now - r.spent_at <= conf->refresh_grace * SECOND;
	if (r.spent_at != INT64_MIN && !repeat)
		r.renewals++;
	next = successor(conf, token, r.renewals);
	pair_fill(p, conf, r.user, r.session, repeat ? r.spent_at : now,
	    r.ends, next.b);
	if (repeat)
		return RC_OK;
	new = hash_sha256(next.b, sizeof(next.b));
	return refresh_spend(db, conf, &old, &new, &r, now);
}

enum rc
auth_session_revoke(struct db *db, int64_t user, int64_t session, int64_t now)
{
	return device_revoke(db, user, session, now);
}

/*
 * Ends the sessions of a user except `but` (0: all) and the sign-ins that wait
 * for the second factor, and deletes its codes and the links it created.
 */
static enum rc
revoke_many(struct db *db, int64_t user, int64_t but, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_AUTH_SESSION_REVOKE_ALL);
	enum rc rc;

	stmt_int(q, ":user", user);
	stmt_int(q, ":but", but);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	db_wake_add(db, WAKEUP_REALTIME);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_MFA_DROP_CHALLENGES);
	stmt_int(q, ":user", user);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_AUTH_SESSION_DROP_CODES);
	stmt_int(q, ":id", user);
	rc = stmt_run(q);
	return rc == RC_OK ? role_drop_links(db, user) : rc;
}

enum rc
auth_session_revoke_all(struct db *db, int64_t user, int64_t now)
{
	enum rc rc = revoke_many(db, user, 0, now);

	/* A trigger deletes the push devices of sessions; delete the others. */
	return rc == RC_OK ? push_device_drop_all(db, user) : rc;
}

enum rc
auth_session_revoke_others(struct db *db, int64_t user, int64_t session,
    int64_t now)
{
	return revoke_many(db, user, session, now);
}

enum rc
auth_session_list(struct db *db, struct arena *a, const struct conf *conf,
    int64_t user, int64_t now, struct auth_session_page *page)
{
	int64_t since = now - conf->refresh_ttl * SECOND;
	struct stmt *q = stmt_get(db, Q_AUTH_SESSION_COUNT);
	struct auth_session *d;
	enum rc rc;

	stmt_int(q, ":user", user);
	stmt_int(q, ":since", since);
	page->total = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	rc = stmt_done(q);
	if (rc != RC_OK)
		return rc;
	page->v = arena_zalloc(a, (size_t)page->limit, sizeof(*page->v));
	page->n = 0;
	page->more = false;
	q = stmt_get(db, Q_AUTH_SESSION_LIST);
	stmt_int(q, ":user", user);
	stmt_int(q, ":since", since);
	stmt_int(q, ":before", page->before);
	stmt_int(q, ":offset", page->offset);
	stmt_int(q, ":limit", page->limit + 1);
	while (stmt_row(q)) {
		page->more = page->n == (size_t)page->limit;
		if (page->more)
			break;
		d = &page->v[page->n++];
		d->id = stmt_col_int(q, 0);
		d->created_at = stmt_col_int(q, 1);
		d->used_at = stmt_col_int(q, 2);
		d->user_agent = stmt_col_text(q, 3, a);
	}
	return stmt_done(q);
}

/* Reads a device for the audit log, as JSON. */
static enum rc
audit_json(struct db *db, struct arena *a, int64_t device, const char **json)
{
	struct stmt *q = stmt_get(db, Q_AUTH_SESSION_AUDIT);

	stmt_int(q, ":id", device);
	*json = stmt_row(q) ? stmt_col_text(q, 0, a) : NULL;
	return stmt_done(q);
}

enum rc
auth_session_sign_out(struct db *db, struct arena *a, int64_t user,
    int64_t device, const struct audit_by *by, struct err *err)
{
	const char *before, *after;
	enum rc rc;

	rc = role_check_staff(db, user, by, err);
	if (rc == RC_OK)
		rc = audit_json(db, a, device, &before);
	if (rc == RC_OK)
		rc = auth_session_revoke(db, user, device, by->now);
	if (rc == RC_NOT_FOUND)
		return err_set(err, rc, NULL, "Device not found");
	if (rc == RC_OK)
		rc = audit_json(db, a, device, &after);
	return rc == RC_OK ? audit_add(db, by, "device.sign_out",
	    arena_fmt(a, "user:%lld", (long long)user), before, after) : rc;
}
