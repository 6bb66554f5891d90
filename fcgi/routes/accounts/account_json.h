/*
 * account_json: writes an account and what belongs to it as its owner sees it,
 * and parses the account id in the paths of administrators.
 */
#ifndef FCGI_ROUTES_ACCOUNTS_ACCOUNT_JSON_H
#define FCGI_ROUTES_ACCOUNTS_ACCOUNT_JSON_H

#include "domain/accounts/account.h"
#include "domain/accounts/security_log.h"
#include "domain/accounts/settings.h"
#include "fcgi/core/req.h"

/* Writes the names of roles as the member "roles". */
void	account_json_roles(struct json_write *, unsigned roles);
/* Writes the profile as an object under key. NULL: as the response itself. */
void	account_json_render(struct req *, const char *key,
	    const struct account *);
/* Writes the settings as an object under key. NULL: as the response itself. */
void	account_json_settings(struct json_write *, const char *key,
	    const struct settings *);
/* Writes an event of the security log as an object into the open array. */
void	account_json_security(struct json_write *,
	    const struct security_row *);
/*
 * Parses the account id in the path. Returns RC_NOT_FOUND if no account can
 * have it.
 */
enum rc	account_json_path_id(struct req *, int64_t *user);

#endif
