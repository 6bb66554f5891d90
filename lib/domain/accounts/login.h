/*
 * login: sign-in with a password, or with a one-time code.
 *
 * Argon2 is slow and must not run while the write lock is held, so sign-in with
 * a password has three steps. login_find(), in a read transaction, returns the
 * hashes to compare the password with. The caller compares it. login_settle(),
 * in a write transaction, signs in or counts a wrong password. The number of
 * hashes does not depend on whether accounts exist (NULL: use a dummy hash).
 *
 * Wrong passwords are counted in a window of conf->login_window seconds:
 *
 *	identifier and network	conf->login_max_attempts, then 429, whether or
 *				not an account has the identifier
 *	network			conf->login_max_attempts_per_network for all
 *				identifiers, then 429
 *	identifier		conf->login_max_attempts
 *	all			conf->login_max_attempts_total
 *
 * The last two act silently: the right password gets the response to a wrong
 * one. They do not apply to networks that the account has signed in from in the
 * last 30 days, so strangers cannot lock its owner out.
 *
 * No counter belongs to an account. Otherwise, wrong passwords for one
 * identifier of an account would decide about the right password for another.
 * A success clears a counter that clients observe, so they would learn that
 * both identifiers belong to one account.
 *
 * All hashes are tried, so that the time does not reveal which one matched. An
 * address always costs LOGIN_CANDIDATES hashes, a username one: fewer for an
 * address without an account would reveal that. Each may be the user's own: the
 * owner of the address, or one of those who claim it beside another address. The
 * oldest and the newest claim are tried because strangers can add others. A
 * hash that was made with other parameters than the configured ones takes
 * another time than the dummy, until its owner signs in.
 */
#ifndef DOMAIN_ACCOUNTS_LOGIN_H
#define DOMAIN_ACCOUNTS_LOGIN_H

#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/accounts/auth_session.h"

/* The owner of an address, and the oldest and newest accounts that claim it. */
#define LOGIN_CANDIDATES 4

struct login {
	const char *identifier;		/* not normalized */
	const char *from;		/* IP address of the client */
	/* set by login_find() */
	size_t n;			/* hashes to compare, in this order */
	const char *hash[LOGIN_CANDIDATES];
	int64_t user[LOGIN_CANDIDATES];
	bool blocked[LOGIN_CANDIDATES];	/* a right password is rejected */
	/* set by the caller, which tries all hashes */
	int matched;			/* index of the hash; -1: no match */
	const char *rehash;		/* with new parameters; NULL: keep */
};

/*
 * Finds the hashes of an identifier. Returns RC_LIMITED if there were too many
 * wrong passwords; then the password must not be compared.
 */
enum rc	login_find(struct db *, struct arena *, const struct conf *,
	    int64_t now, struct login *, struct err *);
/*
 * Signs a device in after the password was compared. Returns RC_AUTH
 * invalid_credentials, RC_LIMITED, RC_FORBIDDEN verification_required (a new
 * code was sent) or account_inactive, and RC_AUTH mfa_required if the account
 * has a second factor. The caller must commit the counters and messages despite
 * the error.
 */
enum rc	login_settle(struct db *, struct arena *, const struct conf *,
	    const struct login *, const char *user_agent, int64_t now,
	    struct token_pair *, struct err *);
struct login_code {
	int purpose;			/* enum otp_purpose; -1: otp_latest() */
	const char *identifier, *code;
	const char *referral_code;	/* for a new account; NULL: none */
	const char *from;		/* IP address of the client */
	const char *user_agent;
	bool created;			/* set if this call created the account */
};

/*
 * Signs a device in by a one-time code. A pending account becomes active, and an
 * open code can create an account (signup_open.h). Errors as otp_use(),
 * RC_INVALID if the referral code is unknown, RC_FORBIDDEN account_inactive and
 * RC_AUTH mfa_required; commit despite them.
 */
enum rc	login_code(struct db *, struct arena *, const struct conf *,
	    struct login_code *, int64_t now, struct token_pair *,
	    struct err *);
/*
 * Sets a new password (its hash) by a one-time code. All devices are signed
 * out, all identities are removed, the counters of wrong passwords are cleared,
 * and the owner is notified.
 * Errors as login_code().
 */
enum rc	login_reset(struct db *, struct arena *, const struct conf *,
	    const char *identifier, const char *code, const char *hash,
	    const char *from, int64_t now, struct err *);

#endif
