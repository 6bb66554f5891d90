/*
 * service_token: tokens of other backends.
 *
 * Each token belongs to an account with the role service and without a
 * password; the account has at most one valid token. Only the SHA-256 of a
 * token is stored, so it is shown once. It does not expire, but can be revoked.
 */
#ifndef DOMAIN_ACCOUNTS_SERVICE_TOKEN_H
#define DOMAIN_ACCOUNTS_SERVICE_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/common/actor.h"
#include "domain/common/audit.h"

#define SERVICE_TOKEN_PREFIX	"ems_"
#define SERVICE_TOKEN_TEXT	(4 + 43 + 1)

/*
 * Makes a token for the service account `name`, which is added if it does not
 * exist; audited. Returns RC_BAD if the name is invalid, and RC_CONFLICT if the
 * account has a token or does not have the role service.
 */
enum rc	service_token_add(struct db *, const char *name,
	    const struct audit_by *, char text[SERVICE_TOKEN_TEXT],
	    struct err *);
/* Revokes the token of an account; audited. RC_NOT_FOUND: it has no token. */
enum rc	service_token_revoke(struct db *, const char *name,
	    const struct audit_by *, struct err *);
/* Revokes the token of an account, if it has one, after a password reset. */
enum rc	service_token_revoke_user(struct db *, int64_t user, int64_t now);
/* Finds the account of a token; RC_NOT_FOUND if it is unknown or revoked. */
enum rc	service_token_find(struct db *, const char *text,
	    struct credential *);

struct service_token {
	const char *name;
	int64_t created_at, revoked_at;	/* INT64_MIN: not revoked */
};
/* Lists up to 1000 tokens, also revoked ones; the array is in the arena. */
enum rc	service_token_list(struct db *, struct arena *,
	    struct service_token **, size_t *n);

#endif
