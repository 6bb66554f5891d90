#include "domain/accounts/reauth.h"

#include "base/str.h"
#include "domain/accounts/account.h"
#include "domain/common/throttle.h"

#define SCOPE "reauth"

static struct hash
user_key(const struct conf *conf, int64_t user)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)user);
	return throttle_key(conf, SCOPE, text);
}

enum rc
reauth_find(struct db *db, struct arena *a, const struct conf *conf,
    int64_t now, struct reauth *r, struct err *err)
{
	struct hash key = user_key(conf, r->user);
	struct account acc;
	int64_t n, wait;
	enum rc rc = throttle_get(db, SCOPE, &key, now, &n, &wait);

	if (rc == RC_OK && n >= conf->login_max_attempts) {
		err->retry_after = throttle_seconds(wait);
		return err_set(err, RC_LIMITED, NULL,
		    "Too many wrong passwords");
	}
	if (rc == RC_OK)
		rc = account_get(db, a, r->user, &acc);
	if (rc == RC_OK)
		r->hash = acc.password;
	return rc;
}

/* Returns whether the login session of the caller began recently. */
static enum rc
check_recent(struct db *db, const struct reauth *r, int64_t now, bool *recent)
{
	struct stmt *q = stmt_get(db, Q_REAUTH_RECENT);

	stmt_int(q, ":session", r->session);
	stmt_int(q, ":user", r->user);
	stmt_int(q, ":since", now - REAUTH_RECENT);
	*recent = stmt_row(q);
	return stmt_done(q);
}

enum rc
reauth_settle(struct db *db, const struct conf *conf, const struct reauth *r,
    int64_t now, struct err *err)
{
	struct hash key = user_key(conf, r->user);
	bool recent;
	enum rc rc;

	if (r->matched)
		return RC_OK;
	rc = check_recent(db, r, now, &recent);
	if (rc == RC_OK && r->tried)
		rc = throttle_add(db, SCOPE, &key, conf->login_window * SECOND,
		    now);
	if (rc != RC_OK || (recent && !r->tried))
		return rc;
	return err_set(err, RC_FORBIDDEN, "reauthentication_required",
	    r->tried ? "The password is wrong" :
	    "Sign in again, or send the password");
}
