#include "domain/accounts/otp.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/random.h"
#include "base/ratelimit.h"
#include "base/refusal.h"
#include "base/str.h"
#include "domain/accounts/account.h"
#include "domain/accounts/network.h"
#include "domain/accounts/otp_code.h"
#include "domain/common/public_counter.h"
#include "domain/common/throttle.h"
#include "domain/messaging/notification.h"

#define SOON		"otp_soon"	/* requests of the last seconds */
#define ADDRESS_FACTOR	5		/* in limits of an account */

const char *const otp_purposes[] = {
	[OTP_REGISTER] = "register", [OTP_LOGIN] = "login",
	[OTP_RESET] = "reset", [OTP_CONTINUE] = "continue", NULL
};

/*
 * The text types. They have no username, because an attacker can register one
 * that looks like a domain for a foreign address.
 */
static const char *const templates[] = {
	[OTP_REGISTER] = "otp_register", [OTP_LOGIN] = "otp_login",
	[OTP_RESET] = "otp_reset", [OTP_CONTINUE] = "otp_continue",
};

/* ---- targets */

/* Makes an account the target, if it has an address that gets codes. */
static void
set_target(const struct conf *conf, struct otp_target *t,
    const struct account *acc)
{
	enum outbox_channel channel;
	const char *address = account_address(acc, &channel);

	if (channel == OUTBOX_SMS && conf->sms_by == SMS_NONE) {
		address = acc->email_ok ? acc->email : NULL;
		channel = OUTBOX_EMAIL;
	}

	/* If the client sent a verified e-mail address, use that. */
	if (t->kind == ID_EMAIL && acc->email_ok && acc->email != NULL) {
		address = t->typed;
		channel = OUTBOX_EMAIL;
	}
	if (address == NULL)
		return;
	t->user = acc->id;
	t->channel = channel;
	t->address = address;
}

enum rc
otp_target(struct db *db, struct arena *a, const struct conf *conf,
    enum otp_purpose purpose, const char *identifier, struct otp_target *t)
{
	struct account_match m;
	struct account owner;
	const struct account *acc;
	char *text;
	enum rc rc;

	*t = (struct otp_target){ .channel = OUTBOX_SMS };
	t->kind = identifier_read(a, conf->default_country, identifier, &text);
	t->typed = t->address = text;
	if (t->kind == ID_EMAIL)
		t->channel = OUTBOX_EMAIL;
	rc = account_find(db, a, t->kind, text, &m);
	if (rc != RC_OK)
		return rc;
	acc = t->kind == ID_USERNAME ? &m.owner : &m.pending;
	if (purpose == OTP_REGISTER && acc->id != 0 &&
	    acc->status == USER_PENDING)
		set_target(conf, t, acc);
	/*
	 * Registrations get no code for an address with an owner. Each purpose
	 * executes the same statements, because otp_latest() may have chosen
	 * it by codes that only an account gets.
	 */
	rc = account_owner(db, a, t->channel, t->address, &owner);
	if (rc != RC_OK)
		return rc;
	if (purpose == OTP_REGISTER) {
		if (owner.id != 0)
			t->user = 0;
		return RC_OK;
	}
	/*
	 * Only an account that has verified an address gets codes. Others may
	 * claim an address that is not theirs.
	 */
	acc = &m.owner;
	if (acc->id != 0 && acc->status != USER_PENDING &&
	    acc->status != USER_DELETED && (acc->email_ok || acc->phone_ok))
		set_target(conf, t, acc);
	if (purpose == OTP_CONTINUE && acc->id == 0 &&
	    (t->kind == ID_EMAIL || t->kind == ID_PHONE))
		t->user = OTP_OPEN;
	return RC_OK;
}

/* ---- visible limits */

/* Returns the key of requests with an identifier and purpose in a network. */
static struct hash
soon_key(const struct conf *conf, enum otp_purpose purpose,
    const char *identifier, const char *from)
{
	char scope[40];

	snprintf(scope, sizeof(scope), SOON " %s", otp_purposes[purpose]);
	return network_key(conf, scope, identifier, from);
}

enum rc
otp_ask(struct db *db, const struct conf *conf, enum otp_purpose purpose,
    const struct otp_target *t, bool registration, int64_t now,
    struct otp_sent *sent)
{
	struct hash key = otp_code_request_key(conf, purpose, t->typed);
	struct hash counter = network_key(conf, "otp_send", t->typed, t->from);
	struct hash soon = soon_key(conf, purpose, t->typed, t->from);
	bool first = registration || (purpose == OTP_CONTINUE &&
	    t->kind == ID_PHONE);
	struct otp_code_request_row r;
	int64_t n, wait;
	enum rc rc;

	*sent = (struct otp_sent){ .result = OTP_SENT };
	rc = otp_code_request_get(db, &key, &r);
	if (rc == RC_OK)
		rc = public_counter_get(db, SOON, &soon, now, &n, &wait);
	if (rc != RC_OK)
		return rc;
	sent->expires_at = now + conf->otp_ttl * SECOND;
	sent->resend_after = now + conf->otp_resend_interval * SECOND;
	if (n > 0) {
		sent->result = OTP_TOO_SOON;
		sent->wait = wait;
		sent->expires_at = r.found ? r.expires_at : now;
		sent->resend_after = now + wait;
	}
	/* A registration counts even if it gets no code. */
	if (n > 0 && !registration)
		return RC_OK;
	rc = otp_limits_request(db, conf, t->kind != ID_EMAIL, first,
	    t->from, now, &wait);
	if (rc == RC_LIMITED) {
		sent->result = OTP_LIMITED;
		sent->wait = wait;
		return RC_OK;
	}
	if (rc != RC_OK || n > 0)
		return rc;
	rc = public_counter_take(db, "otp_send", &counter,
	    conf->otp_max_per_day, DAY, now, &sent->wait);
	if (rc != RC_LIMITED)
		return rc;
	sent->result = OTP_TOO_MANY;
	return RC_OK;
}

enum rc
otp_offer(struct db *db, const struct conf *conf, enum otp_purpose purpose,
    const char *identifier, const char *from, const struct hash *key,
    int64_t now)
{
	struct hash name = otp_code_request_key(conf, purpose, identifier);
	struct hash soon = soon_key(conf, purpose, identifier, from);
	enum rc rc;

	rc = otp_code_request_put(db, conf, &name, key, now);
	if (rc != RC_OK)
		return rc;
	return public_counter_add(db, SOON, &soon,
	    conf->otp_resend_interval * SECOND, now);
}

/* ---- sending */

/* Sends the code, or does the same work without effect if `send` is not set. */
static enum rc
send_code(struct db *db, struct arena *a, const struct conf *conf,
    enum otp_purpose purpose, const struct otp_target *t, const char *digits,
    bool send, int64_t now)
{
	const char *minutes = arena_fmt(a, "%" PRId64,
	    (conf->otp_ttl + 59) / 60);
	const struct template_var *vars = TEXT_VARS({ "code", digits },
	    { "minutes", minutes });

	return notification_to_address_if(db, a, send, t->channel,
	    t->user == OTP_OPEN ? 0 : t->user, t->address, templates[purpose],
	    digits, vars, conf->otp_ttl * SECOND, now);
}

/* The counters of the messages to an account and to its address. */
struct send_counters {
	/*
	 * In a known network, or in all others. For an open code, in each
	 * network, so that strangers do not use up the limit of the owner.
	 */
	struct hash account;
	struct hash address;	/* as in the column address of otp */
	bool known;		/* the account has signed in from the network */
	bool registration;	/* count the address too */
};

static enum rc
send_counters(struct db *db, const struct conf *conf,
    const struct otp_target *t, bool registration, int64_t now,
    struct send_counters *c)
{
	char name[OTP_CODE_OWNER], text[OTP_CODE_OWNER + 16];
	enum rc rc;

	c->registration = registration || t->user == OTP_OPEN;
	rc = network_known(db, conf, t->user, t->from, now, &c->known);
	if (rc != RC_OK)
		return rc;
	c->address = otp_code_address_key(conf, t->address);
	otp_code_owner(t->user, &c->address, name);
	snprintf(text, sizeof(text), "account %s", name);
	c->account = network_key(conf, "otp_send", text, c->known ||
	    t->user == OTP_OPEN ? t->from : NULL);
	return RC_OK;
}

/*
 * Checks the silent limits of an account: the interval between two codes of a
 * purpose to the address, and the number of codes today.
 */
static enum rc
check_send_limits(struct db *db, const struct conf *conf,
    enum otp_purpose purpose, const struct send_counters *counters, int64_t now,
    bool *limited)
{
	int64_t today, all, wait;
	struct otp_code c;
	size_t n;
	enum rc rc;

	*limited = false;
	rc = otp_code_newest(db, purpose, &counters->address, &c, 1, &n);
	if (rc == RC_OK)
		rc = throttle_get(db, "otp_send", &counters->account, now,
		    &today, &wait);
	if (rc == RC_OK)
		rc = throttle_get(db, "otp_send", &counters->address, now,
		    &all, &wait);
	if (rc == RC_OK)
		*limited = today >= conf->otp_max_per_day ||
		    (counters->registration &&
		    all >= conf->otp_max_per_day * ADDRESS_FACTOR) || (n > 0 &&
		    c.created_at + conf->otp_resend_interval * SECOND > now);
	return rc;
}

static enum rc
count_sent(struct db *db, const struct conf *conf,
    const struct send_counters *c, bool sent, int64_t now)
{
	struct hash dummy = throttle_key(conf, "nobody", "");
	enum rc rc;

	rc = throttle_add(db, "otp_send", sent ? &c->account : &dummy, DAY,
	    now);
	if (rc != RC_OK)
		return rc;
	return throttle_add(db, "otp_send", sent && c->registration ?
	    &c->address : &dummy, DAY, now);
}

/* Stores the code; if it is not sent, as one that is never valid. */
static enum rc
store_code(struct db *db, const struct conf *conf, enum otp_purpose purpose,
    const struct otp_target *t, enum otp_limits_pool pool, const char *digits,
    bool send, int64_t now)
{
	struct otp_code c = { .user = send ? t->user : 0 };

	c.key = otp_code_key(conf, purpose, c.user, t->address);
	c.sent = otp_code_address_key(conf, send ? t->address : "");
	c.hash = otp_code_hash(conf, &c.key, c.user, digits);
	c.network = otp_limits_network(conf, t->from, now);
	c.has_network = send && (pool == OTP_POOL_REGISTER ||
	    (purpose == OTP_CONTINUE && t->kind == ID_PHONE)) &&
	    t->channel == OUTBOX_SMS && network_counted(conf, t->from);
	return otp_code_put(db, conf, purpose, &c, now);
}

enum rc
otp_issue(struct db *db, struct arena *a, const struct conf *conf,
    enum otp_purpose purpose, const struct otp_target *t,
    enum otp_limits_pool pool, bool send, int64_t now, struct hash *key,
    bool *held)
{
	const char *fixed = otp_limits_fixed(a, conf, t->address, now);
	struct otp_limits_message m = { .pool = pool, .channel = t->channel,
	    .address = t->address, .from = t->from,
	    .phone = t->kind == ID_PHONE ? t->typed : NULL };
	struct send_counters counters;
	char random[OTP_DIGITS + 1];
	bool limited;
	enum rc rc;

	*held = false;
	*key = otp_code_key(conf, purpose, t->user, t->address);
	rc = send_counters(db, conf, t, purpose == OTP_REGISTER, now,
	    &counters);
	if (rc == RC_OK)
		rc = check_send_limits(db, conf, purpose, &counters, now,
		    &limited);
	if (rc != RC_OK)
		return rc;
	/* A registration counts whether or not the address has an owner. */
	m.real = send;
	send = send && t->user != 0 && !limited;
	m.real = (pool == OTP_POOL_REGISTER ? m.real : send) && fixed == NULL;
	if (pool == OTP_POOL_ACCOUNT && counters.known)
		m.pool = OTP_POOL_KNOWN;
	if (!otp_limits_take(db, conf, &m, now, &rc)) {
		if (rc != RC_OK)
			return rc;
		*held = m.real;
		send = send && !m.real;
	}
	snprintf(random, sizeof(random), "%06u", random_below(1000000));
	rc = store_code(db, conf, purpose, t, pool,
	    fixed != NULL ? fixed : random, send, now);
	if (rc == RC_OK)
		rc = count_sent(db, conf, &counters, send, now);
	if (rc != RC_OK)
		return rc;
	/* Reviewers of app stores know their fixed code: send no message. */
	return send_code(db, a, conf, purpose, t, random,
	    send && fixed == NULL, now);
}

static enum rc
refuse_otp(const struct otp_sent *sent, struct err *err)
{
	static const char *const why[] = {
		[OTP_TOO_SOON] = "A code was requested a moment ago. Wait "
		    "before you request another",
		[OTP_TOO_MANY] = "Too many codes were requested today. Try "
		    "again tomorrow",
	};

	if (sent->result == OTP_LIMITED)
		return otp_limits_refuse(err, sent->wait);
	refusal_count(sent->result == OTP_TOO_SOON ? REFUSED_RESEND :
	    REFUSED_DAILY);
	err_set(err, RC_LIMITED, NULL, "%s", why[sent->result]);
	err->retry_after = throttle_seconds(sent->wait);
	return RC_LIMITED;
}

enum rc
otp_request(struct db *db, struct arena *a, const struct conf *conf,
    enum otp_purpose purpose, const char *identifier, const char *from,
    int64_t now, struct otp_sent *sent, struct err *err)
{
	enum otp_limits_pool pool = purpose == OTP_REGISTER ? OTP_POOL_RESEND :
	    OTP_POOL_ACCOUNT;
	struct otp_target t;
	struct hash key;
	bool held;
	enum rc rc;

	rc = otp_target(db, a, conf, purpose, identifier, &t);
	t.from = from;
	if (t.user == OTP_OPEN)
		pool = OTP_POOL_OPEN;
	if (rc == RC_OK)
		rc = otp_ask(db, conf, purpose, &t, false, now, sent);
	if (rc != RC_OK)
		return rc;
	if (sent->result != OTP_SENT)
		return refuse_otp(sent, err);
	rc = otp_issue(db, a, conf, purpose, &t, pool, true, now, &key, &held);
	if (rc == RC_OK)
		rc = otp_offer(db, conf, purpose, t.typed, from, &key, now);
	return rc;
}
