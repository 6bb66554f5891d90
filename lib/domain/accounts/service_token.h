/*
 * service_token: how other backends sign in.
 *
 * A token belongs to an account of its own, with the role service and without
 * a password; the account has one token at a time. Only its SHA-256 is kept, so
 * it is shown once. It lives until it is revoked.
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
 * Make one for the account of that name, which is made where it is not there.
 * RC_CONFLICT: it has one; or it is no service's.
 */
enum rc	service_token_add(struct db *, const char *name,
	    const struct audit_by *, char text[SERVICE_TOKEN_TEXT],
	    struct err *);
/* RC_NOT_FOUND: it has none. */
enum rc	service_token_revoke(struct db *, const char *name,
	    const struct audit_by *, struct err *);
/* Finds whose token it is. RC_NOT_FOUND: it is unknown or revoked. */
enum rc	service_token_find(struct db *, const char *text,
	    struct credential *);

struct service_token {
	const char *name;
	int64_t created_at, revoked_at;	/* INT64_MIN: not */
};
enum rc	service_token_list(struct db *, struct arena *,
	    struct service_token **, size_t *n);

#endif
