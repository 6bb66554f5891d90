#include "domain/accounts/sign_in_link.h"

#include <inttypes.h>

#include "domain/accounts/account.h"
#include "domain/accounts/network.h"

static enum rc
audit_link(struct db *db, struct arena *a, const struct audit_by *by,
    const char *action, int64_t user)
{
	return audit_add(db, by, action, arena_fmt(a, "user:%" PRId64, user),
	    NULL, NULL);
}

/* Deletes the sign-in links of an account. */
static enum rc
drop_all(struct db *db, int64_t user)
{
	struct stmt *q = stmt_get(db, Q_SIGN_IN_LINK_DROP);

	stmt_int(q, ":user", user);
	stmt_int(q, ":kind", ONE_TIME_LINK_SIGN_IN);
	return stmt_run(q);
}

enum rc
sign_in_link_add(struct db *db, struct arena *a, const struct conf *conf,
    int64_t user, const struct audit_by *by, const char **url, struct err *err)
{
	struct one_time_link link = { .kind = ONE_TIME_LINK_SIGN_IN,
	    .user = user, .created_by = by->actor, .created_at = by->now,
	    .expires_at = by->now + SIGN_IN_LINK_TTL };
	struct account acc;
	const char *token;
	enum rc rc = account_get(db, a, user, &acc);

	if (rc == RC_OK && !account_active(&acc, by->now))
		return err_set(err, RC_CONFLICT, NULL,
		    "the account is not active");
	if (rc == RC_OK)
		rc = drop_all(db, user);
	if (rc == RC_OK)
		rc = one_time_link_add(db, a, &link, &token);
	if (rc != RC_OK)
		return rc;
	*url = one_time_link_url(a, conf->base_url, link.kind, token);
	return audit_link(db, a, by, "user.link", user);
}

/* Sets the new password and signs out all devices. */
static enum rc
set_password(struct db *db, int64_t user, const char *hash, int64_t now)
{
	enum rc rc = account_set_password(db, user, hash, now);

	return rc == RC_OK ? auth_session_revoke_all(db, user, now) : rc;
}

enum rc
sign_in_link_use(struct db *db, struct arena *a, const struct conf *conf,
    const struct sign_in_link *in, int64_t now, struct token_pair *pair,
    struct err *err)
{
	struct audit_by by = { .request_id = in->request_id, .now = now };
	struct one_time_link link;
	struct account acc;
	enum rc rc = one_time_link_find(db, in->token, now, &link, err);

	if (rc == RC_OK)
		rc = one_time_link_drop(db, link.id);
	if (rc == RC_OK)
		rc = account_get(db, a, link.user, &acc);
	if (rc == RC_OK && !account_active(&acc, now))
		return actor_inactive(db, link.user, err);
	if (rc == RC_OK && in->password != NULL)
		rc = set_password(db, link.user, in->password, now);
	by.actor = link.user;
	if (rc == RC_OK)
		rc = audit_link(db, a, &by, "user.link_used", link.user);
	if (rc == RC_OK)
		rc = auth_session_issue(db, a, conf, link.user, false,
		    in->user_agent, now, pair, err);
	return rc == RC_OK ? network_signed_in(db, conf, link.user, in->from,
	    now) : rc;
}
