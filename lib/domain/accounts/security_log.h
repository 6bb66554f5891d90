/*
 * security_log: sign-ins and changes of an account, for its owner. The newest
 * SECURITY_LOG_MAX rows of a user are kept, for a year.
 */
#ifndef DOMAIN_ACCOUNTS_SECURITY_LOG_H
#define DOMAIN_ACCOUNTS_SECURITY_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"

#define SECURITY_LOG_MAX	200

/* The values of security_log.kind. */
enum security_kind {
	SECURITY_SIGNED_IN = 1, SECURITY_PASSWORD_CHANGED,
	SECURITY_EMAIL_CHANGED, SECURITY_PHONE_CHANGED,
	SECURITY_CONTACT_RESTORED, SECURITY_SIGNED_OUT_EVERYWHERE,
	SECURITY_IDENTITY_LINKED, SECURITY_IDENTITY_UNLINKED,
	SECURITY_USERNAME_CHANGED, SECURITY_MFA_ENABLED,
	SECURITY_MFA_DISABLED,
	SECURITY_REFRESH_REUSED		/* a refresh token was used twice */
};
extern const char *const security_kind_names[];	/* index: kind - 1; NULL ends */

struct security_row {
	int64_t id, at;
	enum security_kind kind;
	int64_t session;		/* INT64_MIN: none */
	const char *detail;		/* NULL: none */
};

/* A page, newest first. */
struct security_page {
	int64_t before, offset, limit;	/* input: ids below `before` */
	struct security_row *v;
	size_t n;
	bool more;
	int64_t total;
};

/*
 * Adds a row. session: 0: none. detail: a user agent, a masked address or a
 * provider, or NULL.
 */
enum rc	security_log_add(struct db *, int64_t user, enum security_kind,
	    int64_t session, const char *detail, int64_t now);
enum rc	security_log_list(struct db *, struct arena *, int64_t user,
	    struct security_page *);

#endif
