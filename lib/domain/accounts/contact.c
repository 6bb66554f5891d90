#include "domain/accounts/contact.h"

#include <inttypes.h>

#include "base/random.h"
#include "base/ratelimit.h"
#include "base/refusal.h"
#include "base/secret_token.h"
#include "base/str.h"
#include "domain/accounts/account.h"
#include "domain/accounts/auth_session.h"
#include "domain/accounts/contact_notice.h"
#include "domain/accounts/network.h"
#include "domain/accounts/security_log.h"
#include "domain/common/throttle.h"
#include "domain/messaging/account_notice.h"
#include "domain/money/returning_user.h"

#define SCOPE		"contact"	/* requests, by account */
#define TO_SCOPE	"contact_to"	/* messages, by address */
#define NOTICE_SCOPE	"contact_notice" /* to the owner of an address */
#define GUESS_SCOPE	"otp_guess_net"	/* wrong codes, as otp_use.c */
#define NOTICES_PER_DAY	3

/* A row of contact_change. */
struct pending {
	bool found;
	const char *address;
	struct hash hash;
	int64_t tries_left, created_at, expires_at;
};

/* ---- helpers */

static struct stmt *
pending_stmt(struct db *db, enum stmt_id id, const struct contact_change *c)
{
	struct stmt *q = stmt_get(db, id);

	stmt_int(q, ":user", c->user);
	stmt_int(q, ":channel", c->channel);
	return q;
}

static enum rc
pending_get(struct db *db, struct arena *a, const struct contact_change *c,
    struct pending *p)
{
	struct stmt *q = pending_stmt(db, Q_CONTACT_CHANGE_GET, c);
	const void *bytes;
	size_t n;

	memset(p, 0, sizeof(*p));
	if (stmt_row(q)) {
		p->found = true;
		p->address = stmt_col_text(q, 0, a);
		bytes = stmt_col_blob(q, 1, &n);
		if (bytes != NULL && n == sizeof(p->hash.b))
			memcpy(p->hash.b, bytes, n);
		p->tries_left = stmt_col_int(q, 2);
		p->created_at = stmt_col_int(q, 3);
		p->expires_at = stmt_col_int(q, 4);
	}
	return stmt_done(q);
}

static enum rc
check_lock(struct db *db, int64_t user, int64_t now, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_CONTACT_LOCK_GET);
	bool locked;
	enum rc rc;

	stmt_int(q, ":user", user);
	stmt_int(q, ":now", now);
	locked = stmt_row(q);
	rc = stmt_done(q);
	if (rc != RC_OK || !locked)
		return rc;
	return err_set(err, RC_FORBIDDEN, "contact_locked", "A change of this "
	    "account was undone. Its addresses cannot be changed for 24 hours");
}

/* Returns the keyed hash of a code, bound to account and address. */
static struct hash
code_hash(const struct conf *conf, const struct contact_change *c,
    const char *address, const char *code)
{
	struct hash key = hash_derive(&conf->key_otp, "contact change");
	char text[IDENTIFIER_MAX + 64];

	snprintf(text, sizeof(text), "%" PRId64 " %d %s %s", c->user,
	    c->channel, code, address);
	return hash_hmac(key.b, sizeof(key.b), text, strlen(text));
}

static const char *
address_of(const struct account *acc, enum outbox_channel channel)
{
	return channel == OUTBOX_SMS ? acc->phone : acc->email;
}

static bool
is_verified(const struct account *acc, enum outbox_channel channel)
{
	return address_of(acc, channel) != NULL && (channel == OUTBOX_SMS ?
	    acc->phone_ok : acc->email_ok);
}

/* ---- request */

/* Checks and counts the limits of requests. None depends on other accounts. */
static enum rc
check_limits(struct db *db, struct arena *a, const struct conf *conf,
    const struct contact_change *c, int64_t now, struct err *err)
{
	struct otp_limits_message m = { .pool = OTP_POOL_ACCOUNT,
	    .channel = c->channel, .address = c->address, .from = c->from,
	    .phone = c->channel == OUTBOX_SMS ? c->address : NULL,
	    .real = true };
	struct pending last;
	int64_t wait;
	enum rc rc;

	rc = pending_get(db, a, c, &last);
	if (rc != RC_OK)
		return rc;
	wait = last.created_at + conf->otp_resend_interval * SECOND - now;
	if (last.found && wait > 0) {
		refusal_count(REFUSED_RESEND);
		return otp_limits_refuse(err, wait);
	}
	rc = throttle_user(db, conf, SCOPE, c->user, conf->otp_max_per_day, DAY,
	    now, err);
	if (rc == RC_OK) {
		rc = otp_limits_request(db, conf, c->channel == OUTBOX_SMS,
		    false, c->from, now, &wait);
		if (rc == RC_LIMITED)
			return otp_limits_refuse(err, wait);
	}
	if (rc == RC_OK && !otp_limits_take(db, conf, &m, now, &rc) &&
	    rc == RC_OK)
		return otp_limits_refuse(err, HOUR);
	return rc;
}

/*
 * Sends the code, or the notice to the owner of the address. Both are limited by
 * address, silently.
 */
static enum rc
send(struct db *db, struct arena *a, const struct conf *conf,
    const struct contact_change *c, const char *code, int64_t owner,
    int64_t now)
{
	const char *scope = owner != 0 ? NOTICE_SCOPE : TO_SCOPE;
	int64_t max = owner != 0 ? NOTICES_PER_DAY : conf->otp_max_per_day;
	struct hash key = throttle_key(conf, scope, c->address);
	int64_t n, wait;
	enum rc rc;

	rc = throttle_get(db, scope, &key, now, &n, &wait);
	if (rc == RC_OK)
		rc = throttle_add(db, scope, &key, DAY, now);
	if (rc != RC_OK)
		return rc;
	return owner != 0 ? contact_notice_taken(db, a, n < max, owner,
	    c->channel, c->address, now) : contact_notice_code(db, a, conf,
	    n < max, c->user, c->channel, c->address, code, now);
}

enum rc
contact_begin(struct db *db, struct arena *a, const struct conf *conf,
    const struct contact_change *c, int64_t now, struct otp_sent *sent,
    struct err *err)
{
	char code[OTP_DIGITS + 1];
	struct account acc, owner;
	struct hash hash;
	struct stmt *q;
	enum rc rc;

	rc = check_lock(db, c->user, now, err);
	if (rc == RC_OK)
		rc = account_get(db, a, c->user, &acc);
	if (rc != RC_OK)
		return rc;
	if (is_verified(&acc, c->channel) &&
	    str_eq_nocase(address_of(&acc, c->channel), c->address))
		return err_field(err, c->channel == OUTBOX_SMS ? "phone" :
		    "email", "is that of your account");
	rc = check_limits(db, a, conf, c, now, err);
	if (rc == RC_OK)
		rc = account_owner(db, a, c->channel, c->address, &owner);
	if (rc != RC_OK)
		return rc;
	snprintf(code, sizeof(code), "%06u", random_below(1000000));
	hash = code_hash(conf, c, c->address, code);
	/* No code of an address that belongs to another account is right. */
	if (owner.id != 0)
		random_bytes(hash.b, sizeof(hash.b));
	*sent = (struct otp_sent){ .result = OTP_SENT,
	    .expires_at = now + conf->otp_ttl * SECOND,
	    .resend_after = now + conf->otp_resend_interval * SECOND };
	q = pending_stmt(db, Q_CONTACT_CHANGE_PUT, c);
	stmt_text(q, ":address", c->address);
	stmt_blob(q, ":hash", hash.b, sizeof(hash.b));
	stmt_int(q, ":tries", conf->otp_max_attempts);
	stmt_int(q, ":now", now);
	stmt_int(q, ":expires", sent->expires_at);
	rc = stmt_run(q);
	return rc == RC_OK ? send(db, a, conf, c, code, owner.id, now) : rc;
}

/* ---- change */

/*
 * Stores the present addresses and makes the link that restores them. to: the
 * address that receives it.
 */
static enum rc
add_undo(struct db *db, struct arena *a, const struct conf *conf,
    const struct contact_change *c, const char *to, int64_t now,
    const char **link)
{
	struct stmt *q = stmt_get(db, Q_CONTACT_UNDO_ADD);
	char text[SECRET_TOKEN_TEXT];
	struct hash hash = secret_token_make(text);

	*link = arena_fmt(a, "%s/app/#/restore/%s", conf->base_url, text);
	stmt_blob(q, ":hash", hash.b, sizeof(hash.b));
	stmt_int(q, ":user", c->user);
	stmt_int(q, ":session", c->session);
	stmt_text(q, ":to", to);
	stmt_int(q, ":now", now);
	stmt_int(q, ":expires", now + CONTACT_UNDO);
	return stmt_run(q);
}

/* Returns the verified address to notify: the former one, else the other. */
static const char *
former_address(const struct account *acc, enum outbox_channel *channel)
{
	enum outbox_channel other = *channel == OUTBOX_SMS ? OUTBOX_EMAIL :
	    OUTBOX_SMS;

	if (!is_verified(acc, *channel))
		*channel = other;
	return is_verified(acc, *channel) ? address_of(acc, *channel) : NULL;
}

/* Stores whether the new address was added by knowing only the password. */
static enum rc
mark_address(struct db *db, const struct contact_change *c)
{
	enum rc rc = stmt_run(pending_stmt(db,
	    Q_CONTACT_PASSWORD_ADDRESS_DROP, c));
	struct stmt *q;

	if (rc != RC_OK)
		return rc;
	q = pending_stmt(db, Q_CONTACT_PASSWORD_ADDRESS_ADD, c);
	stmt_int(q, ":session", c->session);
	return stmt_run(q);
}

/*
 * Changes a verified address, and notifies the user and a former address. undo: the notice has a
 * link. Returns RC_CONFLICT if another account has verified the new address.
 */
static enum rc
change_address(struct db *db, struct arena *a, const struct conf *conf,
    const struct contact_change *c, bool undo, int64_t now, struct err *err)
{
	enum outbox_channel channel = c->channel;
	const char *link = NULL, *former, *masked;
	struct account acc;
	struct stmt *q;
	enum rc rc;

	rc = account_get(db, a, c->user, &acc);
	if (rc != RC_OK)
		return rc;
	former = former_address(&acc, &channel);
	masked = identifier_mask(a, c->address);
	if (former != NULL && undo)
		rc = add_undo(db, a, conf, c, former, now, &link);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, c->channel == OUTBOX_SMS ? Q_CONTACT_SET_PHONE :
	    Q_CONTACT_SET_EMAIL);
	stmt_int(q, ":user", c->user);
	stmt_text(q, ":address", c->address);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	if (rc == RC_OK)
		rc = stmt_run(pending_stmt(db, Q_CONTACT_CHANGE_DROP, c));
	if (rc == RC_OK)
		rc = mark_address(db, c);
	if (rc == RC_OK && is_verified(&acc, c->channel))
		rc = returning_user_keep(db, a, conf, c->user,
		    address_of(&acc, c->channel), now);
	if (rc == RC_OK)
		rc = returning_user_link(db, a, conf, c->user, c->address, now,
		    err);
	if (rc == RC_OK)
		rc = security_log_add(db, c->user, c->channel == OUTBOX_SMS ?
		    SECURITY_PHONE_CHANGED : SECURITY_EMAIL_CHANGED, c->session,
		    masked, now);
	if (rc == RC_OK && former != NULL)
		rc = contact_notice_changed(db, a, c->user, channel, former,
		    masked, link, now);
	return rc == RC_OK ? account_notice_contact(db, a, c->user, masked,
	    now) : rc;
}

static enum rc
expired(struct err *err)
{
	return err_set(err, RC_BAD, "otp_expired",
	    "The code has expired. Request a new one");
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
count_wrong(struct db *db, const struct conf *conf,
    const struct contact_change *c, const struct pending *p, int64_t now,
    struct err *err)
{
	enum rc rc = stmt_run(pending_stmt(db, Q_CONTACT_CHANGE_MISS, c));

	if (rc == RC_OK)
		rc = network_count(db, conf, GUESS_SCOPE, "", c->from,
		    conf->login_window * SECOND, now);
	if (rc != RC_OK)
		return rc;
	err_set(err, RC_BAD, "otp_invalid", "The code is wrong");
	err->attempts_left = (int)p->tries_left - 1;
	return RC_BAD;
}

enum rc
contact_verify(struct db *db, struct arena *a, const struct conf *conf,
    const struct contact_change *in, int64_t now, struct err *err)
{
	struct contact_change c = *in;
	struct hash hash;
	struct pending p;
	int64_t wait;
	bool full;
	enum rc rc;

	rc = check_lock(db, c.user, now, err);
	if (rc == RC_OK)
		rc = pending_get(db, a, &c, &p);
	if (rc == RC_OK)
		rc = network_full(db, conf, GUESS_SCOPE, "", c.from,
		    conf->otp_max_attempts_per_network, now, &full, &wait);
	if (rc != RC_OK)
		return rc;
	if (full)
		return locked(err, wait);
	if (!p.found || p.expires_at <= now)
		return expired(err);
	if (p.tries_left == 0)
		return locked(err, p.created_at +
		    conf->otp_resend_interval * SECOND - now);
	hash = code_hash(conf, &c, p.address, c.code);
	if (!hash_eq(&hash, &p.hash, sizeof(hash)))
		return count_wrong(db, conf, &c, &p, now, err);
	c.address = p.address;
	rc = change_address(db, a, conf, &c, true, now, err);
	return rc == RC_CONFLICT ? expired(err) : rc;
}

enum rc
contact_set(struct db *db, struct arena *a, const struct conf *conf,
    const struct contact_change *c, const struct audit_by *by,
    struct err *err)
{
	const char *before, *after;
	enum rc rc;

	if (c->channel == OUTBOX_SMS && conf->sms_by == SMS_NONE)
		return err_set(err, RC_CONFLICT, NULL, "The service sends no "
		    "SMS (delivery.sms is none)");
	rc = audit_user(db, a, c->user, &before);
	if (rc == RC_OK)
		rc = change_address(db, a, conf, c, false, by->now, err);
	if (rc == RC_CONFLICT)
		return err_set(err, rc, "address_in_use",
		    "Another account has this address");
	if (rc == RC_OK)
		rc = auth_session_revoke_all(db, c->user, by->now);
	if (rc == RC_OK)
		rc = audit_user(db, a, c->user, &after);
	return rc == RC_OK ? audit_add(db, by, c->channel == OUTBOX_SMS ?
	    "user.set_phone" : "user.set_email", arena_fmt(a, "user:%" PRId64,
	    c->user), before, after) : rc;
}

enum rc
contact_staff_without(struct db *db, struct arena *a, int64_t *n,
    const char **name)
{
	struct stmt *q = stmt_get(db, Q_CONTACT_STAFF_WITHOUT);

	*n = 0;
	*name = NULL;
	if (stmt_row(q)) {
		*n = stmt_col_int(q, 0);
		*name = stmt_col_text(q, 1, a);
	}
	return stmt_done(q);
}

/* ---- password */

enum rc
contact_password(struct db *db, struct arena *a, int64_t user,
    int64_t session, const char *hash, int64_t now)
{
	struct account acc;
	enum rc rc;

	rc = account_get(db, a, user, &acc);
	if (rc == RC_OK)
		rc = account_set_password(db, user, hash, now);
	if (rc == RC_OK)
		rc = auth_session_revoke_others(db, user, session, now);
	if (rc == RC_OK)
		rc = security_log_add(db, user, SECURITY_PASSWORD_CHANGED,
		    session, NULL, now);
	return rc == RC_OK ? contact_notice_owner(db, a, &acc,
	    "password_changed", TEXT_VARS({ NULL, NULL }), now) : rc;
}
