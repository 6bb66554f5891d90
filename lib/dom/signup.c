#include "dom/signup.h"

#include "base/clock.h"
#include "base/limit.h"
#include "base/str.h"
#include "dom/account.h"
#include "dom/profile.h"
#include "dom/throttle.h"

#define TOLD_A_DAY	3	/* messages to an owner about others' tries */

enum rc
signup_check(struct arena *a, const struct conf *conf, struct signup *s,
    struct err *err)
{
	char *text;

	identifier_read(a, s->username, &text);
	s->username = text;
	if (!username_ok(text))
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
	else if (s->phone != NULL && !shield_reaches(conf, text))
		err_field(err, "phone", "is in a country not served here");
	else if (s->phone != NULL)
		s->phone = text;
	profile_check_country(a, &s->country, err);
	profile_check_language(&s->preferred_language, err);
	return err->fields == NULL ? RC_OK : RC_INVALID;
}

/* Tell the owner of an address, a few times a day. False: shielded, or *rc. */
static bool
tell_owner(struct db *db, const struct conf *conf, const struct account *owner,
    enum outbox_lane lane, const char *address, const char *from, int64_t now,
    enum rc *rc)
{
	struct hash key = throttle_key(conf, "told", address);
	int64_t wait;

	*rc = throttle_take(db, "told", &key, TOLD_A_DAY, DAY, now, &wait);
	if (*rc == RC_LIMITED) {
		refusal_count(REFUSED_OWNER);
		*rc = RC_OK;
		return true;
	}
	if (*rc != RC_OK)
		return false;
	if (!shield_take(db, conf, lane, address, from, now, rc))
		return false;
	*rc = outbox_add(db, lane, owner->id, address, "register_taken", NULL,
	    "You already have an account", "Somebody, perhaps you, tried to "
	    "register with this address. You have an account already: sign "
	    "in, or set a new password. If it was not you, there is nothing "
	    "to do.", NULL, now, DAY);
	return *rc == RC_OK;
}

/*
 * Whoever owns this address is told; *taken says that somebody does. RC_LIMITED
 * as for a code.
 */
static enum rc
look_up_owner(struct db *db, struct arena *a, const struct conf *conf,
    enum outbox_lane lane, const char *address, const char *from, int64_t now,
    bool *taken)
{
	struct account_match m;
	enum rc rc;

	*taken = false;
	if (address == NULL)
		return RC_OK;
	rc = account_find(db, a, lane == LANE_SMS ? ID_PHONE : ID_EMAIL,
	    address, &m);
	if (rc != RC_OK || m.owner.id == 0)
		return rc;
	*taken = true;
	if (tell_owner(db, conf, &m.owner, lane, address, from, now, &rc))
		return RC_OK;
	return rc == RC_OK ? RC_LIMITED : rc;
}

static enum rc
limited(struct err *err, int64_t wait)
{
	err_set(err, RC_LIMITED, NULL, "No more codes can be sent; try later");
	err->retry_after = throttle_seconds(wait);
	return RC_LIMITED;
}

enum rc
signup(struct db *db, struct arena *a, const struct conf *conf,
    struct signup *s, int64_t now, struct err *err)
{
	struct account_new n = { .username = s->username, .sex = s->sex,
	    .country = s->country, .email = s->email, .phone = s->phone,
	    .preferred_language = s->preferred_language,
	    .password = s->password, .roles = 1, .status = USER_PENDING };
	struct otp_target t;
	bool taken, other;
	enum rc rc;

	if (s->referral_code != NULL) {
		rc = account_referrer(db, s->referral_code, &n.referred_by);
		if (rc != RC_OK)
			return rc;
		if (n.referred_by == 0)
			return err_field(err, "referral_code", "is not known");
	}
	rc = account_add(db, &n, now, err);
	if (rc != RC_OK)
		return rc;
	s->id = n.id;
	s->lane = s->phone != NULL ? LANE_SMS : LANE_EMAIL;
	s->address = s->phone != NULL ? s->phone : s->email;
	rc = look_up_owner(db, a, conf, s->lane, s->address, s->from, now,
	    &taken);
	if (rc == RC_OK && s->lane == LANE_SMS)
		rc = look_up_owner(db, a, conf, LANE_EMAIL, s->email,
		    s->from, now, &other);
	if (rc == RC_LIMITED)
		return limited(err, HOUR);
	if (rc != RC_OK)
		return rc;
	t = (struct otp_target){ .user = taken ? 0 : n.id, .lane = s->lane,
	    .typed = s->address, .address = s->address,
	    .username = s->username, .from = s->from };
	rc = otp_issue(db, a, conf, OTP_REGISTER, &t, now, &s->sent);
	if (rc != RC_OK)
		return rc;
	/* Too soon is no failure: the account is there, resend-otp follows. */
	if (s->sent.fate == OTP_TOO_MANY)
		return limited(err, s->sent.wait);
	if (s->sent.fate == OTP_SHIELDED)
		return limited(err, HOUR);
	return RC_OK;
}
