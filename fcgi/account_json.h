/*
 * account_json: an account as its owner sees it, and who has just signed in.
 */
#ifndef FCGI_ACCOUNT_JSON_H
#define FCGI_ACCOUNT_JSON_H

#include "dom/account.h"
#include "fcgi/req.h"

/* The members of a profile, as an object under key (NULL: the answer). */
void	account_render(struct req *, const char *key, const struct account *);

#endif
