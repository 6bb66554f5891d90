/*
 * account_json: an account as its owner sees it, and who has just signed in; the
 * account in a path of administrators.
 */
#ifndef FCGI_ROUTES_ACCOUNTS_ACCOUNT_JSON_H
#define FCGI_ROUTES_ACCOUNTS_ACCOUNT_JSON_H

#include "domain/accounts/account.h"
#include "fcgi/core/req.h"

/* The members of a profile, as an object under key (NULL: the answer). */
void	account_json_render(struct req *, const char *key,
	    const struct account *);
/* The path's account; RC_NOT_FOUND where there is none. */
enum rc	account_json_path_id(struct req *, int64_t *user);

#endif
