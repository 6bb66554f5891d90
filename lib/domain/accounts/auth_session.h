/*
 * auth_session: signed-in devices and their refresh tokens.
 *
 * A refresh token is 256 random bits; the database has its SHA-256. Using one
 * spends it and gives the next, which is derived from it with a key: a client
 * that lost the answer asks again within conf->refresh_grace seconds and gets
 * the same pair, as long as nobody has used the new one. Any other use of a
 * spent token means that two have it: the device is signed out, with all its
 * tokens, before and after.
 *
 * Access tokens are signed elsewhere (crypto/jwt), from `issued` and `expires`.
 */
#ifndef DOMAIN_ACCOUNTS_AUTH_SESSION_H
#define DOMAIN_ACCOUNTS_AUTH_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
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
	const char *user_agent;		/* NULL: it sent none */
};

/* Sign a device in. user_agent may be NULL; it is cut at 200 bytes. */
enum rc	auth_session_issue(struct db *, struct arena *, const struct conf *,
	    int64_t user, const char *user_agent, int64_t now,
	    struct token_pair *);
/*
 * The next pair. Else RC_AUTH (unknown, expired, signed out), RC_AUTH
 * refresh_reused, RC_FORBIDDEN account_inactive. What a reuse revoked must be
 * kept though it is a failure.
 */
enum rc	auth_session_refresh(struct db *, const struct conf *,
	    const char *refresh, int64_t now, struct token_pair *,
	    struct err *);
/*
 * Signs out one device of the user's, or all of them, and deletes their push
 * devices. RC_NOT_FOUND: no such device, another user's, or signed out already.
 * The one-time codes of the user go with all devices.
 */
enum rc	auth_session_revoke(struct db *, int64_t user, int64_t session,
	    int64_t now);
enum rc	auth_session_revoke_all(struct db *, int64_t user, int64_t now);

/* A page of the signed-in devices, newest first. */
struct auth_session_page {
	int64_t before, offset, limit;	/* in: ids below; INT64_MAX: all */
	struct auth_session *v;
	size_t n;
	bool more;			/* there are others behind these */
	int64_t total;
};

enum rc	auth_session_list(struct db *, struct arena *, const struct conf *,
	    int64_t user, int64_t now, struct auth_session_page *);

/*
 * An administrator signs one of a user's devices out. RC_NOT_FOUND "Device not
 * found": it is not signed in. Audited.
 */
enum rc	auth_session_sign_out(struct db *, struct arena *, int64_t user,
	    int64_t device, const struct audit_by *, struct err *);

#endif
