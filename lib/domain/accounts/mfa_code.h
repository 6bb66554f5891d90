/*
 * mfa_code: accepts and counts the codes of second factors. Private to mfa.
 */
#ifndef DOMAIN_ACCOUNTS_MFA_CODE_H
#define DOMAIN_ACCOUNTS_MFA_CODE_H

#include "domain/accounts/mfa.h"

/* Returns RC_LIMITED if there were too many wrong codes. */
enum rc	mfa_code_limit(struct db *, const struct conf *, int64_t user,
	    const char *from, int64_t now, struct err *);
/* Counts a wrong code. Returns RC_BAD mfa_invalid. */
enum rc	mfa_code_wrong(struct db *, const struct conf *, int64_t user,
	    const char *from, int64_t now, struct err *);
/* Replaces the recovery codes of a user. Returns them in the arena. */
enum rc	mfa_code_recovery(struct db *, struct arena *, const struct conf *,
	    int64_t user, const char *codes[MFA_RECOVERY_CODES]);
/*
 * Accepts a time-based code whose step is later than the last one, or uses up a
 * recovery code. Returns RC_CONFLICT mfa_not_enabled, RC_BAD mfa_invalid or
 * RC_LIMITED.
 */
enum rc	mfa_code_check(struct db *, const struct conf *, int64_t user,
	    const struct mfa_code *, int64_t now, struct err *);

#endif
