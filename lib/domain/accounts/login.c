#include "domain/accounts/login.h"

#include "base/clock.h"
#include "base/ratelimit.h"
#include "base/refusal.h"
#include "base/str.h"
#include "domain/accounts/account.h"
#include "domain/accounts/network.h"
#include "domain/accounts/otp.h"
#include "domain/accounts/otp_code.h"
#include "domain/accounts/signup.h"
#include "domain/common/public_counter.h"
#include "domain/common/throttle.h"

#define SCOPE "login"

/* The counters of wrong passwords, and whether a limit is reached. */
struct tries {
	struct hash identifier;		/* with the client's network */
	bool limited;			/* 429 */
	enum refusal why;
	int64_t wait;

	struct hash account[LOGIN_CANDIDATES];
	bool blocked[LOGIN_CANDIDATES];	/* the right password is rejected */
};

static enum rc
set_limited(const struct tries *t, struct err *err)
{
	refusal_count(t->why);
	err_set(err, RC_LIMITED, NULL, "Too many wrong passwords. Try again "
	    "later");
	err->retry_after = throttle_seconds(t->wait);
	return RC_LIMITED;
}

/* Returns the key of an identifier, normalized so that case has no effect. */
static struct hash
identifier_key(struct arena *a, const struct conf *conf,
    const char *identifier, const char *from, enum identifier *kind,
    char **text)
{
	char net[IPADDR_NET];

	*kind = identifier_read(a, conf->default_country, identifier, text);
	network_name(from, net);
	return throttle_key(conf, SCOPE, arena_fmt(a, "%s %s", *text, net));
}

/* Reads the limits that clients can observe. */
static enum rc
read_public(struct db *db, const struct conf *conf, const char *from,
    int64_t now, struct tries *t)
{
	int64_t n, wait;
	bool full;
	enum rc rc;

	t->limited = false;
	rc = public_counter_get(db, SCOPE, &t->identifier, now, &n, &t->wait);
	if (rc == RC_OK)
		rc = network_full(db, conf, "login_net", "", from,
		    conf->login_max_attempts_per_network, now, &full, &wait);
	if (rc != RC_OK)
		return rc;
	t->limited = n >= conf->login_max_attempts || full;
	t->why = n >= conf->login_max_attempts ? REFUSED_PASSWORD :
	    REFUSED_PASSWORD_NETWORK;
	if (n < conf->login_max_attempts)
		t->wait = wait;
	return RC_OK;
}

/* Returns the key of an account's counter: a known network, or all others. */
static struct hash
account_key(struct arena *a, const struct conf *conf, int64_t user,
    bool known, const char *from)
{
	char net[IPADDR_NET];

	network_name(from, net);
	return throttle_key(conf, "login_account", known ?
	    arena_fmt(a, "%lld %s", (long long)user, net) :
	    arena_fmt(a, "%lld", (long long)user));
}

/* Reads the limits of the accounts, which act silently. */
static enum rc
read_accounts(struct db *db, struct arena *a, const struct conf *conf,
    const struct login *l, int64_t now, struct tries *t)
{
	struct hash all = throttle_key(conf, "login_all", "");
	int64_t n, total, wait;
	bool known, over;
	enum rc rc;
	size_t i;

	rc = throttle_get(db, "login_all", &all, now, &total, &wait);
	over = conf->login_max_attempts_total != 0 &&
	    total >= conf->login_max_attempts_total;
	for (i = 0; i < l->n && rc == RC_OK; i++) {
		rc = network_known(db, conf, l->user[i], l->from, now, &known);
		if (rc != RC_OK)
			break;
		t->account[i] = account_key(a, conf, l->user[i], known,
		    l->from);
		rc = throttle_get(db, "login_account", &t->account[i], now,
		    &n, &wait);
		t->blocked[i] = n >= conf->login_max_attempts ||
		    (over && !known);
		if (l->matched == (int)i && t->blocked[i])
			refusal_count(n >= conf->login_max_attempts ?
			    REFUSED_PASSWORD_ACCOUNT : REFUSED_PASSWORD_GLOBAL);
	}
	return rc;
}

enum rc
login_find(struct db *db, struct arena *a, const struct conf *conf,
    int64_t now, struct login *l, struct err *err)
{
	struct account_match m;
	enum identifier kind;
	struct tries t;
	char *text;
	enum rc rc;

	l->matched = -1;
	t.identifier = identifier_key(a, conf, l->identifier, l->from, &kind,
	    &text);
	rc = read_public(db, conf, l->from, now, &t);
	if (rc == RC_OK && t.limited)
		return set_limited(&t, err);
	if (rc == RC_OK)
		rc = account_find_newest(db, a, kind, text, &m);
	if (rc != RC_OK)
		return rc;
	l->n = kind == ID_EMAIL || kind == ID_PHONE ? LOGIN_CANDIDATES : 1;
	l->user[0] = m.owner.id;
	l->hash[0] = m.owner.password;
	l->user[1] = m.claim.id;
	l->hash[1] = m.claim.password;
	l->user[2] = m.pending.id;
	l->hash[2] = m.pending.password;
	return RC_OK;
}

/*
 * Counts a wrong password. If the account does not exist, a counter of account
 * 0 is used, which has no effect.
 */
static enum rc
refuse_login(struct db *db, const struct conf *conf, const struct login *l,
    const struct tries *t, int64_t now, struct err *err)
{
	struct hash all = throttle_key(conf, "login_all", "");
	int64_t window = conf->login_window * SECOND;
	enum rc rc;
	size_t i;

	rc = public_counter_add(db, SCOPE, &t->identifier, window, now);
	if (rc == RC_OK)
		rc = network_count(db, conf, "login_net", "", l->from, window,
		    now);
	if (rc == RC_OK)
		rc = throttle_add(db, "login_all", &all, window, now);
	for (i = 0; i < l->n && rc == RC_OK; i++)
		rc = throttle_add(db, "login_account", &t->account[i], window,
		    now);
	if (rc != RC_OK)
		return rc;
	return err_set(err, RC_AUTH, "invalid_credentials",
	    "Wrong username or password");
}

/* Clears the counters of an identifier and of its account after a success. */
static enum rc
forget_login(struct db *db, struct arena *a, const struct conf *conf,
    int64_t user, const char *from, const struct hash *identifier,
    int64_t now)
{
	struct hash key;
	bool known;
	enum rc rc;

	rc = public_counter_clear(db, SCOPE, identifier);
	if (rc == RC_OK)
		rc = network_known(db, conf, user, from, now, &known);
	if (rc != RC_OK)
		return rc;
	key = account_key(a, conf, user, known, from);
	return throttle_clear(db, "login_account", &key);
}

/*
 * Sends a new code after the right password of a pending account. The code is
 * also valid with the identifier of the request, for example an e-mail address
 * if the code is sent to the phone.
 */
static enum rc
verify_first(struct db *db, struct arena *a, const struct conf *conf,
    const char *username, const char *typed, const char *from, int64_t now,
    struct err *err)
{
	struct otp_target t = { .user = 0 };
	struct otp_sent sent;
	struct err unused;
	struct hash key;
	enum rc rc;

	err_init(&unused, a);
	rc = otp_request(db, a, conf, OTP_REGISTER, username, from, now, &sent,
	    &unused);
	if (rc == RC_OK || rc == RC_LIMITED)
		rc = otp_target(db, a, OTP_REGISTER, username, &t);
	if (rc == RC_OK && !str_eq(typed, username)) {
		key = otp_code_key(conf, OTP_REGISTER, t.user, t.address);
		rc = otp_offer(db, conf, OTP_REGISTER, typed, &key, now);
	}
	if (rc != RC_OK)
		return rc;
	return err_set(err, RC_FORBIDDEN, "verification_required",
	    "The account is not verified. A new code was sent");
}

static enum rc
inactive(struct err *err)
{
	return err_set(err, RC_FORBIDDEN, "account_inactive",
	    "User account is inactive");
}

/* Signs a device in and stores its network. */
static enum rc
sign_in(struct db *db, struct arena *a, const struct conf *conf,
    int64_t user, const char *from, const char *user_agent, int64_t now,
    struct token_pair *pair)
{
	enum rc rc;

	rc = network_signed_in(db, conf, user, from, now);
	if (rc != RC_OK)
		return rc;
	return auth_session_issue(db, a, conf, user, user_agent, now, pair);
}

enum rc
login_settle(struct db *db, struct arena *a, const struct conf *conf,
    const struct login *l, const char *user_agent, int64_t now,
    struct token_pair *pair, struct err *err)
{
	enum identifier kind;
	struct account acc;
	struct tries t;
	char *text;
	enum rc rc;

	t.identifier = identifier_key(a, conf, l->identifier, l->from, &kind,
	    &text);
	rc = read_public(db, conf, l->from, now, &t);
	if (rc == RC_OK && t.limited)
		return set_limited(&t, err);
	if (rc == RC_OK)
		rc = read_accounts(db, a, conf, l, now, &t);
	if (rc != RC_OK)
		return rc;
	if (l->matched < 0 || t.blocked[l->matched])
		return refuse_login(db, conf, l, &t, now, err);
	rc = account_get(db, a, l->user[l->matched], &acc);
	/* The account or its password may have changed since login_find(). */
	if (rc == RC_NOT_FOUND || (rc == RC_OK && (acc.password == NULL ||
	    !str_eq(acc.password, l->hash[l->matched]))))
		return refuse_login(db, conf, l, &t, now, err);
	if (rc != RC_OK)
		return rc;
	if (acc.status == USER_PENDING)
		return verify_first(db, a, conf, acc.username, text, l->from,
		    now, err);
	if (!account_active(&acc, now))
		return inactive(err);
	rc = forget_login(db, a, conf, acc.id, l->from, &t.identifier, now);
	if (rc == RC_OK && l->rehash != NULL)
		rc = account_set_password(db, acc.id, l->rehash, now);
	if (rc != RC_OK)
		return rc;
	return sign_in(db, a, conf, acc.id, l->from, user_agent, now, pair);
}

static enum rc
expired(struct err *err)
{
	return err_set(err, RC_BAD, "otp_expired",
	    "The code has expired. Request a new one");
}

enum rc
login_code(struct db *db, struct arena *a, const struct conf *conf,
    int purpose, const char *identifier, const char *code, const char *from,
    const char *user_agent, int64_t now, struct token_pair *pair,
    struct err *err)
{
	struct otp_used used;
	struct account acc;
	enum rc rc;

	rc = otp_use(db, a, conf, (enum otp_purpose)purpose, identifier, code,
	    now, &used, err);
	if (rc == RC_OK)
		rc = account_get(db, a, used.user, &acc);
	if (rc != RC_OK)
		return rc;
	if (acc.status == USER_PENDING) {
		if (purpose != OTP_REGISTER)
			return expired(err);
		rc = signup_activate(db, a, conf, &acc, &used, now, err);
		/* Another account has verified the address meanwhile. */
		if (rc == RC_CONFLICT)
			return expired(err);
		if (rc != RC_OK)
			return rc;
	} else if (!account_active(&acc, now)) {
		return inactive(err);
	}
	return sign_in(db, a, conf, used.user, from, user_agent, now, pair);
}

static enum rc
notify_changed(struct db *db, const struct account *acc, int64_t now)
{
	const char *address;
	enum outbox_channel channel;

	address = account_address(acc, &channel);
	if (address == NULL)
		return RC_OK;
	return outbox_add(db, channel, acc->id, address, "password_changed",
	    NULL, "Your password was changed", "Your password was changed and "
	    "all devices were signed out. If you did not do this, set a new "
	    "password now.", NULL, now, DAY);
}

/* Clears all counters of wrong passwords after a code of the owner was used. */
static enum rc
forget_all(struct db *db, struct arena *a, const struct conf *conf,
    int64_t user, const char *identifier, const char *from, int64_t now)
{
	struct hash others = account_key(a, conf, user, false, from), key;
	enum identifier kind;
	char *text;
	enum rc rc;

	key = identifier_key(a, conf, identifier, from, &kind, &text);
	rc = network_signed_in(db, conf, user, from, now);
	if (rc == RC_OK)
		rc = throttle_clear(db, "login_account", &others);
	if (rc != RC_OK)
		return rc;
	return forget_login(db, a, conf, user, from, &key, now);
}

enum rc
login_reset(struct db *db, struct arena *a, const struct conf *conf,
    const char *identifier, const char *code, const char *hash,
    const char *from, int64_t now, struct err *err)
{
	struct otp_used used;
	struct account acc;
	enum rc rc;

	rc = otp_use(db, a, conf, OTP_RESET, identifier, code, now, &used,
	    err);
	if (rc == RC_OK)
		rc = account_get(db, a, used.user, &acc);
	if (rc != RC_OK)
		return rc;
	if (!account_active(&acc, now))
		return inactive(err);
	rc = account_set_password(db, acc.id, hash, now);
	if (rc == RC_OK)
		rc = auth_session_revoke_all(db, acc.id, now);
	if (rc == RC_OK)
		rc = forget_all(db, a, conf, acc.id, identifier, from, now);
	if (rc == RC_OK)
		rc = notify_changed(db, &acc, now);
	return rc;
}
