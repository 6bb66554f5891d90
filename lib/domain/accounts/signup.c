#include "domain/accounts/signup.h"

#include "base/clock.h"
#include "base/ratelimit.h"
#include "base/refusal.h"
#include "base/str.h"
#include "domain/accounts/network.h"
#include "domain/accounts/profile.h"
#include "domain/accounts/username.h"
#include "domain/common/role.h"
#include "domain/common/throttle.h"
#include "domain/messaging/notification.h"
#include "domain/money/returning_user.h"

#define NOTICES_PER_DAY	3	/* to an owner about registrations */
#define CLAIM_WINDOW	(7 * DAY)	/* for counting registrations */

enum rc
signup_check(struct arena *a, const struct conf *conf, struct signup *s,
    struct err *err)
{
	identifier_check_username(a, &s->username, err);
	if (s->email == NULL && s->phone == NULL)
		err_field(err, "email", conf->sms_by == SMS_NONE ?
		    "is required" : "or phone is required");
	if (s->email != NULL)
		identifier_check_email(a, &s->email, err);
	if (s->phone != NULL && identifier_check_phone(a,
	    conf->default_country, &s->phone, err))
		otp_limits_check_phone(conf, "phone", s->phone, err);
	profile_check_country(a, &s->country, err);
	profile_check_language(&s->preferred_language, err);
	return err->fields == NULL ? RC_OK : RC_INVALID;
}

/* ---- earlier registrations */

/*
 * Returns the key of registrations with an address and (unless NULL) a
 * username.
 */
static struct hash
claim_key(struct arena *a, const struct conf *conf, const char *username,
    const char *address)
{
	return throttle_key(conf, "claim", username == NULL ? address :
	    arena_fmt(a, "%s %s", username, address));
}

/*
 * Counts a registration with an address. This counter lasts longer than the
 * row of a registration, which is deleted after two days.
 */
static enum rc
count_claim(struct db *db, struct arena *a, const struct conf *conf,
    const char *username, const char *address, int64_t now)
{
	struct hash any = claim_key(a, conf, NULL, address);
	struct hash same = claim_key(a, conf, username, address);
	enum rc rc;

	rc = throttle_extend(db, "claim", &any, CLAIM_WINDOW, now);
	if (rc != RC_OK)
		return rc;
	return throttle_extend(db, "claim", &same, CLAIM_WINDOW, now);
}

/*
 * Sets *contested if another registration had the address; if a username is
 * given, only if it had the same username, too.
 */
static enum rc
is_contested(struct db *db, struct arena *a, const struct conf *conf,
    const char *username, enum outbox_channel channel, const char *address,
    int64_t now, bool *contested)
{
	struct hash key = claim_key(a, conf, username, address);
	int64_t n, wait, pending = 0;
	enum rc rc;

	rc = throttle_get(db, "claim", &key, now, &n, &wait);
	if (rc == RC_OK && username == NULL)
		rc = account_pending_count(db, channel, address, &pending);
	*contested = n > 1 || pending > 1;
	return rc;
}

/* Returns the account's address of a channel. */
static const char *
verified_address(const struct account *acc, enum outbox_channel channel)
{
	return channel == OUTBOX_SMS ? acc->phone : acc->email;
}

/*
 * Returns whether a username looks like a phone number. A user who enters it
 * may mean the number.
 */
static bool
is_numeric(const char *username)
{
	return strspn(username, "0123456789._") == strlen(username);
}

/*
 * Sets *doubtful if the user who verifies a registration may not be the one who
 * made it. A user who enters the code of a phone with the e-mail address owns
 * the phone, but perhaps not the address. Other registrations with the address
 * must not decide then, because the user would learn of them.
 */
static enum rc
is_doubtful(struct db *db, struct arena *a, const struct conf *conf,
    const struct account *acc, const struct otp_used *used, int64_t now,
    bool *doubtful)
{
	const char *address = verified_address(acc, used->channel);
	bool named = used->kind == ID_USERNAME && !is_numeric(acc->username);
	enum rc rc;

	rc = is_contested(db, a, conf, named ? acc->username : NULL,
	    used->channel, address, now, doubtful);
	*doubtful |= used->kind == ID_EMAIL && used->channel == OUTBOX_SMS;
	*doubtful |= used->user == OTP_OPEN;
	return rc;
}

/*
 * Clears the counters of an address that was verified, unless other
 * registrations with it are pending. So its owner may delete the account and
 * register again.
 */
static enum rc
clear_claims(struct db *db, struct arena *a, const struct conf *conf,
    const struct account *acc, enum outbox_channel channel)
{
	const char *address = verified_address(acc, channel);
	struct hash any = claim_key(a, conf, NULL, address);
	struct hash same = claim_key(a, conf, acc->username, address);
	int64_t pending;
	enum rc rc;

	rc = account_pending_count(db, channel, address, &pending);
	if (rc == RC_OK)
		rc = throttle_clear(db, "claim", &same);
	if (rc != RC_OK || pending > 0)
		return rc;
	return throttle_clear(db, "claim", &any);
}

enum rc
signup_activate(struct db *db, struct arena *a, const struct conf *conf,
    const struct account *acc, const struct otp_used *used, int64_t referrer,
    int64_t now, struct err *err)
{
	const struct audit_by by = { .now = now };
	bool doubtful;
	enum rc rc;

	rc = is_doubtful(db, a, conf, acc, used, now, &doubtful);
	if (rc != RC_OK)
		return rc;
	/* Before the activation: roles of a pending account keep no admin. */
	if (doubtful)
		rc = role_change(db, a, acc->id, 0, ~role_bit("customer"),
		    &by, err);
	if (rc == RC_OK && doubtful)
		rc = account_verify_only(db, acc->id, used->channel, referrer,
		    now);
	else if (rc == RC_OK)
		rc = account_verify(db, acc->id, used->channel, now);
	/* An attacker may have chosen the username too. */
	if (rc == RC_OK && doubtful)
		rc = username_set_generated(db, acc->id);
	if (rc == RC_OK)
		rc = returning_user_link(db, a, conf, acc->id,
		    used->channel == OUTBOX_SMS ? acc->phone : acc->email,
		    now, err);
	return rc == RC_OK ? clear_claims(db, a, conf, acc, used->channel) : rc;
}

/* ---- registration */

/*
 * Notifies the owner of an address, up to NOTICES_PER_DAY times. Executes the
 * same statements if the address has no owner.
 */
static enum rc
notify_owner(struct db *db, struct arena *a, const struct conf *conf,
    int64_t owner, enum outbox_channel channel, const char *address,
    int64_t now)
{
	struct hash key = throttle_key(conf, "signup_notice", address);
	struct hash dummy = throttle_key(conf, "nobody", "");
	int64_t n, wait;
	bool notify;
	enum rc rc;

	rc = throttle_get(db, "signup_notice", &key, now, &n, &wait);
	notify = owner != 0 && n < NOTICES_PER_DAY;
	if (rc == RC_OK)
		rc = throttle_add(db, "signup_notice", notify ? &key :
		    &dummy, DAY, now);
	if (rc != RC_OK)
		return rc;
	if (owner != 0 && !notify)
		refusal_count(REFUSED_OWNER);
	return notification_to_address_if(db, a, notify, channel, owner,
	    address, "register_taken", NULL, TEXT_VARS({ NULL, NULL }), DAY,
	    now);
}

/*
 * Handles the e-mail address of a registration whose code is sent to a phone:
 * counts it and notifies its owner.
 */
static enum rc
second_address(struct db *db, struct arena *a, const struct conf *conf,
    const struct signup *s, int64_t now, struct err *err)
{
	struct otp_limits_message m = { .pool = OTP_POOL_REGISTER,
	    .channel = OUTBOX_EMAIL, .address = s->email, .from = s->from,
	    .real = true };
	struct account owner;
	int64_t wait;
	enum rc rc;

	rc = otp_limits_request(db, conf, false, false, s->from, now, &wait);
	if (rc == RC_LIMITED)
		return otp_limits_refuse(err, wait);
	if (rc == RC_OK)
		rc = account_owner(db, a, OUTBOX_EMAIL, s->email, &owner);
	if (rc == RC_OK)
		rc = count_claim(db, a, conf, s->username, s->email, now);
	if (rc != RC_OK)
		return rc;
	if (!otp_limits_take(db, conf, &m, now, &rc))
		return rc == RC_OK ? otp_limits_refuse(err, HOUR) : rc;
	return notify_owner(db, a, conf, owner.id, OUTBOX_EMAIL, s->email, now);
}

/*
 * Sends the code. If the address has an owner, notifies the owner instead. The
 * code is valid with the address and the username, and with the e-mail address
 * if the code is sent to the phone.
 */
static enum rc
send_first(struct db *db, struct arena *a, const struct conf *conf,
    struct signup *s, int64_t now, struct err *err)
{
	struct otp_target t = { .channel = s->channel, .typed = s->address,
	    .kind = s->channel == OUTBOX_SMS ? ID_PHONE : ID_EMAIL,
	    .address = s->address, .from = s->from };
	struct account owner;
	struct hash key;
	bool held, soon;
	enum rc rc;

	rc = otp_ask(db, conf, OTP_REGISTER, &t, true, now, &s->sent);
	if (rc == RC_OK)
		rc = account_owner(db, a, s->channel, s->address, &owner);
	if (rc != RC_OK)
		return rc;
	/* If it is too soon, the client can use resend-otp later. */
	soon = s->sent.result == OTP_TOO_SOON;
	if (s->sent.result != OTP_SENT && !soon)
		return otp_limits_refuse(err, s->sent.wait);
	rc = notify_owner(db, a, conf, owner.id, s->channel, s->address, now);
	if (rc != RC_OK)
		return rc;
	t.user = owner.id != 0 ? 0 : s->id;
	rc = otp_issue(db, a, conf, OTP_REGISTER, &t, OTP_POOL_REGISTER, !soon,
	    now, &key, &held);
	if (rc != RC_OK)
		return rc;
	if (held)
		return otp_limits_refuse(err, HOUR);
	if (soon)
		return RC_OK;
	rc = otp_offer(db, conf, OTP_REGISTER, s->address, s->from, &key, now);
	if (rc == RC_OK)
		rc = otp_offer(db, conf, OTP_REGISTER, s->username, s->from,
		    &key, now);
	if (rc == RC_OK && s->channel == OUTBOX_SMS && s->email != NULL)
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
 * Counts a registration whose username is taken, so that is_contested() finds
 * it. A network can make as many of them as it can request codes by e-mail.
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
		return otp_limits_refuse(err, wait);
	if (rc == RC_OK)
		rc = network_count(db, conf, "claim_net", "", s->from, HOUR,
		    now);
	if (rc == RC_OK && s->phone != NULL)
		rc = count_claim(db, a, conf, s->username, s->phone, now);
	if (rc == RC_OK && s->email != NULL)
		rc = count_claim(db, a, conf, s->username, s->email, now);
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
	s->channel = s->phone != NULL ? OUTBOX_SMS : OUTBOX_EMAIL;
	s->address = s->phone != NULL ? s->phone : s->email;
	rc = count_claim(db, a, conf, s->username, s->address, now);
	if (rc == RC_OK)
		rc = send_first(db, a, conf, s, now, err);
	if (rc == RC_OK && s->channel == OUTBOX_SMS && s->email != NULL)
		rc = second_address(db, a, conf, s, now, err);
	return rc;
}
