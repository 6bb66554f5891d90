/*
 * sign_in_json: the responses that contain tokens.
 */
#ifndef FCGI_ROUTES_ACCOUNTS_SIGN_IN_JSON_H
#define FCGI_ROUTES_ACCOUNTS_SIGN_IN_JSON_H

#include "domain/accounts/auth_session.h"
#include "fcgi/core/req.h"

/* Writes the tokens of a pair as members of the open object. */
void	sign_in_json_pair(struct req *, const struct token_pair *);
/* Writes the tokens of a pair and the account as the response. */
enum rc	sign_in_json_render(struct req *, const struct token_pair *);

#endif
