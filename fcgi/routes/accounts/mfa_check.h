/*
 * mfa_check: compares codes of second factors with the encrypted secrets.
 */
#ifndef FCGI_ROUTES_ACCOUNTS_MFA_CHECK_H
#define FCGI_ROUTES_ACCOUNTS_MFA_CHECK_H

#include "domain/accounts/mfa.h"
#include "fcgi/core/req.h"

/*
 * Compares a code, as a person typed it, with the secret of a user. Must run in
 * a transaction. out->step is -1 if the code does not match.
 */
enum rc	mfa_check(struct req *, int64_t user, const char *text,
	    struct mfa_code *out);

#endif
