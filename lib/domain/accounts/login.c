#include "domain/accounts/login.h"

#include "base/clock.h"
#include "base/ratelimit.h"
#include "base/refusal.h"
#include "base/str.h"
#include "domain/accounts/account.h"
#include "domain/accounts/contact.h"
#include "domain/accounts/contact_notice.h"
#include "domain/accounts/identity.h"
#include "domain/accounts/network.h"
#include "domain/accounts/otp.h"
#include "domain/accounts/otp_code.h"
#include "domain/accounts/security_log.h"
#include "domain/accounts/service_token.h"
#include "domain/accounts/signup.h"
#include "domain/accounts/signup_open.h"
#include "domain/common/public_counter.h"
#include "domain/common/throttle.h"

#define SCOPE	"login"		/* by identifier and network */
#define OTHERS	"login_others"	/* by identifier */

/* The counters of wrong passwords, and whether a limit is reached. */
struct tries {
	struct hash identifier;		/* with the client's network */
	struct hash others;		/* the identifier in all networks */
	bool limited;			/* 429 */
	enum refusal why;
	int64_t wait;

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

/* Sets the keys of an identifier, normalized so that case has no effect. */
static void
set_keys(struct arena *a, const struct conf *conf, const char *identifier,
    const char *from, enum identifier *kind, char **text, struct tries *t)
{
	*kind = identifier_read(a, conf->default_country, identifier, text);
	t->identifier = network_key(conf, SCOPE, *text, from);
	t->others = throttle_key(conf, OTHERS, *text);
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

/* Reads the limits that act silently. Known networks are exempt from them. */
static enum rc
read_silent(struct db *db, const struct conf *conf, const struct login *l,
    int64_t now, struct tries *t)
{
	struct hash all = throttle_key(conf, "login_all", "");
	int64_t n, total, wait;
	bool known, many, over;
	enum rc rc;
	size_t i;

	memset(t->blocked, 0, sizeof(t->blocked));
	rc = throttle_get(db, "login_all", &all, now, &total, &wait);
	if (rc == RC_OK)
		rc = throttle_get(db, OTHERS, &t->others, now, &n, &wait);
	if (rc != RC_OK)
		return rc;
	many = n >= conf->login_max_attempts;
	over = conf->login_max_attempts_total != 0 &&
	    total >= conf->login_max_attempts_total;
	for (i = 0; i < l->n && rc == RC_OK; i++) {
		rc = network_known(db, conf, l->user[i], l->from, now, &known);
		t->blocked[i] = (many || over) && !known;
		if (l->matched == (int)i && t->blocked[i])
			refusal_count(many ? REFUSED_PASSWORD_ACCOUNT :
			    REFUSED_PASSWORD_GLOBAL);
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
	set_keys(a, conf, l->identifier, l->from, &kind, &text, &t);
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
	l->user[1] = m.first.id;
	l->hash[1] = m.first.password;
	if (m.last.id != m.first.id) {
		l->user[2] = m.last.id;
		l->hash[2] = m.last.password;
	}
	l->user[3] = m.pending.id;
	l->hash[3] = m.pending.password;
	rc = read_silent(db, conf, l, now, &t);
	memcpy(l->blocked, t.blocked, sizeof(l->blocked));
	return rc;
}

/* Counts a wrong password. */
static enum rc
refuse_login(struct db *db, const struct conf *conf, const struct login *l,
    const struct tries *t, int64_t now, struct err *err)
{
	struct hash all = throttle_key(conf, "login_all", "");
	int64_t window = conf->login_window * SECOND;
	enum rc rc;

	rc = public_counter_add(db, SCOPE, &t->identifier, window, now);
	if (rc == RC_OK)
		rc = network_count(db, conf, "login_net", "", l->from, window,
		    now);
	if (rc == RC_OK)
		rc = throttle_add(db, "login_all", &all, window, now);
	if (rc == RC_OK)
		rc = throttle_add(db, OTHERS, &t->others, window, now);
	if (rc != RC_OK)
		return rc;
	return err_set(err, RC_AUTH, "invalid_credentials",
	    "Wrong username or password");
}

/*
 * Clears the counters of an identifier after a success. The success of a known
 * network does not give other networks more attempts.
 */
static enum rc
forget_login(struct db *db, const struct conf *conf, int64_t user,
    const char *from, const struct tries *t, int64_t now)
{
	struct hash dummy = throttle_key(conf, "nobody", "");
	bool known;
	enum rc rc;

	rc = public_counter_clear(db, SCOPE, &t->identifier);
	if (rc == RC_OK)
		rc = network_known(db, conf, user, from, now, &known);
	if (rc != RC_OK)
		return rc;
	return throttle_clear(db, OTHERS, known ? &dummy : &t->others);
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
	/* If no code was requested, the last one stays valid as it was. */
	if (rc == RC_OK && !str_eq(typed, username)) {
		rc = otp_target(db, a, conf, OTP_REGISTER, username, &t);
		if (rc != RC_OK)
			return rc;
		key = otp_code_key(conf, OTP_REGISTER, t.user, t.address);
		rc = otp_offer(db, conf, OTP_REGISTER, typed, from, &key, now);
	}
	if (rc != RC_OK && rc != RC_LIMITED)
		return rc;
	return err_set(err, RC_FORBIDDEN, "verification_required",
	    "The account is not verified. Enter the latest code. It can "
	    "take a minute to arrive; if none arrives, request a new one");
}

/* Signs a device in and stores its network, or asks for the second factor. */
static enum rc
sign_in(struct db *db, struct arena *a, const struct conf *conf,
    int64_t user, bool from_password, const char *from, const char *user_agent,
    int64_t now, struct token_pair *pair, struct err *err)
{
	enum rc rc;

	rc = auth_session_issue(db, a, conf, user, from_password, user_agent,
	    now, pair, err);
	return rc == RC_OK ? network_signed_in(db, conf, user, from, now) : rc;
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

	set_keys(a, conf, l->identifier, l->from, &kind, &text, &t);
	rc = read_public(db, conf, l->from, now, &t);
	if (rc == RC_OK && t.limited)
		return set_limited(&t, err);
	if (rc == RC_OK)
		rc = read_silent(db, conf, l, now, &t);
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
		return actor_inactive(db, acc.id, err);
	rc = forget_login(db, conf, acc.id, l->from, &t, now);
	if (rc == RC_OK && l->rehash != NULL)
		rc = account_set_password(db, acc.id, l->rehash, now);
	if (rc != RC_OK)
		return rc;
	return sign_in(db, a, conf, acc.id, true, l->from, user_agent, now,
	    pair, err);
}

static enum rc
expired(struct err *err)
{
	return err_set(err, RC_BAD, "otp_expired",
	    "The code has expired. Request a new one");
}

/* Finds the purpose of a code, and the inviter of an account it may create. */
static enum rc
read_code(struct db *db, struct arena *a, const struct conf *conf,
    const struct login_code *in, int64_t now, enum otp_purpose *purpose,
    int64_t *referrer, struct err *err)
{
	enum rc rc;

	*referrer = 0;
	*purpose = (enum otp_purpose)in->purpose;
	if (in->referral_code != NULL) {
		rc = account_referrer(db, in->referral_code, referrer);
		if (rc != RC_OK)
			return rc;
		if (*referrer == 0)
			return err_field(err, "referral_code", "is not known");
	}
	return in->purpose >= 0 ? RC_OK :
	    otp_latest(db, a, conf, in->identifier, now, purpose);
}

enum rc
login_code(struct db *db, struct arena *a, const struct conf *conf,
    struct login_code *in, int64_t now, struct token_pair *pair,
    struct err *err)
{
	enum otp_purpose purpose;
	struct otp_used used = { .user = 0 };
	struct account acc;
	int64_t referrer, user;
	bool from_password = false;
	enum rc rc;

	in->created = false;
	rc = read_code(db, a, conf, in, now, &purpose, &referrer, err);
	if (rc == RC_OK)
		rc = otp_use(db, a, conf, purpose, in->identifier, in->code,
		    in->from, now, &used, err);
	user = rc == RC_OK ? used.user : 0;
	if (rc == RC_OK && user == OTP_OPEN)
		rc = signup_open(db, a, conf, &used, referrer, now, &user,
		    &in->created, err);
	if (rc == RC_OK)
		rc = account_get(db, a, user, &acc);
	if (rc == RC_OK && acc.status == USER_PENDING)
		rc = purpose == OTP_REGISTER ? signup_activate(db, a, conf,
		    &acc, &used, 0, now, err) : RC_CONFLICT;
	else if (rc == RC_OK && !account_active(&acc, now))
		return actor_inactive(db, acc.id, err);
	/* Another account has verified the address meanwhile. */
	if (rc == RC_CONFLICT)
		return expired(err);
	if (rc != RC_OK)
		return rc;
	rc = contact_from_password(db, user, used.channel, &from_password);
	return rc == RC_OK ? sign_in(db, a, conf, user, from_password,
	    in->from, in->user_agent, now, pair, err) : rc;
}

/* Clears the counters of wrong passwords after a code of the owner was used. */
static enum rc
forget_all(struct db *db, struct arena *a, const struct conf *conf,
    int64_t user, const char *identifier, const char *from, int64_t now)
{
	enum identifier kind;
	struct tries t;
	char *text;
	enum rc rc;

	set_keys(a, conf, identifier, from, &kind, &text, &t);
	/* Attackers may have signed in with the old password. */
	rc = account_drop_networks(db, user);
	if (rc == RC_OK)
		rc = forget_login(db, conf, user, from, &t, now);
	if (rc != RC_OK)
		return rc;
	return network_signed_in(db, conf, user, from, now);
}

enum rc
login_reset(struct db *db, struct arena *a, const struct conf *conf,
    const char *identifier, const char *code, const char *hash,
    const char *from, int64_t now, struct err *err)
{
	struct otp_used used;
	const char *removed;
	struct account acc;
	enum rc rc;

	rc = otp_use(db, a, conf, OTP_RESET, identifier, code, from, now,
	    &used, err);
	if (rc == RC_OK)
		rc = account_get(db, a, used.user, &acc);
	if (rc != RC_OK)
		return rc;
	if (!account_active(&acc, now))
		return actor_inactive(db, acc.id, err);
	rc = account_set_password(db, acc.id, hash, now);
	if (rc == RC_OK)
		rc = auth_session_revoke_all(db, acc.id, now);
	if (rc == RC_OK)
		rc = forget_all(db, a, conf, acc.id, identifier, from, now);
	if (rc == RC_OK)
		rc = security_log_add(db, acc.id, SECURITY_PASSWORD_CHANGED, 0,
		    NULL, now);
	if (rc == RC_OK)
		rc = contact_notice_owner(db, a, &acc, "password_changed",
		    TEXT_VARS({ NULL, NULL }), now);
	/* An attacker who was signed in may have added ways to sign in. */
	if (rc == RC_OK)
		rc = service_token_revoke_user(db, acc.id, now);
	if (rc == RC_OK)
		rc = contact_reset(db, a, &acc, used.channel, now, &removed);
	return rc == RC_OK ? identity_unlink_all(db, a, acc.id, removed, now) :
	    rc;
}
