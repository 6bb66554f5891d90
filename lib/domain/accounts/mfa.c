#include "domain/accounts/mfa.h"

#include <inttypes.h>

#include "base/hash.h"
#include "base/str.h"
#include "domain/accounts/account.h"
#include "domain/accounts/contact_notice.h"
#include "domain/accounts/mfa_code.h"
#include "domain/accounts/security_log.h"
#include "json/json_build.h"

struct hash
mfa_key(const struct conf *conf)
{
	return hash_derive(&conf->key_otp, "totp secret");
}

enum rc
mfa_factor_get(struct db *db, int64_t user, struct mfa_factor *f)
{
	struct stmt *q = stmt_get(db, Q_MFA_FACTOR);
	const void *sealed;
	size_t n;

	*f = (struct mfa_factor){ .user = user };
	stmt_int(q, ":user", user);
	if (stmt_row(q)) {
		sealed = stmt_col_blob(q, 0, &n);
		f->n = n < sizeof(f->sealed) ? n : sizeof(f->sealed);
		memcpy(f->sealed, sealed, f->n);
		f->created_at = stmt_col_int(q, 1);
		f->confirmed_at = stmt_col_int(q, 2);
		f->active = f->confirmed_at != 0;
	}
	return stmt_done(q);
}

static enum rc
enabled(struct err *err)
{
	return err_set(err, RC_CONFLICT, "mfa_enabled",
	    "A second factor is active already. Remove it first");
}

enum rc
mfa_totp_add(struct db *db, const struct mfa_factor *f, int64_t now,
    struct err *err)
{
	struct stmt *q = stmt_get(db, Q_MFA_TOTP_ADD);
	enum rc rc;

	stmt_int(q, ":user", f->user);
	stmt_blob(q, ":secret", f->sealed, f->n);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	return rc == RC_OK && db_changes(db) == 0 ? enabled(err) : rc;
}

/* Sends a security notice to the owner. */
static enum rc
notify(struct db *db, struct arena *a, int64_t user, const char *type,
    int64_t now)
{
	struct account acc;
	enum rc rc = account_get(db, a, user, &acc);

	return rc == RC_OK ? contact_notice_owner(db, a, &acc, type,
	    TEXT_VARS({ NULL, NULL }), now) : rc;
}

/* Records that a login session proved the second factor. */
static enum rc
mark_session(struct db *db, int64_t user, int64_t session, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_MFA_SESSION);

	stmt_int(q, ":id", session);
	stmt_int(q, ":user", user);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

static enum rc
activate(struct db *db, const struct mfa_code *c, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_MFA_TOTP_ACTIVATE);

	stmt_int(q, ":user", c->factor.user);
	stmt_int(q, ":created", c->factor.created_at);
	stmt_int(q, ":step", c->step);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

enum rc
mfa_totp_confirm(struct db *db, struct arena *a, const struct conf *conf,
    int64_t user, int64_t session, const struct mfa_code *c, int64_t now,
    const char *codes[MFA_RECOVERY_CODES], struct err *err)
{
	struct mfa_factor f;
	enum rc rc = mfa_factor_get(db, user, &f);

	if (rc != RC_OK)
		return rc;
	if (f.active)
		return enabled(err);
	if (f.created_at == 0 || f.created_at != c->factor.created_at)
		return err_set(err, RC_CONFLICT, "mfa_not_started",
		    "Request a secret first");
	rc = mfa_code_limit(db, conf, user, c->from, now, err);
	if (rc != RC_OK)
		return rc;
	if (c->step < 0)
		return mfa_code_wrong(db, conf, user, c->from, now, err);
	rc = activate(db, c, now);
	if (rc == RC_OK)
		rc = mfa_code_recovery(db, a, conf, user, codes);
	if (rc == RC_OK)
		rc = mark_session(db, user, session, now);
	if (rc == RC_OK)
		rc = security_log_add(db, user, SECURITY_MFA_ENABLED, session,
		    NULL, now);
	if (rc != RC_OK)
		return rc;
	return notify(db, a, user, "mfa_enabled", now);
}

enum rc
mfa_drop(struct db *db, int64_t user)
{
	static const enum stmt_id drops[] = {
		Q_MFA_DROP_TOTP, Q_MFA_DROP_RECOVERY, Q_MFA_DROP_CHALLENGES,
	};
	struct stmt *q;
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; i < NELEM(drops) && rc == RC_OK; i++) {
		q = stmt_get(db, drops[i]);
		stmt_int(q, ":user", user);
		rc = stmt_run(q);
	}
	return rc;
}

enum rc
mfa_totp_remove(struct db *db, struct arena *a, int64_t user, int64_t session,
    int64_t now, struct err *err)
{
	struct mfa_factor f;
	enum rc rc = mfa_factor_get(db, user, &f);

	if (rc == RC_OK && f.created_at == 0)
		return err_set(err, RC_NOT_FOUND, NULL,
		    "The account has no second factor");
	if (rc == RC_OK)
		rc = mfa_drop(db, user);
	if (rc != RC_OK || !f.active)
		return rc;
	rc = security_log_add(db, user, SECURITY_MFA_DISABLED, session, NULL,
	    now);
	return rc == RC_OK ? notify(db, a, user, "mfa_disabled", now) : rc;
}

enum rc
mfa_reset(struct db *db, struct arena *a, int64_t user,
    const struct audit_by *by, struct err *err)
{
	enum rc rc = mfa_totp_remove(db, a, user, 0, by->now, err);

	if (rc == RC_OK)
		rc = auth_session_revoke_all(db, user, by->now);
	if (rc != RC_OK)
		return rc;
	return audit_add(db, by, "user.reset_mfa",
	    arena_fmt(a, "user:%" PRId64, user),
	    json_build_object(a, JSON_OBJECT(JSON_BOOL("mfa", true))),
	    json_build_object(a, JSON_OBJECT(JSON_BOOL("mfa", false))));
}

enum rc
mfa_step_up(struct db *db, const struct conf *conf, int64_t user,
    int64_t session, const struct mfa_code *c, int64_t now, struct err *err)
{
	enum rc rc = mfa_code_check(db, conf, user, c, now, err);

	return rc == RC_OK ? mark_session(db, user, session, now) : rc;
}
