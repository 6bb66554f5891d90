#include "dom/login.h"

#include "base/clock.h"
#include "base/limit.h"
#include "base/str.h"
#include "dom/account.h"
#include "dom/otp.h"
#include "dom/throttle.h"

#define SCOPE "login"

static enum rc
wait_first(struct err *err, int64_t wait)
{
	refusal_count(REFUSED_PASSWORD);
	err_set(err, RC_LIMITED, NULL, "Too many wrong passwords; try later");
	err->retry_after = throttle_seconds(wait);
	return RC_LIMITED;
}

/* The one spelling, so that capitals buy no more tries. */
static struct hash
tries_key(struct arena *a, const struct conf *conf, const char *identifier,
    enum identifier *kind, char **text)
{
	*kind = identifier_read(a, identifier, text);
	return throttle_key(conf, SCOPE, *text);
}

enum rc
login_find(struct db *db, struct arena *a, const struct conf *conf,
    int64_t now, struct login *l, struct err *err)
{
	struct account_match m;
	enum identifier kind;
	struct hash key;
	int64_t n, wait;
	char *text;
	enum rc rc;

	key = tries_key(a, conf, l->identifier, &kind, &text);
	rc = throttle_get(db, SCOPE, &key, now, &n, &wait);
	if (rc == RC_OK && n >= conf->login_tries)
		return wait_first(err, wait);
	if (rc == RC_OK)
		rc = account_find(db, a, kind, text, &m);
	if (rc != RC_OK)
		return rc;
	l->matched = -1;
	l->n = kind == ID_EMAIL || kind == ID_PHONE ? LOGIN_CANDIDATES : 1;
	l->user[0] = m.owner.id;
	l->hash[0] = m.owner.password;
	l->user[1] = m.claim.id;
	l->hash[1] = m.claim.password;
	l->user[2] = m.pending.id;
	l->hash[2] = m.pending.password;
	return RC_OK;
}

static enum rc
refuse(struct db *db, const struct conf *conf, const struct hash *key,
    int64_t now, struct err *err)
{
	enum rc rc;

	rc = throttle_add(db, SCOPE, key, conf->login_window * SECOND, now);
	if (rc != RC_OK)
		return rc;
	return err_set(err, RC_AUTH, "invalid_credentials",
	    "Wrong username or password");
}

/* A pending account's own password was right: it gets a new code. */
static enum rc
verify_first(struct db *db, struct arena *a, const struct conf *conf,
    const char *username, const char *from, int64_t now, struct err *err)
{
	struct otp_target t;
	struct otp_sent sent;
	enum rc rc;

	rc = otp_target(db, a, OTP_REGISTER, username, &t);
	t.from = from;
	if (rc == RC_OK)
		rc = otp_issue(db, a, conf, OTP_REGISTER, &t, now, &sent);
	if (rc != RC_OK)
		return rc;
	return err_set(err, RC_FORBIDDEN, "verification_required",
	    "The account is not verified; a new code was sent");
}

static enum rc
inactive(struct err *err)
{
	return err_set(err, RC_FORBIDDEN, "account_inactive",
	    "User account is inactive");
}

enum rc
login_settle(struct db *db, struct arena *a, const struct conf *conf,
    const struct login *l, const char *user_agent, int64_t now,
    struct pair *pair, struct err *err)
{
	enum identifier kind;
	struct account acc;
	struct hash key;
	int64_t n, wait;
	char *text;
	enum rc rc;

	key = tries_key(a, conf, l->identifier, &kind, &text);
	rc = throttle_get(db, SCOPE, &key, now, &n, &wait);
	if (rc != RC_OK)
		return rc;
	if (n >= conf->login_tries)
		return wait_first(err, wait);
	if (l->matched < 0)
		return refuse(db, conf, &key, now, err);
	rc = account_get(db, a, l->user[l->matched], &acc);
	/* Gone, or its password changed since it was looked at. */
	if (rc == RC_NOT_FOUND || (rc == RC_OK && (acc.password == NULL ||
	    !str_eq(acc.password, l->hash[l->matched]))))
		return refuse(db, conf, &key, now, err);
	if (rc != RC_OK)
		return rc;
	if (acc.status == USER_PENDING)
		return verify_first(db, a, conf, acc.username, l->from, now,
		    err);
	if (!account_active(&acc, now))
		return inactive(err);
	rc = throttle_clear(db, SCOPE, &key);
	if (rc == RC_OK && l->rehash != NULL)
		rc = account_set_password(db, acc.id, l->rehash, now);
	if (rc != RC_OK)
		return rc;
	return token_issue(db, a, conf, acc.id, user_agent, now, pair);
}

enum rc
login_code(struct db *db, struct arena *a, const struct conf *conf,
    int purpose, const char *identifier, const char *code,
    const char *user_agent, int64_t now, struct pair *pair, struct err *err)
{
	enum outbox_lane lane;
	struct account acc;
	int64_t user;
	enum rc rc;

	rc = otp_use(db, a, conf, (enum otp_purpose)purpose, identifier, code,
	    now, &user, err);
	if (rc == RC_OK)
		rc = account_get(db, a, user, &acc);
	if (rc != RC_OK)
		return rc;
	if (acc.status == USER_PENDING) {
		account_address(&acc, &lane);
		rc = account_prove(db, user, lane, now);
		/* Somebody else has proved it while the code was on its way. */
		if (rc == RC_CONFLICT)
			return err_set(err, RC_BAD, "otp_expired",
			    "The code has expired, ask for a new one");
		if (rc != RC_OK)
			return rc;
	} else if (!account_active(&acc, now)) {
		return inactive(err);
	}
	return token_issue(db, a, conf, user, user_agent, now, pair);
}

static enum rc
tell_changed(struct db *db, const struct account *acc, int64_t now)
{
	const char *address;
	enum outbox_lane lane;

	address = account_address(acc, &lane);
	if (address == NULL)
		return RC_OK;
	return outbox_add(db, lane, acc->id, address, "password_changed", NULL,
	    "Your password was changed", "Your password was changed and all "
	    "devices were signed out. If it was not you, set a new password "
	    "now.", NULL, now, DAY);
}

enum rc
login_reset(struct db *db, struct arena *a, const struct conf *conf,
    const char *identifier, const char *code, const char *hash, int64_t now,
    struct err *err)
{
	enum identifier kind;
	struct account acc;
	struct hash key;
	int64_t user;
	char *text;
	enum rc rc;

	rc = otp_use(db, a, conf, OTP_RESET, identifier, code, now, &user, err);
	if (rc == RC_OK)
		rc = account_get(db, a, user, &acc);
	if (rc != RC_OK)
		return rc;
	if (!account_active(&acc, now))
		return inactive(err);
	key = tries_key(a, conf, identifier, &kind, &text);
	rc = account_set_password(db, user, hash, now);
	if (rc == RC_OK)
		rc = token_revoke_all(db, user, now);
	if (rc == RC_OK)
		rc = throttle_clear(db, SCOPE, &key);
	if (rc == RC_OK)
		rc = tell_changed(db, &acc, now);
	return rc;
}
