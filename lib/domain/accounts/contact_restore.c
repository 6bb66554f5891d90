/* contact_restore: undoes a change of contact addresses. */
#include <inttypes.h>

#include "base/secret_token.h"
#include "base/str.h"
#include "domain/accounts/account.h"
#include "domain/accounts/auth_session.h"
#include "domain/accounts/contact.h"
#include "domain/accounts/contact_notice.h"
#include "domain/accounts/identity.h"
#include "domain/accounts/mfa.h"
#include "domain/accounts/security_log.h"

/* A change, and the addresses before the first one since the sign-in. */
struct undo {
	int64_t user, created_at;
	int64_t since;			/* sign-in of its session */
	int64_t id;			/* of the first change since then */
	const char *email, *phone;
	bool email_ok, phone_ok;
};

static enum rc
link_invalid(struct err *err)
{
	return err_set(err, RC_NOT_FOUND, "link_invalid",
	    "The link has expired or was used");
}

static enum rc
undo_get(struct db *db, struct arena *a, const char *token, int64_t now,
    struct undo *u, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_CONTACT_UNDO_GET);
	struct hash hash;
	enum rc rc;

	memset(u, 0, sizeof(*u));
	if (!secret_token_hash(token, &hash)) {
		(void)stmt_done(q);
		return link_invalid(err);
	}
	stmt_blob(q, ":hash", hash.b, sizeof(hash.b));
	stmt_int(q, ":now", now);
	if (stmt_row(q)) {
		u->user = stmt_col_int(q, 0);
		u->created_at = stmt_col_int(q, 1);
		u->since = stmt_col_int(q, 2);
	}
	rc = stmt_done(q);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_CONTACT_UNDO_FIRST);
	stmt_int(q, ":user", u->user);
	stmt_int(q, ":since", u->since);
	stmt_int(q, ":now", now);
	if (stmt_row(q)) {
		u->id = stmt_col_int(q, 0);
		u->email = stmt_col_text(q, 1, a);
		u->phone = stmt_col_text(q, 2, a);
		u->email_ok = stmt_col_int(q, 3) != 0;
		u->phone_ok = stmt_col_int(q, 4) != 0;
	}
	rc = stmt_done(q);
	return rc == RC_OK && u->id == 0 ? link_invalid(err) : rc;
}

/* Removes an address that another account has verified meanwhile. */
static enum rc
keep_free(struct db *db, struct arena *a, enum outbox_channel channel,
    int64_t user, const char **address, bool verified)
{
	struct account owner;
	enum rc rc;

	if (*address == NULL || !verified)
		return RC_OK;
	rc = account_owner(db, a, channel, *address, &owner);
	if (rc == RC_OK && owner.id != 0 && owner.id != user)
		*address = NULL;
	return rc;
}

static enum rc
restore_addresses(struct db *db, const struct undo *u, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_CONTACT_RESTORE);

	stmt_int(q, ":user", u->user);
	stmt_text(q, ":email", u->email);
	stmt_text(q, ":phone", u->phone);
	stmt_int(q, ":email_ok", u->email_ok);
	stmt_int(q, ":phone_ok", u->phone_ok);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

/*
 * Removes a second factor that was set up since the sign-in of the change, or
 * less than CONTACT_UNDO before the change: an attacker may have used two
 * sessions. Otherwise the owner could not sign in. An earlier one remains, so
 * that the former address alone does not open the account.
 */
static enum rc
drop_new_factor(struct db *db, const struct undo *u)
{
	int64_t since = u->created_at - CONTACT_UNDO;
	struct mfa_factor f;
	enum rc rc = mfa_factor_get(db, u->user, &f);

	if (u->since < since)
		since = u->since;
	return rc == RC_OK && (!f.active || f.confirmed_at >= since) ?
	    mfa_drop(db, u->user) : rc;
}

/* Removes what an attacker may have prepared, and prevents other changes. */
static enum rc
lock_account(struct db *db, const struct undo *u, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_CONTACT_UNDO_DROP);
	enum rc rc;

	stmt_int(q, ":user", u->user);
	stmt_int(q, ":id", u->id);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_CONTACT_CHANGE_DROP_ALL);
	stmt_int(q, ":user", u->user);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_CONTACT_PASSWORD_ADDRESS_DROP_ALL);
	stmt_int(q, ":user", u->user);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_CONTACT_LOCK_PUT);
	stmt_int(q, ":user", u->user);
	stmt_int(q, ":until", now + CONTACT_LOCK);
	rc = stmt_run(q);
	if (rc == RC_OK)
		rc = auth_session_revoke_all(db, u->user, now);
	if (rc == RC_OK)
		rc = account_drop_networks(db, u->user);
	if (rc == RC_OK)
		rc = identity_drop_all(db, u->user);
	if (rc == RC_OK)
		rc = drop_new_factor(db, u);
	return rc == RC_OK ? security_log_add(db, u->user,
	    SECURITY_CONTACT_RESTORED, 0, NULL, now) : rc;
}

enum rc
contact_restore(struct db *db, struct arena *a, const char *token,
    int64_t now, struct err *err)
{
	bool email, phone;
	struct account acc;
	struct undo u;
	enum rc rc;

	rc = undo_get(db, a, token, now, &u, err);
	if (rc == RC_OK)
		rc = account_get(db, a, u.user, &acc);
	if (rc != RC_OK)
		return rc;
	if (acc.status == USER_DELETED)
		return link_invalid(err);
	rc = keep_free(db, a, OUTBOX_EMAIL, u.user, &u.email, u.email_ok);
	if (rc == RC_OK)
		rc = keep_free(db, a, OUTBOX_SMS, u.user, &u.phone,
		    u.phone_ok);
	if (rc != RC_OK)
		return rc;
	email = u.email != NULL && u.email_ok;
	phone = u.phone != NULL && u.phone_ok;
	if (!email && !phone)
		return err_set(err, RC_CONFLICT, "address_in_use",
		    "Another account has this address");
	rc = restore_addresses(db, &u, now);
	if (rc == RC_OK)
		rc = lock_account(db, &u, now);
	if (rc == RC_OK && email)
		rc = contact_notice_restored(db, a, u.user, OUTBOX_EMAIL,
		    u.email, now);
	if (rc == RC_OK && phone)
		rc = contact_notice_restored(db, a, u.user, OUTBOX_SMS,
		    u.phone, now);
	return rc;
}
