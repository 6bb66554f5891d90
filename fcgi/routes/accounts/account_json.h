/*
 * account_json: writes an account as its owner sees it, and parses the account
 * id in the paths of administrators.
 */
#ifndef FCGI_ROUTES_ACCOUNTS_ACCOUNT_JSON_H
#define FCGI_ROUTES_ACCOUNTS_ACCOUNT_JSON_H

#include "domain/accounts/account.h"
#include "fcgi/core/req.h"

/* Writes the names of roles as the member "roles". */
void	account_json_roles(struct json_write *, unsigned roles);
/* Writes the profile as an object under key. NULL: as the response itself. */
void	account_json_render(struct req *, const char *key,
	    const struct account *);
/*
 * Parses the account id in the path. Returns RC_NOT_FOUND if no account can
 * have it.
 */
enum rc	account_json_path_id(struct req *, int64_t *user);

#endif
