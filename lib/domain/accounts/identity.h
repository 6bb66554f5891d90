/*
 * identity: sign-in with accounts of OpenID providers.
 *
 * An identity is an account of a provider, named by issuer and subject, never by
 * its e-mail address. It signs in the account it is linked to. An identity that
 * is not linked yet signs in the account that has verified the same address, if
 * the provider has verified it too. Otherwise an account is created; an address
 * that only one side has verified is ignored. Registrations with the address
 * that were not verified lose what an attacker may have chosen
 * (signup_open.h).
 *
 * The identity is then linked, except if the account has a second factor: only
 * its user can add another way to sign in, by identity_link().
 *
 * Each ID token is accepted once. An identity of a deleted account that returns
 * is recognized (returning_user.h).
 */
#ifndef DOMAIN_ACCOUNTS_IDENTITY_H
#define DOMAIN_ACCOUNTS_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/hash.h"
#include "db/db.h"
#include "domain/accounts/auth_session.h"

#define IDENTITY_MAX	20		/* of an account */

/* The claims of a verified ID token. */
struct identity_token {
	const struct conf_oidc *provider;
	const char *subject;
	const char *email;		/* verified; NULL: none */
	struct hash hash;		/* of the token */
	int64_t expires_at;
};

struct identity {
	int64_t id, created_at, used_at;
	const char *provider, *issuer, *subject;
};

struct identity_sign_in {
	struct identity_token token;
	const char *from, *user_agent;
	bool created;			/* result: a new account */
};

/*
 * Signs a user in. Returns RC_AUTH id_token_used, RC_FORBIDDEN account_inactive,
 * or RC_AUTH mfa_required. The caller must commit despite an error.
 */
enum rc	identity_sign_in(struct db *, struct arena *, const struct conf *,
	    struct identity_sign_in *, int64_t now, struct token_pair *,
	    struct err *);
/*
 * Links an identity to an account whose user has proved who they are, and
 * notifies the user. *id: the identity; *added: it was not linked before.
 * Returns RC_AUTH id_token_used, or RC_CONFLICT identity_in_use if it is linked
 * to another account, or identity_limit.
 */
enum rc	identity_link(struct db *, struct arena *, const struct conf *,
	    const struct identity_token *, int64_t user, int64_t session,
	    int64_t now, int64_t *id, bool *added, struct err *);
/*
 * Removes an identity and notifies the user. Returns RC_NOT_FOUND, or
 * RC_CONFLICT last_sign_in_method if the account has no verified address and no
 * other identity of a configured provider.
 */
enum rc	identity_unlink(struct db *, struct arena *, const struct conf *,
	    int64_t user, int64_t id, int64_t session, int64_t now,
	    struct err *);
/* Lists the identities of an account, at most IDENTITY_MAX, oldest first. */
enum rc	identity_list(struct db *, struct arena *, int64_t user,
	    struct identity **, size_t *n);
/*
 * Keeps the hashes of the identities of an account that is being deleted, so
 * that it is known if one of them returns (returning_user.h).
 */
enum rc	identity_keep_former(struct db *, struct arena *, const struct conf *,
	    int64_t user, int64_t now);
/*
 * Removes all identities of an account after a password reset, and notifies the
 * user of their providers. An identity whose verified address is that of the
 * account links itself again when it signs in. address: an address that was
 * removed too, masked, or NULL; the notice names it.
 */
enum rc	identity_unlink_all(struct db *, struct arena *, int64_t user,
	    const char *address, int64_t now);
/* Removes all identities of an account. Does not notify the user. */
enum rc	identity_drop_all(struct db *, int64_t user);

#endif
