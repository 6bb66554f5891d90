#include "domain/accounts/signup.h"

#include "base/clock.h"
#include "base/ratelimit.h"
#include "base/refusal.h"
#include "base/str.h"
#include "domain/accounts/network.h"
#include "domain/accounts/profile.h"
#include "domain/common/role.h"
#include "domain/common/throttle.h"

#define TOLD_A_DAY	3	/* messages to an owner about registrations */
#define CLAIM_KEPT	(7 * DAY)	/* memory of registrations */

enum rc
signup_check(struct arena *a, const struct conf *conf, struct signup *s,
    struct err *err)
{
	char *text;

	identifier_read(a, s->username, &text);
	s->username = text;
	if (!identifier_username_ok(text))
		err_field(err, "username",
		    "must be 3 to 30 of a-z, 0-9, '_' and '.'");
	if (s->email == NULL && s->phone == NULL)
		err_field(err, "email", "or phone is required");
	if (s->email != NULL && identifier_read(a, s->email, &text) != ID_EMAIL)
		err_field(err, "email", "is not an e-mail address");
	else if (s->email != NULL)
		s->email = text;
	if (s->phone != NULL && identifier_read(a, s->phone, &text) != ID_PHONE)
		err_field(err, "phone", "must be like +919876543210 (E.164)");
	else if (s->phone != NULL && !otp_limits_reaches(conf, text))
		err_field(err, "phone", "is in a country not served here");
	else if (s->phone != NULL)
		s->phone = text;
	profile_check_country(a, &s->country, err);
	profile_check_language(&s->preferred_language, err);
	return err->fields == NULL ? RC_OK : RC_INVALID;
}

/* ----------------------------------------------- who registered before */

/* The key of registrations with an address, or with a username and it. */
static struct hash
claim_key(struct arena *a, const struct conf *conf, const char *username,
    const char *address)
{
	return throttle_key(conf, "claim", username == NULL ? address :
	    arena_fmt(a, "%s %s", username, address));
}

/*
 * Remembers that a registration has this address. It is counted here, not by
 * its row, which is deleted after two days.
 */
static enum rc
remember(struct db *db, struct arena *a, const struct conf *conf,
    const char *username, const char *address, int64_t now)
{
	struct hash any = claim_key(a, conf, NULL, address);
	struct hash same = claim_key(a, conf, username, address);
	enum rc rc;

	rc = throttle_extend(db, "claim", &any, CLAIM_KEPT, now);
	if (rc != RC_OK)
		return rc;
	return throttle_extend(db, "claim", &same, CLAIM_KEPT, now);
}

/*
 * Has another registration had the address? With a username: had an expired
 * one the same username too?
 */
static enum rc
is_contested(struct db *db, struct arena *a, const struct conf *conf,
    const char *username, enum outbox_channel lane, const char *address,
    int64_t now, bool *contested)
{
	struct hash key = claim_key(a, conf, username, address);
	int64_t n, wait, pending = 0;
	enum rc rc;

	rc = throttle_get(db, "claim", &key, now, &n, &wait);
	if (rc == RC_OK && username == NULL)
		rc = account_pending_count(db, lane, address, &pending);
	*contested = n > 1 || pending > 1;
	return rc;
}

/* The address of the account that was verified. */
static const char *
verified_address(const struct account *acc, enum outbox_channel lane)
{
	return lane == OUTBOX_SMS ? acc->phone : acc->email;
}

/*
 * Does the username look like a phone number? Then the person who enters it may
 * mean the number.
 */
static bool
is_numeric(const char *username)
{
	return strspn(username, "0123456789._") == strlen(username);
}

/*
 * Is the registration perhaps not that of the person who verifies it? A code
 * that was sent to the phone may be used with the e-mail address.
 */
static enum rc
is_doubtful(struct db *db, struct arena *a, const struct conf *conf,
    const struct account *acc, const struct otp_used *used, int64_t now,
    bool *doubtful)
{
	const char *address = verified_address(acc, used->lane);
	bool named = used->kind == ID_USERNAME && !is_numeric(acc->username);
	bool other = false;
	enum rc rc;

	rc = is_contested(db, a, conf, named ? acc->username : NULL,
	    used->lane, address, now, doubtful);
	if (rc != RC_OK || used->kind == ID_USERNAME)
		return rc;
	rc = is_contested(db, a, conf, NULL, used->kind == ID_PHONE ?
	    OUTBOX_SMS : OUTBOX_EMAIL, used->identifier, now, &other);
	*doubtful |= other;
	return rc;
}

/*
 * Forgets the registrations with an address that was verified, unless others
 * with it are left: its owner may delete the account and register again.
 */
static enum rc
forget_signup(struct db *db, struct arena *a, const struct conf *conf,
    const struct account *acc, enum outbox_channel lane)
{
	const char *address = verified_address(acc, lane);
	struct hash any = claim_key(a, conf, NULL, address);
	struct hash same = claim_key(a, conf, acc->username, address);
	int64_t pending;
	enum rc rc;

	rc = account_pending_count(db, lane, address, &pending);
	if (rc == RC_OK)
		rc = throttle_clear(db, "claim", &same);
	if (rc != RC_OK || pending > 0)
		return rc;
	return throttle_clear(db, "claim", &any);
}

enum rc
signup_activate(struct db *db, struct arena *a, const struct conf *conf,
    const struct account *acc, const struct otp_used *used, int64_t now,
    struct err *err)
{
	const struct audit_by by = { .now = now };
	bool doubtful;
	enum rc rc;

	rc = is_doubtful(db, a, conf, acc, used, now, &doubtful);
	if (rc != RC_OK)
		return rc;
	if (doubtful)
		rc = account_prove_only(db, acc->id, used->lane, now);
	else
		rc = account_prove(db, acc->id, used->lane, now);
	if (rc == RC_OK && doubtful)
		rc = role_change(db, a, acc->id, 0, ~role_bit("customer"),
		    &by, err);
	return rc == RC_OK ? forget_signup(db, a, conf, acc, used->lane) : rc;
}

/* ---------------------------------------------------------- registering */

/*
 * Notifies the owner of an address a few times a day; does the same work if
 * there is none.
 */
static enum rc
tell_owner(struct db *db, const struct conf *conf, int64_t owner,
    enum outbox_channel lane, const char *address, int64_t now)
{
	struct hash key = throttle_key(conf, "told", address);
	struct hash nobody = throttle_key(conf, "nobody", "");
	int64_t n, wait;
	bool tell;
	enum rc rc;

	rc = throttle_get(db, "told", &key, now, &n, &wait);
	tell = owner != 0 && n < TOLD_A_DAY;
	if (rc == RC_OK)
		rc = throttle_add(db, "told", tell ? &key : &nobody, DAY, now);
	if (rc != RC_OK)
		return rc;
	if (owner != 0 && !tell)
		refusal_count(REFUSED_OWNER);
	if (!tell)
		return otp_send_nothing(db, conf, now);
	return outbox_add(db, lane, owner, address, "register_taken", NULL,
	    "You already have an account", "Somebody, perhaps you, tried to "
	    "register with this address. You have an account already: sign "
	    "in, or set a new password. If it was not you, there is nothing "
	    "to do.", NULL, now, DAY);
}

static enum rc
limited(struct err *err, int64_t wait)
{
	err_set(err, RC_LIMITED, NULL, "No more codes can be sent; try later");
	err->retry_after = throttle_seconds(wait);
	return RC_LIMITED;
}

/* The e-mail address of a registration whose code goes to a phone. */
static enum rc
second_address(struct db *db, struct arena *a, const struct conf *conf,
    const struct signup *s, int64_t now, struct err *err)
{
	struct otp_limits_message m = { .pool = SHIELD_REGISTER,
	    .lane = OUTBOX_EMAIL, .address = s->email, .from = s->from,
	    .real = true };
	struct account owner;
	int64_t wait;
	enum rc rc;

	rc = otp_limits_request(db, conf, false, false, s->from, now, &wait);
	if (rc == RC_LIMITED)
		return limited(err, wait);
	if (rc == RC_OK)
		rc = account_owner(db, a, OUTBOX_EMAIL, s->email, &owner);
	if (rc == RC_OK)
		rc = remember(db, a, conf, s->username, s->email, now);
	if (rc != RC_OK)
		return rc;
	if (!otp_limits_take(db, conf, &m, now, &rc))
		return rc == RC_OK ? limited(err, HOUR) : rc;
	return tell_owner(db, conf, owner.id, OUTBOX_EMAIL, s->email, now);
}

/*
 * Sends the code, unless the address belongs to an account, whose owner is
 * notified. The code is requested with the address and the username, and with
 * a second address unless it has just been used to request another.
 */
static enum rc
send_first(struct db *db, struct arena *a, const struct conf *conf,
    struct signup *s, int64_t now, struct err *err)
{
	struct otp_target t = { .lane = s->lane, .typed = s->address,
	    .kind = s->lane == OUTBOX_SMS ? ID_PHONE : ID_EMAIL,
	    .address = s->address, .from = s->from };
	struct account owner;
	struct hash key;
	bool held, soon;
	enum rc rc;

	rc = otp_ask(db, conf, OTP_REGISTER, &t, true, now, &s->sent);
	if (rc == RC_OK)
		rc = account_owner(db, a, s->lane, s->address, &owner);
	if (rc != RC_OK)
		return rc;
	/* Too soon is no failure: the account is there, resend-otp follows. */
	soon = s->sent.fate == OTP_TOO_SOON;
	if (s->sent.fate != OTP_SENT && !soon)
		return limited(err, s->sent.wait);
	rc = tell_owner(db, conf, owner.id, s->lane, s->address, now);
	if (rc != RC_OK)
		return rc;
	t.user = owner.id != 0 ? 0 : s->id;
	rc = otp_issue(db, a, conf, OTP_REGISTER, &t, SHIELD_REGISTER, !soon,
	    now, &key, &held);
	if (rc != RC_OK)
		return rc;
	if (held)
		return limited(err, HOUR);
	if (soon)
		return RC_OK;
	rc = otp_offer(db, conf, OTP_REGISTER, s->address, s->from, &key, now);
	if (rc == RC_OK)
		rc = otp_offer(db, conf, OTP_REGISTER, s->username, s->from,
		    &key, now);
	if (rc == RC_OK && s->lane == OUTBOX_SMS && s->email != NULL)
		rc = otp_offer(db, conf, OTP_REGISTER, s->email, s->from,
		    &key, now);
	return rc;
}

enum rc
signup_pending(struct db *db, struct arena *a, const char *username,
    const char **hash)
{
	struct account_match m;
	enum rc rc;

	rc = account_find(db, a, ID_USERNAME, username, &m);
	*hash = rc == RC_OK && m.owner.status == USER_PENDING ?
	    m.owner.password : NULL;
	return rc;
}

/*
 * Remembers a registration whose username is taken. The number of those of one
 * network is limited like that of its requests by e-mail.
 */
static enum rc
remember_conflict(struct db *db, struct arena *a, const struct conf *conf,
    struct signup *s, int64_t now, struct err *err)
{
	int64_t wait;
	bool full;
	enum rc rc;

	rc = network_full(db, conf, "claim_net", "", s->from,
	    conf->otp_max_email_per_network_hour, now, &full, &wait);
	if (rc == RC_OK && full)
		return limited(err, wait);
	if (rc == RC_OK)
		rc = network_count(db, conf, "claim_net", "", s->from, HOUR,
		    now);
	if (rc == RC_OK && s->phone != NULL)
		rc = remember(db, a, conf, s->username, s->phone, now);
	if (rc == RC_OK && s->email != NULL)
		rc = remember(db, a, conf, s->username, s->email, now);
	if (rc != RC_OK)
		return rc;
	s->keep = true;
	return RC_CONFLICT;
}

enum rc
signup(struct db *db, struct arena *a, const struct conf *conf,
    struct signup *s, int64_t now, struct err *err)
{
	struct account_new n = { .username = s->username, .sex = s->sex,
	    .country = s->country, .email = s->email, .phone = s->phone,
	    .preferred_language = s->preferred_language,
	    .password = s->password, .roles = 1, .status = USER_PENDING };
	enum rc rc;

	if (s->referral_code != NULL) {
		rc = account_referrer(db, s->referral_code, &n.referred_by);
		if (rc != RC_OK)
			return rc;
		if (n.referred_by == 0)
			return err_field(err, "referral_code", "is not known");
	}
	rc = account_add(db, &n, now, err);
	if (rc == RC_CONFLICT && !s->repeated)
		return remember_conflict(db, a, conf, s, now, err);
	if (rc != RC_OK)
		return rc;
	s->id = n.id;
	s->lane = s->phone != NULL ? OUTBOX_SMS : OUTBOX_EMAIL;
	s->address = s->phone != NULL ? s->phone : s->email;
	rc = remember(db, a, conf, s->username, s->address, now);
	if (rc == RC_OK)
		rc = send_first(db, a, conf, s, now, err);
	if (rc == RC_OK && s->lane == OUTBOX_SMS && s->email != NULL)
		rc = second_address(db, a, conf, s, now, err);
	return rc;
}
