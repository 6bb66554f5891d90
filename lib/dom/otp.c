#include "dom/otp.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/limit.h"
#include "base/str.h"
#include "dom/account.h"
#include "dom/shield.h"
#include "dom/throttle.h"

const char *const otp_purposes[] = {
	[OTP_REGISTER] = "register", [OTP_LOGIN] = "login",
	[OTP_RESET] = "reset", NULL
};

/* What people read: "123456 is your code to ... alice." */
static const struct {
	const char *template, *purpose;
} words[] = {
	[OTP_REGISTER] = { "otp_register", "register as" },
	[OTP_LOGIN] = { "otp_login", "sign in as" },
	[OTP_RESET] = { "otp_reset", "set a new password for" },
};

/* A row of table otp. */
struct code {
	bool found;
	int64_t user;
	struct hash hash;
	int64_t tries_left, created_at, expires_at;
};

static struct hash
code_key(const struct conf *conf, enum otp_purpose purpose,
    const char *address)
{
	struct hash key = hash_derive(&conf->key_otp, otp_purposes[purpose]);

	return hash_hmac(key.b, sizeof(key.b), address, strlen(address));
}

/* Bound to address and purpose (by the key), to the account, to the digits. */
static struct hash
code_hash(const struct conf *conf, const struct hash *key, int64_t user,
    const char *digits)
{
	uint8_t text[sizeof(key->b) + 8 + OTP_DIGITS];
	int i;

	memcpy(text, key->b, sizeof(key->b));
	for (i = 0; i < 8; i++)
		text[sizeof(key->b) + (size_t)i] =
		    (uint8_t)((uint64_t)user >> (8 * i));
	memcpy(text + sizeof(key->b) + 8, digits, OTP_DIGITS);
	return hash_hmac(conf->key_otp.b, sizeof(conf->key_otp.b), text,
	    sizeof(text));
}

static enum rc
code_get(struct db *db, const struct hash *key, struct code *c)
{
	struct stmt *q = db_q(db, Q_OTP_GET);
	const void *hash;
	size_t n;

	memset(c, 0, sizeof(*c));
	q_blob(q, ":key", key->b, sizeof(key->b));
	if (q_row(q)) {
		c->found = true;
		c->user = q_col_int(q, 0);
		hash = q_col_blob(q, 1, &n);
		if (n == sizeof(c->hash.b))
			memcpy(c->hash.b, hash, n);
		c->tries_left = q_col_int(q, 2);
		c->created_at = q_col_int(q, 3);
		c->expires_at = q_col_int(q, 4);
	}
	return q_done(q);
}

/* The account, if it may be let in this way; nobody else is named. */
static void
target_take(struct otp_target *t, const struct account *acc,
    enum identifier kind, const char *text)
{
	enum outbox_lane lane;
	const char *address = account_address(acc, &lane);

	/* An address that was typed and proved is as good as the first. */
	if (kind == ID_EMAIL && acc->email_ok && acc->email != NULL) {
		address = text;
		lane = LANE_EMAIL;
	}
	if (address == NULL)
		return;
	t->user = acc->id;
	t->lane = lane;
	t->address = address;
	t->username = acc->username;
}

enum rc
otp_target(struct db *db, struct arena *a, enum otp_purpose purpose,
    const char *identifier, struct otp_target *t)
{
	struct account_match m, other;
	const struct account *acc;
	enum identifier kind;
	char *text;
	enum rc rc;

	kind = identifier_read(a, identifier, &text);
	*t = (struct otp_target){ .lane = LANE_SMS, .typed = text,
	    .address = text };
	rc = account_find(db, a, kind, text, &m);
	if (rc != RC_OK)
		return rc;
	if (purpose == OTP_REGISTER) {
		acc = kind == ID_USERNAME ? &m.owner : &m.pending;
		if (acc->id == 0 || acc->status != USER_PENDING)
			return RC_OK;
		target_take(t, acc, kind, text);
		/* Who has proved it is not to be troubled by a claim. */
		rc = account_find(db, a, t->lane == LANE_SMS ? ID_PHONE :
		    ID_EMAIL, t->address, &other);
		if (rc == RC_OK && other.owner.id != 0)
			t->user = 0;
		return rc;
	}
	acc = m.owner.id != 0 ? &m.owner : &m.claim;
	if (acc->id == 0 || acc->status == USER_PENDING ||
	    acc->status == USER_DELETED || !(acc->email_ok || acc->phone_ok))
		return RC_OK;
	target_take(t, acc, kind, text);
	return RC_OK;
}

static enum rc
code_put(struct db *db, const struct conf *conf, enum otp_purpose purpose,
    const struct hash *key, int64_t user, const char *digits, int64_t now)
{
	struct hash hash = code_hash(conf, key, user, digits);
	struct stmt *q = db_q(db, Q_OTP_PUT);

	q_blob(q, ":key", key->b, sizeof(key->b));
	if (user != 0)
		q_int(q, ":user", user);
	else
		q_null(q, ":user");
	q_int(q, ":purpose", purpose);
	q_blob(q, ":hash", hash.b, sizeof(hash.b));
	q_int(q, ":tries", conf->otp_tries);
	q_int(q, ":now", now);
	q_int(q, ":expires", now + conf->otp_ttl * SECOND);
	return q_run(q);
}

static enum rc
code_send(struct db *db, struct arena *a, const struct conf *conf,
    enum otp_purpose purpose, const struct otp_target *t, const char *digits,
    int64_t now)
{
	char *text = arena_fmt(a, "%s is your code to %s %s. It is valid for "
	    "%lld minutes. Never tell it to anyone.", digits,
	    words[purpose].purpose, t->username,
	    (long long)((conf->otp_ttl + 59) / 60));

	return outbox_add(db, t->lane, t->user, t->address,
	    words[purpose].template, digits, "Your code", text, NULL, now,
	    conf->otp_ttl * SECOND);
}

/* May another code be made? Fills fate and wait; *quiet: not, but say so not. */
static enum rc
pace(struct db *db, const struct conf *conf, const struct hash *key,
    const struct otp_target *t, int64_t now, struct otp_sent *sent,
    bool *quiet)
{
	struct hash aloud = throttle_key(conf, "otp_send", t->typed);
	struct hash silent = throttle_key(conf, "otp_send", t->address);
	int64_t wait;
	struct code c;
	enum rc rc;

	*quiet = false;
	rc = code_get(db, key, &c);
	if (rc != RC_OK)
		return rc;
	sent->expires_at = c.expires_at;
	sent->resend_after = c.created_at + conf->otp_resend * SECOND;
	if (c.found && sent->resend_after > now) {
		sent->fate = OTP_TOO_SOON;
		sent->wait = sent->resend_after - now;
		return RC_OK;
	}
	rc = throttle_take(db, "otp_send", &aloud, conf->otp_daily, DAY, now,
	    &sent->wait);
	if (rc == RC_LIMITED) {
		sent->fate = OTP_TOO_MANY;
		return RC_OK;
	}
	if (rc == RC_OK && !str_eq(t->typed, t->address))
		rc = throttle_take(db, "otp_send", &silent, conf->otp_daily,
		    DAY, now, &wait);
	*quiet = rc == RC_LIMITED;
	sent->expires_at = now + conf->otp_ttl * SECOND;
	sent->resend_after = now + conf->otp_resend * SECOND;
	return *quiet ? RC_OK : rc;
}

enum rc
otp_issue(struct db *db, struct arena *a, const struct conf *conf,
    enum otp_purpose purpose, const struct otp_target *t, int64_t now,
    struct otp_sent *sent)
{
	struct hash key = code_key(conf, purpose, t->address);
	char random[OTP_DIGITS + 1];
	const char *fixed;
	bool quiet;
	enum rc rc;

	*sent = (struct otp_sent){ .fate = OTP_SENT };
	rc = pace(db, conf, &key, t, now, sent, &quiet);
	if (rc != RC_OK || sent->fate != OTP_SENT || quiet)
		return rc;
	snprintf(random, sizeof(random), "%06u", rand_below(1000000));
	fixed = shield_fixed(a, conf, t->address, now);
	rc = code_put(db, conf, purpose, &key, t->user,
	    fixed != NULL ? fixed : random, now);
	/* Reviewers have no phone: nothing is sent, nothing is paid. */
	if (rc != RC_OK || t->user == 0 || fixed != NULL)
		return rc;
	if (!shield_take(db, conf, t->lane, t->address, t->from, now, &rc)) {
		sent->fate = OTP_SHIELDED;
		return rc;
	}
	return code_send(db, a, conf, purpose, t, random, now);
}

enum rc
otp_request(struct db *db, struct arena *a, const struct conf *conf,
    enum otp_purpose purpose, const char *identifier, const char *from,
    int64_t now, struct otp_sent *sent, struct err *err)
{
	struct otp_target t;
	enum rc rc;

	rc = otp_target(db, a, purpose, identifier, &t);
	t.from = from;
	if (rc == RC_OK)
		rc = otp_issue(db, a, conf, purpose, &t, now, sent);
	if (rc != RC_OK)
		return rc;
	if (sent->fate != OTP_TOO_SOON && sent->fate != OTP_TOO_MANY)
		return RC_OK;
	refusal_count(sent->fate == OTP_TOO_SOON ? REFUSED_RESEND :
	    REFUSED_DAILY);
	err_set(err, RC_LIMITED, NULL, sent->fate == OTP_TOO_SOON ?
	    "A code was sent a moment ago" : "No more codes today");
	err->retry_after = throttle_seconds(sent->wait);
	return RC_LIMITED;
}

static enum rc
locked(struct err *err, int64_t wait)
{
	refusal_count(REFUSED_GUESS);
	err_set(err, RC_LIMITED, "otp_locked",
	    "Too many wrong codes, ask for a new one later");
	err->retry_after = throttle_seconds(wait);
	return RC_LIMITED;
}

/* How often was this address guessed at, aloud and in silence? */
static enum rc
guesses_get(struct db *db, const struct conf *conf,
    const struct otp_target *t, int64_t now, int64_t *aloud, int64_t *silent,
    int64_t *wait)
{
	struct hash key = throttle_key(conf, "otp_guess", t->typed);
	int64_t unused;
	enum rc rc;

	*silent = 0;
	rc = throttle_get(db, "otp_guess", &key, now, aloud, wait);
	if (rc != RC_OK || str_eq(t->typed, t->address))
		return rc;
	key = throttle_key(conf, "otp_guess", t->address);
	return throttle_get(db, "otp_guess", &key, now, silent, &unused);
}

/* One more, or (add false) none any more. */
static enum rc
guesses_put(struct db *db, const struct conf *conf,
    const struct otp_target *t, int64_t now, bool add)
{
	const char *const names[] = { t->typed, t->address };
	size_t n = str_eq(t->typed, t->address) ? 1 : 2, i;
	enum rc rc = RC_OK;
	struct hash key;

	for (i = 0; i < n && rc == RC_OK; i++) {
		key = throttle_key(conf, "otp_guess", names[i]);
		rc = add ? throttle_add(db, "otp_guess", &key, HOUR, now) :
		    throttle_clear(db, "otp_guess", &key);
	}
	return rc;
}

static enum rc
wrong(struct db *db, const struct conf *conf, const struct hash *key,
    const struct otp_target *t, int64_t left, int64_t now, struct err *err)
{
	struct stmt *q = db_q(db, Q_OTP_MISS);
	enum rc rc;

	q_blob(q, ":key", key->b, sizeof(key->b));
	rc = q_run(q);
	if (rc == RC_OK)
		rc = guesses_put(db, conf, t, now, true);
	if (rc != RC_OK)
		return rc;
	err_set(err, RC_BAD, "otp_invalid", "The code is wrong");
	err->attempts_left = (int)left - 1;
	return RC_BAD;
}

enum rc
otp_use(struct db *db, struct arena *a, const struct conf *conf,
    enum otp_purpose purpose, const char *identifier, const char *code,
    int64_t now, int64_t *user, struct err *err)
{
	int64_t aloud, silent, wait;
	struct hash key, hash;
	struct otp_target t;
	struct stmt *q;
	struct code c;
	enum rc rc;

	if (strlen(code) != OTP_DIGITS)
		BUG("a code of %zu characters", strlen(code));
	rc = otp_target(db, a, purpose, identifier, &t);
	if (rc != RC_OK)
		return rc;
	key = code_key(conf, purpose, t.address);
	rc = code_get(db, &key, &c);
	if (rc == RC_OK)
		rc = guesses_get(db, conf, &t, now, &aloud, &silent, &wait);
	if (rc != RC_OK)
		return rc;
	if (!c.found || c.expires_at <= now)
		return err_set(err, RC_BAD, "otp_expired",
		    "The code has expired, ask for a new one");
	if (aloud >= OTP_GUESSES_HOUR)
		return locked(err, wait);
	if (c.tries_left == 0)
		return locked(err, c.created_at + conf->otp_resend * SECOND -
		    now);
	hash = code_hash(conf, &key, c.user, code);
	if (!hash_eq(&hash, &c.hash, sizeof(hash)) || c.user == 0 ||
	    silent >= OTP_GUESSES_HOUR)
		return wrong(db, conf, &key, &t, c.tries_left, now, err);
	q = db_q(db, Q_OTP_DROP);
	q_blob(q, ":key", key.b, sizeof(key.b));
	rc = q_run(q);
	*user = c.user;
	if (rc == RC_OK && t.lane == LANE_SMS)
		rc = shield_proved(db, conf, t.address, now);
	return rc != RC_OK ? rc : guesses_put(db, conf, &t, now, false);
}
