#include "dom/otp.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/str.h"
#include "dom/account.h"
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
	*t = (struct otp_target){ .lane = LANE_SMS, .address = text };
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

/* The digits of conf->otp_fixed for an address, or NULL. */
static const char *
fixed_code(struct arena *a, const struct conf *conf, const char *address,
    int64_t now)
{
	char *list = arena_str(a, conf->otp_fixed), *entry, *digits, *date;
	int64_t end;

	while ((entry = strsep(&list, ",")) != NULL) {
		entry += strspn(entry, " ");
		digits = strchr(entry, '=');
		date = digits == NULL ? NULL : strchr(digits, '@');
		/* An e-mail address has its own '@', before the '='. */
		if (date == NULL)
			continue;
		*digits++ = '\0';
		*date++ = '\0';
		if (str_eq_nocase(entry, address) &&
		    strlen(digits) == OTP_DIGITS &&
		    clock_parse(date, &end) && now < end)
			return digits;
	}
	return NULL;
}

/* The configured prefix of a phone number, else its first three digits. */
static const char *
prefix_of(const struct conf *conf, const char *phone, char out[32])
{
	const char *at = conf->otp_prefixes;
	size_t n, best = 0;

	while (at != NULL && *at != '\0') {
		at += strspn(at, ", ");
		n = strcspn(at, ", ");
		if (n > best && n < 32 && strncmp(phone, at, n) == 0)
			best = n;
		at += n;
	}
	if (best == 0 && conf->otp_prefixes != NULL &&
	    conf->otp_prefixes[0] != '\0')
		return NULL;
	snprintf(out, 32, "%.*s", best == 0 ? 4 : (int)best, phone);
	return out;
}

bool
otp_reaches(const struct conf *conf, const char *phone)
{
	char prefix[32];

	return prefix_of(conf, phone, prefix) != NULL;
}

bool
otp_shield(struct db *db, const struct conf *conf, enum outbox_lane lane,
    const char *address, int64_t now, enum rc *rc)
{
	struct hash key;
	char text[32];
	int64_t wait;

	*rc = RC_OK;
	if (lane == LANE_SMS) {
		if (prefix_of(conf, address, text) == NULL)
			return false;
		key = throttle_key(conf, "otp_prefix", text);
		if (conf->otp_prefix_hour > 0)
			*rc = throttle_take(db, "otp_prefix", &key,
			    conf->otp_prefix_hour, HOUR, now, &wait);
	}
	key = throttle_key(conf, "otp_day", "");
	if (*rc == RC_OK && conf->otp_ceiling_day > 0)
		*rc = throttle_take(db, "otp_day", &key,
		    conf->otp_ceiling_day, DAY, now, &wait);
	if (*rc == RC_LIMITED) {
		log_warn("otp_shield", "a message was held back");
		*rc = RC_OK;
		return false;
	}
	return *rc == RC_OK;
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

/* May another code be made? Fills fate and wait. */
static enum rc
pace(struct db *db, const struct conf *conf, const struct hash *key,
    const char *address, int64_t now, struct otp_sent *sent)
{
	struct hash daily = throttle_key(conf, "otp_send", address);
	struct code c;
	enum rc rc;

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
	rc = throttle_take(db, "otp_send", &daily, conf->otp_daily, DAY, now,
	    &sent->wait);
	if (rc == RC_LIMITED) {
		sent->fate = OTP_TOO_MANY;
		return RC_OK;
	}
	sent->expires_at = now + conf->otp_ttl * SECOND;
	sent->resend_after = now + conf->otp_resend * SECOND;
	return rc;
}

enum rc
otp_issue(struct db *db, struct arena *a, const struct conf *conf,
    enum otp_purpose purpose, const struct otp_target *t, int64_t now,
    struct otp_sent *sent)
{
	struct hash key = code_key(conf, purpose, t->address);
	char random[OTP_DIGITS + 1];
	const char *fixed;
	enum rc rc;

	*sent = (struct otp_sent){ .fate = OTP_SENT };
	rc = pace(db, conf, &key, t->address, now, sent);
	if (rc != RC_OK || sent->fate != OTP_SENT)
		return rc;
	snprintf(random, sizeof(random), "%06u", rand_below(1000000));
	fixed = fixed_code(a, conf, t->address, now);
	rc = code_put(db, conf, purpose, &key, t->user,
	    fixed != NULL ? fixed : random, now);
	/* Reviewers have no phone: nothing is sent, nothing is paid. */
	if (rc != RC_OK || t->user == 0 || fixed != NULL)
		return rc;
	if (!otp_shield(db, conf, t->lane, t->address, now, &rc)) {
		sent->fate = OTP_SHIELDED;
		return rc;
	}
	return code_send(db, a, conf, purpose, t, random, now);
}

enum rc
otp_request(struct db *db, struct arena *a, const struct conf *conf,
    enum otp_purpose purpose, const char *identifier, int64_t now,
    struct otp_sent *sent, struct err *err)
{
	struct otp_target t;
	enum rc rc;

	rc = otp_target(db, a, purpose, identifier, &t);
	if (rc == RC_OK)
		rc = otp_issue(db, a, conf, purpose, &t, now, sent);
	if (rc != RC_OK)
		return rc;
	if (sent->fate != OTP_TOO_SOON && sent->fate != OTP_TOO_MANY)
		return RC_OK;
	err_set(err, RC_LIMITED, NULL, sent->fate == OTP_TOO_SOON ?
	    "A code was sent a moment ago" : "No more codes today");
	err->retry_after = throttle_seconds(sent->wait);
	return RC_LIMITED;
}

static enum rc
locked(struct err *err, int64_t wait)
{
	err_set(err, RC_LIMITED, "otp_locked",
	    "Too many wrong codes; ask for a new one later");
	err->retry_after = throttle_seconds(wait);
	return RC_LIMITED;
}

static enum rc
wrong(struct db *db, const struct hash *key, const struct hash *guesses,
    int64_t left, int64_t now, struct err *err)
{
	struct stmt *q = db_q(db, Q_OTP_MISS);
	enum rc rc;

	q_blob(q, ":key", key->b, sizeof(key->b));
	rc = q_run(q);
	if (rc == RC_OK)
		rc = throttle_add(db, "otp_guess", guesses, HOUR, now);
	if (rc != RC_OK)
		return rc;
	err_set(err, RC_BAD, "otp_invalid", "This code is wrong");
	err->attempts_left = (int)left - 1;
	return RC_BAD;
}

enum rc
otp_use(struct db *db, struct arena *a, const struct conf *conf,
    enum otp_purpose purpose, const char *identifier, const char *code,
    int64_t now, int64_t *user, struct err *err)
{
	struct hash key, guesses, hash;
	struct otp_target t;
	struct stmt *q;
	struct code c;
	int64_t n, wait;
	enum rc rc;

	if (strlen(code) != OTP_DIGITS)
		BUG("a code of %zu characters", strlen(code));
	rc = otp_target(db, a, purpose, identifier, &t);
	if (rc != RC_OK)
		return rc;
	key = code_key(conf, purpose, t.address);
	guesses = throttle_key(conf, "otp_guess", t.address);
	rc = code_get(db, &key, &c);
	if (rc == RC_OK)
		rc = throttle_get(db, "otp_guess", &guesses, now, &n, &wait);
	if (rc != RC_OK)
		return rc;
	if (!c.found || c.expires_at <= now)
		return err_set(err, RC_BAD, "otp_expired",
		    "This code is no longer valid; ask for a new one");
	if (n >= OTP_GUESSES_HOUR)
		return locked(err, wait);
	if (c.tries_left == 0)
		return locked(err, c.created_at + conf->otp_resend * SECOND -
		    now);
	hash = code_hash(conf, &key, c.user, code);
	if (!hash_eq(&hash, &c.hash, sizeof(hash)) || c.user == 0)
		return wrong(db, &key, &guesses, c.tries_left, now, err);
	q = db_q(db, Q_OTP_DROP);
	q_blob(q, ":key", key.b, sizeof(key.b));
	rc = q_run(q);
	*user = c.user;
	return rc != RC_OK ? rc : throttle_clear(db, "otp_guess", &guesses);
}
