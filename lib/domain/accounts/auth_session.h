/*
 * auth_session: signed-in devices and their refresh tokens.
 *
 * A refresh token is 256 random bits; the database stores its SHA-256. Using a
 * token spends it and returns its successor, which is derived from it with a
 * key. A client that lost the response repeats the request. Within
 * conf->refresh_grace seconds it gets the same successor. Later it gets another
 * one, which replaces the first. Both require that the successor was not used.
 *
 * Two parties have a token if its successor was used, or if a replaced successor
 * is used. Then the device is signed out and all of its tokens become invalid.
 *
 * crypto/jwt.h signs access tokens from `issued` and `expires`.
 */
#ifndef DOMAIN_ACCOUNTS_AUTH_SESSION_H
#define DOMAIN_ACCOUNTS_AUTH_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/hash.h"
#include "db/db.h"
#include "domain/common/audit.h"

#define REFRESH_TOKEN_BYTES	32
#define REFRESH_TOKEN_TEXT	HASH_B64_LEN(REFRESH_TOKEN_BYTES)

struct token_pair {
	int64_t user, session;
	int64_t issued, expires;	/* of the access token, ms */
	char refresh[REFRESH_TOKEN_TEXT];
};

/* A signed-in device. */
struct auth_session {
	int64_t id, created_at, used_at;
	const char *user_agent;		/* NULL: not sent */
};

/*
 * Signs a device in, and logs this for the user (security_log.h). user_agent may
 * be NULL; it is truncated to 200 bytes. If the user has more than 400 devices,
 * the oldest ones are deleted. If the account has a second factor, returns
 * RC_AUTH mfa_required with err->mfa_token; the caller must commit despite the
 * error.
 *
 * from_password: the user has only proved the password, or an address or
 * identity that was added by knowing only the password. A password reset then
 * removes the addresses that this session has added (contact_reset()).
 */
enum rc	auth_session_issue(struct db *, struct arena *, const struct conf *,
	    int64_t user, bool from_password, const char *user_agent,
	    int64_t now, struct token_pair *, struct err *);
/* Signs a device in whose user has just proved the second factor. */
enum rc	auth_session_issue_verified(struct db *, struct arena *,
	    const struct conf *, int64_t user, bool from_password,
	    const char *user_agent, int64_t now, struct token_pair *);
/*
 * Returns when a session ends that began at `signed_in`, even if it is used, in
 * ms; INT64_MAX: it does not.
 */
static inline int64_t
auth_session_end(const struct conf *conf, int64_t signed_in)
{
	return conf->session_ttl == 0 ? INT64_MAX :
	    signed_in + conf->session_ttl * SECOND;
}
/*
 * Exchanges a refresh token for the next pair. Returns RC_AUTH if the token is
 * unknown, expired or signed out, RC_AUTH refresh_reused, or RC_FORBIDDEN
 * account_inactive. A reuse signs the device out and notifies the user once; the
 * caller must commit this despite the error.
 */
enum rc	auth_session_refresh(struct db *, struct arena *,
	    const struct conf *,
	    const char *refresh, int64_t now, struct token_pair *,
	    struct err *);
/*
 * Sign out one device of a user, or all of them, and delete their push devices.
 * Signing out all of them also deletes the unused one-time codes of the user
 * and the links of role_drop_links(), and ends the sign-ins that wait for the
 * second factor.
 * Return RC_NOT_FOUND if the device is unknown, belongs to another user, or is
 * signed out already.
 */
enum rc	auth_session_revoke(struct db *, int64_t user, int64_t session,
	    int64_t now);
enum rc	auth_session_revoke_all(struct db *, int64_t user, int64_t now);

/* As auth_session_revoke_all(), except for one device. */
enum rc	auth_session_revoke_others(struct db *, int64_t user, int64_t session,
	    int64_t now);

/* A page of the signed-in devices, newest first. */
struct auth_session_page {
	int64_t before;			/* in: ids below it; INT64_MAX: all */
	int64_t offset, limit;		/* in */
	struct auth_session *v;
	size_t n;
	bool more;			/* more devices follow */
	int64_t total;
};

/* Lists the signed-in devices of a user whose tokens may be valid. */
enum rc	auth_session_list(struct db *, struct arena *, const struct conf *,
	    int64_t user, int64_t now, struct auth_session_page *);

/*
 * Signs out a user's device for a member of staff; audited. Returns RC_NOT_FOUND
 * "Device not found" if it is not signed in, and RC_FORBIDDEN as
 * role_check_staff().
 */
enum rc	auth_session_sign_out(struct db *, struct arena *, int64_t user,
	    int64_t device, const struct audit_by *, struct err *);

#endif
