/*
 * otp_use: checks and uses one-time codes.
 *
 * The codes that may be valid are read first: the one that was requested by the
 * identifier, the one of a registration with that username, and the newest
 * codes that were sent to that address. The response to a wrong code depends
 * only on requests by the identifier. Each step executes the same statements
 * whether or not there is an account.
 */
#include <inttypes.h>

#include "base/clock.h"
#include "base/ratelimit.h"
#include "base/refusal.h"
#include "base/str.h"
#include "domain/accounts/account.h"
#include "domain/accounts/network.h"
#include "domain/accounts/otp.h"
#include "domain/accounts/otp_code.h"
#include "domain/common/public_counter.h"
#include "domain/common/throttle.h"

#define CANDIDATES	(2 + OTP_NEWEST)
#define NETWORK_SCOPE	"otp_guess_net"	/* wrong codes of a network */

/* An attempt to use a code. */
struct attempt {
	struct db *db;
	const struct conf *conf;
	enum otp_purpose purpose;
	struct otp_target t;		/* t.from: the client */
	int64_t now;

	struct hash counter, tried;
	struct otp_code_request_row request;
	int64_t guesses, wait;		/* by identifier and network */
	int64_t tries;			/* of them at the requested code */
	bool full;			/* limit of the network */
	int64_t full_wait;

	struct otp_code codes[CANDIDATES];	/* user 0: empty */
	/* The counters of the accounts, and their failed attempts of the last
	 * hour. */
	struct hash account[CANDIDATES];
	int64_t silent[CANDIDATES];
	bool known[CANDIDATES];		/* it has signed in from the network */
	bool repeated[CANDIDATES];	/* same account as an earlier one */
};

/* Returns whether a code was requested by the identifier and is not expired. */
static bool
is_requested(const struct attempt *at)
{
	return at->request.found && at->request.expires_at > at->now;
}

/* Reads the candidates, and clears expired ones and duplicates. */
static enum rc
read_codes(struct attempt *at)
{
	bool named = at->t.user == OTP_OPEN ||
	    (at->purpose == OTP_REGISTER && at->t.kind == ID_USERNAME);
	struct hash none = otp_code_key(at->conf, at->purpose, 0, "");
	struct hash sent = otp_code_address_key(at->conf, at->t.typed);
	struct hash own = otp_code_key(at->conf, at->purpose,
	    named ? at->t.user : 0, at->t.address);
	size_t n, i, k;
	enum rc rc;

	memset(at->codes, 0, sizeof(at->codes));
	rc = otp_code_get(at->db, is_requested(at) ? &at->request.code : &none,
	    &at->codes[0]);
	if (rc == RC_OK)
		rc = otp_code_get(at->db, &own, &at->codes[1]);
	if (rc == RC_OK)
		rc = otp_code_newest(at->db, at->purpose, &sent,
		    &at->codes[2], OTP_NEWEST, &n);
	if (rc != RC_OK)
		return rc;
	for (i = 0; i < CANDIDATES; i++) {
		struct otp_code *c = &at->codes[i];

		if (c->expires_at <= at->now)
			c->user = 0;
		for (k = 0; k < i; k++)
			if (hash_eq(&c->key, &at->codes[k].key,
			    sizeof(c->key)))
				c->user = 0;
	}
	return RC_OK;
}

/*
 * Returns whether two codes have the same account, or are open and were sent to
 * the same address.
 */
static bool
is_same_owner(const struct otp_code *a, const struct otp_code *b)
{
	return a->user == b->user && (a->user != OTP_OPEN ||
	    hash_eq(&a->sent, &b->sent, sizeof(a->sent)));
}

/* Reads the failed attempts at the candidates' accounts. */
static enum rc
read_accounts(struct attempt *at)
{
	char text[OTP_CODE_OWNER];
	int64_t wait;
	size_t i, k;
	enum rc rc = RC_OK;

	for (i = 0; i < CANDIDATES && rc == RC_OK; i++) {
		int64_t user = at->codes[i].user;

		at->repeated[i] = false;
		for (k = 0; k < i; k++)
			at->repeated[i] |= is_same_owner(&at->codes[k],
			    &at->codes[i]);
		rc = network_known(at->db, at->conf, user, at->t.from, at->now,
		    &at->known[i]);
		if (rc != RC_OK)
			return rc;
		otp_code_owner(user, &at->codes[i].sent, text);
		at->account[i] = network_key(at->conf, "otp_account", text,
		    at->known[i] ? at->t.from : NULL);
		rc = throttle_get(at->db, "otp_guess", &at->account[i],
		    at->now, &at->silent[i], &wait);
	}
	return rc;
}

static enum rc
read_all(struct attempt *at)
{
	struct hash key = otp_code_request_key(at->conf, at->purpose,
	    at->t.typed);
	char scope[64];
	int64_t unused;
	enum rc rc;

	at->counter = network_key(at->conf, "otp_guess", at->t.typed,
	    at->t.from);
	rc = otp_code_request_get(at->db, &key, &at->request);
	if (rc == RC_OK)
		rc = public_counter_get(at->db, "otp_guess", &at->counter,
		    at->now, &at->guesses, &at->wait);
	if (rc != RC_OK)
		return rc;
	/* A new code has its own attempts. */
	snprintf(scope, sizeof(scope), "otp_tries %s %" PRId64,
	    otp_purposes[at->purpose], at->request.id);
	at->tried = network_key(at->conf, scope, at->t.typed, at->t.from);
	rc = public_counter_get(at->db, "otp_tries", &at->tried, at->now,
	    &at->tries, &unused);
	if (rc == RC_OK)
		rc = network_full(at->db, at->conf, NETWORK_SCOPE, "",
		    at->t.from, at->conf->otp_max_attempts_per_network,
		    at->now, &at->full, &at->full_wait);
	if (rc == RC_OK)
		rc = read_codes(at);
	return rc == RC_OK ? read_accounts(at) : rc;
}

static enum rc
locked(struct err *err, int64_t wait)
{
	refusal_count(REFUSED_GUESS);
	err_set(err, RC_LIMITED, "otp_locked",
	    "Too many wrong codes. Request a new one later");
	err->retry_after = throttle_seconds(wait);
	return RC_LIMITED;
}

static enum rc
expired(struct err *err)
{
	return err_set(err, RC_BAD, "otp_expired",
	    "The code has expired. Request a new one");
}

/* Returns whether the code or its account had too many failed attempts. */
static bool
is_silenced(const struct attempt *at, size_t i)
{
	return at->silent[i] >= OTP_GUESSES_HOUR ||
	    (at->codes[i].tries_left == 0 && !at->known[i]);
}

/* Returns the index of the candidate with these digits, or -1. Compares all. */
static int
find_match(struct attempt *at, const char *digits)
{
	int found = -1;
	size_t i;

	for (i = 0; i < CANDIDATES; i++) {
		struct otp_code *c = &at->codes[i];
		struct hash hash = otp_code_hash(at->conf, &c->key, c->user,
		    digits);

		if (hash_eq(&hash, &c->hash, sizeof(hash)) && c->user != 0)
			found = (int)i;
	}
	return found;
}

/* Counts a failed attempt at all candidates and at their accounts. */
static enum rc
count_silently(struct attempt *at)
{
	struct hash dummy = throttle_key(at->conf, "nobody", "");
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; i < CANDIDATES && rc == RC_OK; i++) {
		const struct otp_code *c = &at->codes[i];
		bool counts = c->user != 0 && !at->repeated[i];

		rc = otp_code_miss(at->db, c->user != 0 && !at->known[i] ?
		    &c->key : &dummy);
		if (rc == RC_OK)
			rc = throttle_add(at->db, "otp_guess", counts ?
			    &at->account[i] : &dummy, HOUR, at->now);
	}
	return rc;
}

/* Sets the error for a wrong code. */
static enum rc
set_invalid(const struct attempt *at, struct err *err)
{
	if (!is_requested(at))
		return expired(err);
	err_set(err, RC_BAD, "otp_invalid", "The code is wrong");
	err->attempts_left = (int)(at->conf->otp_max_attempts - at->tries) - 1;
	return RC_BAD;
}

static enum rc
count_wrong(struct attempt *at, struct err *err)
{
	enum rc rc = count_silently(at);

	if (rc == RC_OK)
		rc = network_count(at->db, at->conf, NETWORK_SCOPE, "",
		    at->t.from, at->conf->login_window * SECOND, at->now);
	if (rc == RC_OK && is_requested(at))
		rc = public_counter_add(at->db, "otp_tries", &at->tried,
		    at->conf->otp_ttl * SECOND, at->now);
	if (rc == RC_OK && is_requested(at))
		rc = public_counter_add(at->db, "otp_guess", &at->counter,
		    HOUR, at->now);
	return rc == RC_OK ? set_invalid(at, err) : rc;
}

/*
 * Finds the channel of the address that a code was sent to. Returns false if
 * the account no longer has this address; then the code is not valid.
 */
static bool
sent_to(const struct conf *conf, const struct otp_code *c,
    const struct account *acc, enum outbox_channel *channel)
{
	struct hash email, phone;

	email = otp_code_address_key(conf, acc->email != NULL ? acc->email :
	    "");
	phone = otp_code_address_key(conf, acc->phone != NULL ? acc->phone :
	    "");
	*channel = OUTBOX_SMS;
	if (acc->phone != NULL && hash_eq(&phone, &c->sent, sizeof(phone)))
		return true;
	*channel = OUTBOX_EMAIL;
	return acc->email != NULL &&
	    hash_eq(&email, &c->sent, sizeof(email));
}

/* Sets the address that a code was sent to. Returns false as sent_to(). */
static bool
sent_open(const struct attempt *at, const struct otp_code *c,
    enum outbox_channel *channel)
{
	struct hash typed = otp_code_address_key(at->conf, at->t.typed);

	*channel = at->t.kind == ID_PHONE ? OUTBOX_SMS : OUTBOX_EMAIL;
	return hash_eq(&typed, &c->sent, sizeof(typed));
}

/* Counts a verified phone, for the limits of networks and countries. */
static enum rc
count_proved(struct attempt *at, const struct otp_code *c, const char *phone)
{
	enum otp_limits_pool pool = at->purpose == OTP_REGISTER ?
	    OTP_POOL_REGISTER : c->user == OTP_OPEN ? OTP_POOL_OPEN :
	    OTP_POOL_ACCOUNT;

	if (at->purpose != OTP_REGISTER && at->purpose != OTP_CONTINUE)
		return RC_OK;
	return otp_limits_proved(at->db, at->conf, pool, phone,
	    c->has_network ? &c->network : NULL, at->now);
}

/* Spends a matching code and clears the failed attempts at its account. */
static enum rc
spend(struct attempt *at, struct arena *a, size_t i, struct otp_used *used,
    struct err *err)
{
	const struct otp_code *c = &at->codes[i];
	struct account acc = { .id = 0 };
	bool valid;
	enum rc rc;

	if (c->used)
		return expired(err);
	rc = otp_code_spend(at->db, &c->key, at->now);
	/*
	 * A right code at a silent limit is not counted as a failed attempt,
	 * because other clients in the network would notice that. A guess gains
	 * nothing, because the code is spent.
	 */
	if (rc == RC_OK && is_silenced(at, i))
		return set_invalid(at, err);
	if (rc == RC_OK && c->user != OTP_OPEN)
		rc = account_get(at->db, a, c->user, &acc);
	if (rc == RC_NOT_FOUND)
		return expired(err);
	if (rc != RC_OK)
		return rc;
	valid = c->user == OTP_OPEN ? sent_open(at, c, &used->channel) :
	    sent_to(at->conf, c, &acc, &used->channel);
	if (!valid)
		return expired(err);
	used->user = c->user;
	used->kind = at->t.kind;
	used->identifier = at->t.typed;
	rc = throttle_clear(at->db, "otp_guess", &at->account[i]);
	if (rc == RC_OK && used->channel == OUTBOX_SMS)
		rc = count_proved(at, c, c->user == OTP_OPEN ? at->t.typed :
		    acc.phone);
	return rc;
}

enum rc
otp_latest(struct db *db, struct arena *a, const struct conf *conf,
    const char *identifier, int64_t now, enum otp_purpose *purpose)
{
	int64_t request = 0, newest = 0;
	enum otp_purpose sent = OTP_CONTINUE;
	struct otp_code_request_row r;
	struct hash key, address;
	struct otp_code c;
	char *text;
	size_t n;
	int i;
	enum rc rc = RC_OK;

	*purpose = OTP_CONTINUE;
	identifier_read(a, conf->default_country, identifier, &text);
	address = otp_code_address_key(conf, text);
	for (i = 0; i < OTP_PURPOSES && rc == RC_OK; i++) {
		key = otp_code_request_key(conf, (enum otp_purpose)i, text);
		rc = otp_code_request_get(db, &key, &r);
		if (rc == RC_OK)
			rc = otp_code_newest(db, (enum otp_purpose)i, &address,
			    &c, 1, &n);
		if (rc == RC_OK && r.found && r.expires_at > now &&
		    r.id > request) {
			request = r.id;
			*purpose = (enum otp_purpose)i;
		}
		if (rc == RC_OK && n > 0 && c.created_at > newest) {
			newest = c.created_at;
			sent = (enum otp_purpose)i;
		}
	}
	/* What is sent must not decide about requests: clients see these. */
	if (request == 0)
		*purpose = sent;
	return rc;
}

enum rc
otp_use(struct db *db, struct arena *a, const struct conf *conf,
    enum otp_purpose purpose, const char *identifier, const char *code,
    const char *from, int64_t now, struct otp_used *used, struct err *err)
{
	struct attempt at = { .db = db, .conf = conf, .purpose = purpose,
	    .now = now };
	int found;
	enum rc rc;

	if (strlen(code) != OTP_DIGITS)
		BUG("a code has %zu characters", strlen(code));
	rc = otp_target(db, a, conf, purpose, identifier, &at.t);
	at.t.from = from;
	if (rc == RC_OK)
		rc = read_all(&at);
	if (rc != RC_OK)
		return rc;
	if (at.full)
		return locked(err, at.full_wait);
	if (is_requested(&at) && at.guesses >= OTP_GUESSES_HOUR)
		return locked(err, at.wait);
	if (is_requested(&at) && at.tries >= conf->otp_max_attempts)
		return locked(err, at.request.created_at +
		    conf->otp_resend_interval * SECOND - now);
	found = find_match(&at, code);
	return found >= 0 ? spend(&at, a, (size_t)found, used, err) :
	    count_wrong(&at, err);
}
