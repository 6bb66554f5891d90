/*
 * otp_use: checks and uses one-time codes.
 *
 * The codes that may be valid are read first: the one that was requested by the
 * identifier, the one of a registration with that username, and the newest
 * codes that were sent to that address. The response to a wrong code depends
 * only on requests by the identifier. Each step executes the same statements
 * whether or not there is an account.
 */
#include "base/clock.h"
#include "base/ratelimit.h"
#include "base/refusal.h"
#include "base/str.h"
#include "domain/accounts/account.h"
#include "domain/accounts/otp.h"
#include "domain/accounts/otp_code.h"
#include "domain/common/public_counter.h"
#include "domain/common/throttle.h"

#define CANDIDATES	(2 + OTP_NEWEST)
#define ADDRESSES	2		/* that count failed attempts */

/* An attempt to use a code. */
struct attempt {
	struct db *db;
	const struct conf *conf;
	enum otp_purpose purpose;
	struct otp_target t;
	int64_t now;

	struct hash request_key, counter;
	struct otp_code_request_row request;
	int64_t guesses, wait;		/* with the identifier */

	struct otp_code codes[CANDIDATES];	/* user 0: empty */
	/* The addresses of the candidates, and their failed attempts of the
	 * last hour. */
	struct hash address[ADDRESSES];
	int64_t silent[ADDRESSES];
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
	bool named = at->purpose == OTP_REGISTER &&
	    at->t.kind == ID_USERNAME;
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
	at->address[0] = at->codes[0].user != 0 ? at->codes[0].sent :
	    at->codes[1].sent;
	at->address[1] = sent;
	return RC_OK;
}

static enum rc
read_all(struct attempt *at)
{
	int64_t wait;
	enum rc rc;
	size_t i;

	at->request_key = otp_code_request_key(at->conf, at->purpose,
	    at->t.typed);
	at->counter = throttle_key(at->conf, "otp_guess", at->t.typed);
	rc = otp_code_request_get(at->db, &at->request_key, &at->request);
	if (rc == RC_OK)
		rc = public_counter_get(at->db, "otp_guess", &at->counter,
		    at->now, &at->guesses, &at->wait);
	if (rc == RC_OK)
		rc = read_codes(at);
	for (i = 0; i < ADDRESSES && rc == RC_OK; i++)
		rc = throttle_get(at->db, "otp_guess", &at->address[i],
		    at->now, &at->silent[i], &wait);
	return rc;
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

/* Returns whether the address of a code had too many failed attempts. */
static bool
is_silenced(const struct attempt *at, const struct otp_code *c)
{
	size_t i;

	for (i = 0; i < ADDRESSES; i++)
		if (at->silent[i] >= OTP_GUESSES_HOUR &&
		    hash_eq(&at->address[i], &c->sent, sizeof(c->sent)))
			return true;
	return false;
}

/* Returns the candidate with these digits, or NULL. Compares all of them. */
static struct otp_code *
find_match(struct attempt *at, const char *digits)
{
	struct otp_code *found = NULL;
	size_t i;

	for (i = 0; i < CANDIDATES; i++) {
		struct otp_code *c = &at->codes[i];
		struct hash hash = otp_code_hash(at->conf, &c->key, c->user,
		    digits);

		if (hash_eq(&hash, &c->hash, sizeof(hash)) && c->user != 0)
			found = c;
	}
	return found;
}

/* Counts a failed attempt at all candidates and at their addresses. */
static enum rc
count_silently(struct attempt *at)
{
	struct hash dummy = throttle_key(at->conf, "nobody", "");
	bool tried[ADDRESSES] = { false, false };
	enum rc rc = RC_OK;
	size_t i, k;

	for (i = 0; i < CANDIDATES && rc == RC_OK; i++) {
		struct otp_code *c = &at->codes[i];

		rc = otp_code_miss(at->db, c->user != 0 ? &c->key : &dummy);
		for (k = 0; k < ADDRESSES; k++)
			tried[k] |= c->user != 0 && !c->used &&
			    hash_eq(&at->address[k], &c->sent,
			    sizeof(c->sent));
	}
	/* If both addresses are the same, count it once. */
	if (hash_eq(&at->address[0], &at->address[1], sizeof(struct hash)))
		tried[0] = false;
	for (i = 0; i < ADDRESSES && rc == RC_OK; i++)
		rc = throttle_add(at->db, "otp_guess", tried[i] ?
		    &at->address[i] : &dummy, HOUR, at->now);
	return rc;
}

/* Sets the error for a wrong code. */
static enum rc
set_invalid(const struct attempt *at, struct err *err)
{
	if (!is_requested(at))
		return expired(err);
	err_set(err, RC_BAD, "otp_invalid", "The code is wrong");
	err->attempts_left = (int)at->request.tries_left - 1;
	return RC_BAD;
}

static enum rc
count_wrong(struct attempt *at, struct err *err)
{
	enum rc rc = count_silently(at);

	if (rc == RC_OK && is_requested(at))
		rc = otp_code_request_miss(at->db, &at->request_key);
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

/* Spends a matching code and clears the failed attempts at its address. */
static enum rc
spend(struct attempt *at, struct arena *a, const struct otp_code *c,
    struct otp_used *used, struct err *err)
{
	struct account acc;
	enum rc rc;

	if (c->used)
		return expired(err);
	rc = otp_code_spend(at->db, &c->key, at->now);
	/*
	 * A right code at a silent limit is not counted as a failed attempt,
	 * because other clients would notice that. A guess gains nothing,
	 * because the code is spent.
	 */
	if (rc == RC_OK && (c->tries_left == 0 || is_silenced(at, c)))
		return set_invalid(at, err);
	if (rc == RC_OK)
		rc = account_get(at->db, a, c->user, &acc);
	if (rc == RC_NOT_FOUND)
		return expired(err);
	if (rc != RC_OK)
		return rc;
	if (!sent_to(at->conf, c, &acc, &used->channel))
		return expired(err);
	used->user = c->user;
	used->kind = at->t.kind;
	used->identifier = at->t.typed;
	rc = throttle_clear(at->db, "otp_guess", &c->sent);
	if (rc == RC_OK && used->channel == OUTBOX_SMS &&
	    at->purpose == OTP_REGISTER)
		rc = otp_limits_proved(at->db, at->conf, acc.phone,
		    c->has_network ? &c->network : NULL, at->now);
	return rc;
}

enum rc
otp_use(struct db *db, struct arena *a, const struct conf *conf,
    enum otp_purpose purpose, const char *identifier, const char *code,
    int64_t now, struct otp_used *used, struct err *err)
{
	struct attempt at = { .db = db, .conf = conf, .purpose = purpose,
	    .now = now };
	const struct otp_code *c;
	enum rc rc;

	if (strlen(code) != OTP_DIGITS)
		BUG("a code has %zu characters", strlen(code));
	rc = otp_target(db, a, purpose, identifier, &at.t);
	if (rc == RC_OK)
		rc = read_all(&at);
	if (rc != RC_OK)
		return rc;
	if (is_requested(&at) && at.guesses >= OTP_GUESSES_HOUR)
		return locked(err, at.wait);
	if (is_requested(&at) && at.request.tries_left == 0)
		return locked(err, at.request.created_at +
		    conf->otp_resend_interval * SECOND - now);
	c = find_match(&at, code);
	return c != NULL ? spend(&at, a, c, used, err) :
	    count_wrong(&at, err);
}
