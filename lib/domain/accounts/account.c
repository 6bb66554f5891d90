#include "domain/accounts/account.h"

#include "base/hash.h"
#include "base/random.h"
#include "base/wakeup.h"
#include "domain/accounts/auth_session.h"
#include "domain/accounts/contact_notice.h"
#include "domain/accounts/identity.h"
#include "domain/accounts/mfa.h"
#include "domain/calls/call.h"
#include "domain/common/removal.h"
#include "domain/common/role.h"
#include "domain/money/wallet_close.h"
#include "domain/money/redemption.h"
#include "domain/money/returning_user.h"

#define REFERRAL_CHARS	8
#define REFERRAL_TRIES	5

/* Makes a random code of characters that do not look like each other. */
static void
referral_code(char out[REFERRAL_CHARS + 1])
{
	static const char chars[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
	size_t i;

	for (i = 0; i < REFERRAL_CHARS; i++)
		out[i] = chars[random_below(sizeof(chars) - 1)];
	out[REFERRAL_CHARS] = '\0';
}

static enum rc
exists(struct db *db, enum stmt_id id, const char *text, bool *found)
{
	struct stmt *q = stmt_get(db, id);

	stmt_text(q, ":text", text);
	*found = stmt_row(q);
	return stmt_done(q);
}

enum rc
account_add(struct db *db, struct account_new *n, int64_t now,
    struct err *err)
{
	char code[REFERRAL_CHARS + 1];
	bool taken;
	int round;
	enum rc rc;

	rc = exists(db, Q_ACCOUNT_HAS_USERNAME, n->username, &taken);
	if (rc != RC_OK)
		return rc;
	if (taken)
		return err_set(err, RC_CONFLICT, "username_taken",
		    "This username is taken");
	for (round = 0, taken = true; taken; round++) {
		if (round == REFERRAL_TRIES)
			return err_set(err, RC_BUSY, NULL, NULL);
		referral_code(code);
		rc = exists(db, Q_ACCOUNT_HAS_REFERRAL, code, &taken);
		if (rc != RC_OK)
			return rc;
	}
	n->uuid = uuid_new(now);
	struct stmt *q = stmt_get(db, Q_ACCOUNT_ADD);
	stmt_uuid(q, ":uuid", &n->uuid);
	stmt_int(q, ":status", n->status);
	stmt_int(q, ":roles", n->roles);
	stmt_text(q, ":username", n->username);
	stmt_text(q, ":sex", n->sex);
	stmt_text(q, ":language", n->preferred_language);
	stmt_text(q, ":country", n->country);
	stmt_text(q, ":email", n->email);
	stmt_text(q, ":phone", n->phone);
	stmt_int(q, ":proved", n->proved);
	stmt_text(q, ":password", n->password);
	stmt_text(q, ":referral", code);
	stmt_id(q, ":referrer", n->referred_by);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	if (rc == RC_CONFLICT)
		return err_set(err, rc, "already_exists",
		    "This e-mail address or phone number is in use");
	n->id = db_last_id(db);
	return rc;
}

enum rc
account_referrer(struct db *db, const char *code, int64_t *id)
{
	struct stmt *q = stmt_get(db, Q_ACCOUNT_REFERRER);

	stmt_text(q, ":code", code);
	*id = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

const char *
account_address(const struct account *acc, enum outbox_channel *channel)
{
	bool phone = acc->phone != NULL, email = acc->email != NULL;

	/* Prefer a verified address, then the phone. */
	if (phone && (acc->phone_ok || !email || !acc->email_ok)) {
		*channel = OUTBOX_SMS;
		return acc->phone;
	}
	*channel = OUTBOX_EMAIL;
	return acc->email;
}

enum rc
account_verify(struct db *db, int64_t id, enum outbox_channel channel,
    int64_t now)
{
	struct stmt *q = stmt_get(db, Q_ACCOUNT_VERIFY);

	stmt_int(q, ":id", id);
	stmt_int(q, ":email", channel == OUTBOX_EMAIL);
	stmt_int(q, ":phone", channel == OUTBOX_SMS);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

enum rc
account_verify_only(struct db *db, int64_t id, enum outbox_channel channel,
    int64_t referrer, int64_t now)
{
	static const enum stmt_id drops[] = {
		Q_ACCOUNT_DROP_TOKENS, Q_ACCOUNT_DROP_NETWORKS,
		Q_ACCOUNT_DROP_IDENTITIES, Q_ACCOUNT_DROP_CONTACT_CHANGES,
	};
	struct stmt *q = stmt_get(db, Q_ACCOUNT_VERIFY_ONLY);
	enum rc rc;
	size_t i;

	stmt_int(q, ":id", id);
	stmt_int(q, ":email", channel == OUTBOX_EMAIL);
	stmt_int(q, ":phone", channel == OUTBOX_SMS);
	stmt_id(q, ":referrer", referrer);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	if (rc == RC_OK)
		rc = auth_session_revoke_all(db, id, now);
	if (rc == RC_OK)
		rc = mfa_drop(db, id);
	for (i = 0; i < NELEM(drops) && rc == RC_OK; i++) {
		q = stmt_get(db, drops[i]);
		stmt_int(q, ":id", id);
		rc = stmt_run(q);
	}
	return rc;
}

enum rc
account_drop_networks(struct db *db, int64_t id)
{
	struct stmt *q = stmt_get(db, Q_ACCOUNT_DROP_NETWORKS);

	stmt_int(q, ":id", id);
	return stmt_run(q);
}

enum rc
account_set_password(struct db *db, int64_t id, const char *hash, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_ACCOUNT_SET_PASSWORD);

	stmt_int(q, ":id", id);
	stmt_text(q, ":hash", hash);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

enum rc
account_delete(struct db *db, struct arena *a, const struct conf *conf,
    int64_t id, const char *payout_contact, const char *request_id,
    int64_t now, struct err *err)
{
	static const enum stmt_id drops[] = {
		Q_ACCOUNT_DROP_CODES, Q_ACCOUNT_DROP_NETWORKS,
		Q_ACCOUNT_DROP_PUSH,
		Q_ACCOUNT_DROP_LANGUAGES, Q_ACCOUNT_DROP_LISTENER,
		Q_ACCOUNT_DROP_PREFERENCE, Q_ACCOUNT_DROP_TOKENS,
		Q_ACCOUNT_DROP_AVAILABILITY,
		Q_ACCOUNT_DROP_PRESENCE, Q_ACCOUNT_DROP_CONTACT_CHANGES,
		Q_ACCOUNT_DROP_CONTACT_UNDOS, Q_ACCOUNT_DROP_SECURITY_LOG,
		Q_ACCOUNT_DROP_USERNAME_MARK, Q_SETTINGS_DROP,
		Q_ACCOUNT_DROP_BLOCKS, Q_ACCOUNT_DROP_BLOCKED,
		Q_ACCOUNT_DROP_LINKS, Q_ACCOUNT_DROP_IDENTITIES,
	};
	struct account acc;
	struct stmt *q;
	enum rc rc;
	size_t i;

	rc = account_get(db, a, id, &acc);
	if (rc == RC_OK)
		rc = role_keep_admin(db, id, now, err);
	if (rc == RC_OK)
		rc = call_end_of(db, id, SESSION_CAUSE_DELETED, now, err);
	if (rc == RC_OK)
		rc = redemption_forfeit(db, id);
	if (rc == RC_OK && acc.email_ok)
		rc = returning_user_keep(db, a, conf, id, acc.email, now);
	if (rc == RC_OK && acc.phone_ok)
		rc = returning_user_keep(db, a, conf, id, acc.phone, now);
	if (rc == RC_OK)
		rc = identity_keep_former(db, a, conf, id, now);
	if (rc == RC_OK)
		rc = wallet_close(db, id, payout_contact, now, err);
	if (rc == RC_OK)
		rc = contact_notice_deleted(db, a, &acc, now);
	if (rc != RC_OK)
		return rc;
	for (i = 0; i < NELEM(drops); i++) {
		q = stmt_get(db, drops[i]);
		stmt_int(q, ":id", id);
		rc = stmt_run(q);
		if (rc != RC_OK)
			return rc;
	}
	rc = auth_session_revoke_all(db, id, now);
	if (rc == RC_OK)
		rc = mfa_drop(db, id);
	if (rc == RC_OK)
		rc = removal_account(db, id, request_id, now);
	if (rc != RC_OK)
		return rc;
	db_wake_add(db, WAKEUP_REALTIME);
	q = stmt_get(db, Q_ACCOUNT_ERASE);
	stmt_int(q, ":id", id);
	/* Usernames cannot contain '-', so this name is always free. */
	stmt_text(q, ":username", arena_fmt(a, "deleted-%lld", (long long)id));
	stmt_text(q, ":referral", arena_fmt(a, "deleted-%lld", (long long)id));
	stmt_int(q, ":now", now);
	return stmt_run(q);
}
