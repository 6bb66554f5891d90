/*
 * call_credential: when media credentials may be issued, and for how long.
 *
 * A credential lets a party join the media channel of an accepted call. It
 * expires after rtc.token_ttl seconds, or earlier when the caller's money is
 * used up. The latest expiry is stored with the session (session.tokens_until)
 * by the write transaction that allows it. Reads issue credentials with that
 * expiry, so no credential outlives it.
 */
#ifndef DOMAIN_CALLS_CALL_CREDENTIAL_H
#define DOMAIN_CALLS_CALL_CREDENTIAL_H

#include <stdint.h>

#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/calls/call.h"
#include "domain/common/job.h"

/*
 * Allows credentials for an accepted call for another rtc.token_ttl seconds, at
 * most until c->money_until. Sets *until to the expiry (Unix time, ms).
 */
enum rc	call_credential_issue(struct db *, const struct conf *, struct call *,
	    int64_t now, int64_t *until);
/*
 * Returns the expiry (Unix time, ms) of a credential for a login session of a
 * party that is issued without a write transaction; 0 if none may be issued:
 * the call is not accepted, another login session takes part in it, or the time
 * has passed. c->money_until must be set. device 0: any login session.
 */
int64_t	call_credential_until(const struct call *, int64_t user,
	    int64_t device, int64_t now);

/*
 * The job that sends both parties of an accepted call the event call.credential
 * before their credentials expire, as long as there is money.
 */
enum rc	call_credential_pending(struct job_run *);
enum rc	call_credential_run(struct job_run *);

#endif
