/*
 * sign_in_link: one-time links that sign an account in. They are for the first
 * sign-in of an administrator, who may have neither password nor address.
 */
#ifndef DOMAIN_ACCOUNTS_SIGN_IN_LINK_H
#define DOMAIN_ACCOUNTS_SIGN_IN_LINK_H

#include "base/conf.h"
#include "domain/accounts/auth_session.h"
#include "domain/accounts/one_time_link.h"

/* How long a link is valid, ms. */
#define SIGN_IN_LINK_TTL	(INT64_C(24) * 60 * 60 * 1000)

/*
 * Adds a link for an account, which replaces its earlier ones; audited. *url
 * is the only copy of the link, in the arena. Returns RC_CONFLICT if the account
 * is not active.
 */
enum rc	sign_in_link_add(struct db *, struct arena *, const struct conf *,
	    int64_t user, const struct audit_by *, const char **url,
	    struct err *);

/* A request to use a link. */
struct sign_in_link {
	const char *token;
	const char *password;	/* hash of a new password; NULL: keep */
	const char *from;	/* IP address of the client */
	const char *user_agent;
	const char *request_id;
};
/*
 * Deletes the link, sets the password and signs a device in; audited. A new
 * password signs out all other devices. Returns RC_NOT_FOUND link_invalid, or
 * RC_FORBIDDEN account_inactive.
 */
enum rc	sign_in_link_use(struct db *, struct arena *, const struct conf *,
	    const struct sign_in_link *, int64_t now, struct token_pair *,
	    struct err *);

#endif
