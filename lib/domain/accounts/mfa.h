/*
 * mfa: second factors: time-based codes and recovery codes.
 *
 * This layer has no cryptography, so checking a code has three steps, as a
 * password has. mfa_factor_get() returns the encrypted secret. The caller
 * decrypts it and finds the time step of the code (crypto/totp.h). mfa_sign_in()
 * and mfa_step_up(), in a write transaction, accept a step that is later than
 * the last one, or a recovery code that was not used, and count wrong codes.
 *
 * Every sign-in goes through auth_session_issue(), which asks for the second
 * factor if the account has one. MFA_CODE_TRIES wrong codes invalidate the
 * challenge. MFA_WRONG_MAX wrong codes in a day, in the networks that the
 * account is known in or in all others, end in 429.
 */
#ifndef DOMAIN_ACCOUNTS_MFA_H
#define DOMAIN_ACCOUNTS_MFA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/accounts/auth_session.h"
#include "domain/common/audit.h"

#define MFA_SEALED_MAX		128	/* bytes of an encrypted secret */
#define MFA_RECOVERY_CODES	10
#define MFA_CODE_TRIES		5
#define MFA_CHALLENGE_TTL	(10 * MINUTE)
#define MFA_WRONG_MAX		20

struct mfa_state {
	bool totp;			/* active */
	int64_t recovery_codes;		/* that were not used */
};
/* Reads which factors an account has. */
enum rc	mfa_state_get(struct db *, int64_t user, struct mfa_state *);

/* The secret of an account, encrypted. */
struct mfa_factor {
	int64_t user;
	int64_t created_at;		/* identifies the secret; 0: none */
	int64_t confirmed_at;		/* 0: not active */
	bool active;
	uint8_t sealed[MFA_SEALED_MAX];
	size_t n;			/* bytes of sealed */
};
/* Reads the secret; without one, created_at is 0. */
enum rc	mfa_factor_get(struct db *, int64_t user, struct mfa_factor *);
/* Returns the key that secrets are encrypted with. */
struct hash mfa_key(const struct conf *);

/*
 * Stores a secret that becomes active with its first code. It replaces an
 * earlier one that is not active. Returns RC_CONFLICT mfa_enabled.
 */
enum rc	mfa_totp_add(struct db *, const struct mfa_factor *, int64_t now,
	    struct err *);

/* A code that a client sent, and what it was found to be. */
struct mfa_code {
	const char *text;		/* as sent */
	const char *from;		/* IP address of the client */
	struct mfa_factor factor;	/* the secret it was compared with */
	int64_t step;			/* of totp_step(); -1: wrong */
};

/*
 * Activates the secret of the user by its first code, and creates recovery
 * codes, which the user must store. The login session counts as verified. The
 * owner is notified. Returns RC_BAD mfa_invalid, RC_CONFLICT mfa_enabled or
 * mfa_not_started, or RC_LIMITED; commit despite them.
 */
enum rc	mfa_totp_confirm(struct db *, struct arena *, const struct conf *,
	    int64_t user, int64_t session, const struct mfa_code *, int64_t now,
	    const char *codes[MFA_RECOVERY_CODES], struct err *);
/*
 * Removes all factors; the owner is notified. session: the login session that
 * removes them; 0: none. RC_NOT_FOUND if there is none.
 */
enum rc	mfa_totp_remove(struct db *, struct arena *, int64_t user,
	    int64_t session, int64_t now, struct err *);
/* As mfa_totp_remove(), for an operator; audited. Also ends all sessions. */
enum rc	mfa_reset(struct db *, struct arena *, int64_t user,
	    const struct audit_by *, struct err *);
/* Deletes all factors and challenges, for an account that is deleted. */
enum rc	mfa_drop(struct db *, int64_t user);

/*
 * Adds a challenge for a sign-in that lacks the second factor, and returns
 * RC_AUTH mfa_required with err->mfa_token. from_password: as in
 * auth_session_issue().
 */
enum rc	mfa_challenge(struct db *, struct arena *, int64_t user,
	    bool from_password, int64_t now, struct err *);
/* Finds the account of a challenge; RC_AUTH mfa_token_invalid. */
enum rc	mfa_challenge_find(struct db *, const char *token, int64_t now,
	    int64_t *user, struct err *);
/*
 * Completes a sign-in. Returns RC_AUTH mfa_token_invalid, RC_BAD mfa_invalid
 * with attempts_left, RC_LIMITED, or RC_FORBIDDEN account_inactive; commit
 * despite them.
 */
enum rc	mfa_sign_in(struct db *, struct arena *, const struct conf *,
	    const char *token, const struct mfa_code *, const char *user_agent,
	    int64_t now, struct token_pair *, struct err *);
/*
 * Records that a login session proved the second factor. Returns RC_CONFLICT
 * mfa_not_enabled, RC_BAD mfa_invalid or RC_LIMITED; commit despite them.
 */
enum rc	mfa_step_up(struct db *, const struct conf *, int64_t user,
	    int64_t session, const struct mfa_code *, int64_t now,
	    struct err *);

#endif
