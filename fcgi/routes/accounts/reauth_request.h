/* reauth_request: compares the password that a request repeats. */
#ifndef FCGI_ROUTES_ACCOUNTS_REAUTH_REQUEST_H
#define FCGI_ROUTES_ACCOUNTS_REAUTH_REQUEST_H

#include "domain/accounts/reauth.h"
#include "fcgi/core/req.h"

/*
 * Fills *r for reauth_settle(). password: that of the body; NULL: none. Call it
 * in before(), because it computes a hash. Returns the errors of reauth_find().
 */
enum rc	reauth_request(struct req *, const char *password, struct reauth *r);

#endif
