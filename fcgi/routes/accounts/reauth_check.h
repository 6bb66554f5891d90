/*
 * reauth_check: the before() of routes that need a recent sign-in or the
 * password (domain/accounts/reauth.h).
 */
#ifndef FCGI_ROUTES_ACCOUNTS_REAUTH_CHECK_H
#define FCGI_ROUTES_ACCOUNTS_REAUTH_CHECK_H

#include "domain/accounts/reauth.h"
#include "fcgi/core/req.h"

/*
 * Compares the password, if it is not NULL, outside of the write transaction.
 * The handler passes *r to reauth_settle().
 */
enum rc	reauth_check(struct req *, const char *password, struct reauth **r);

#endif
