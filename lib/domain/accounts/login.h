/*
 * login: signing in with a password.
 *
 * The slow part, Argon2, must not hold the writer lock and is not the domain's
 * business, so it comes in three steps: login_find() in a read gives the hashes
 * that the password is to be held against, the caller does so, login_settle()
 * in the write transaction makes the most of it. An identifier that nobody has
 * gives as many hashes to try as one that somebody has (NULL: a dummy).
 *
 * Wrong passwords are counted in a window of conf->login_window seconds:
 *
 *	identifier and network	conf->login_max_attempts, then 429. Whether an account
 *				has the identifier makes no difference.
 *	network			conf->login_max_attempts_per_network for all identifiers,
 *				then 429
 *	account and network	conf->login_max_attempts, if the account has signed in
 *				from the network in the last 30 days
 *	account			conf->login_max_attempts, from all other networks
 *	all			conf->login_max_attempts_total
 *
 * The last three act silently: the right password gets the response to a wrong
 * one. The last two do not apply to networks that the account has signed in
 * from, so strangers cannot lock its owner out.
 *
 * All hashes are tried, so that the time does not tell which one matched. A hash
 * made with other parameters than today's takes another time than the dummy
 * until its owner signs in.
 */
#ifndef DOMAIN_ACCOUNTS_LOGIN_H
#define DOMAIN_ACCOUNTS_LOGIN_H

#include <stdint.h>

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/accounts/auth_session.h"

/* The owner of an address, and the first and the newest who claim it. */
#define LOGIN_CANDIDATES 4

struct login {
	const char *identifier;		/* as typed */
	const char *from;		/* IP address of who asks */
	/* by login_find() */
	size_t n;			/* hashes to try, in this order */
	const char *hash[LOGIN_CANDIDATES];
	int64_t user[LOGIN_CANDIDATES];
	bool blocked[LOGIN_CANDIDATES];	/* the password does not count */
	/* by the caller, which tries all of them */
	int matched;			/* which one; -1: none */
	const char *rehash;		/* made with today's parameters, or NULL */
};

/* RC_LIMITED: too many wrong passwords; then nothing needs to be tried. */
enum rc	login_find(struct db *, struct arena *, const struct conf *,
	    int64_t now, struct login *, struct err *);
/*
 * Sign in. Else RC_AUTH invalid_credentials, RC_LIMITED, RC_FORBIDDEN
 * verification_required (a new code is on its way) or account_inactive. What
 * was counted and sent must be kept though it is a failure.
 */
enum rc	login_settle(struct db *, struct arena *, const struct conf *,
	    const struct login *, const char *user_agent, int64_t now,
	    struct token_pair *, struct err *);
/*
 * Sign in by a one-time code; a pending account becomes active. Failures as
 * otp_use(), and RC_FORBIDDEN account_inactive; to be kept as well. `from` is
 * the client's IP address.
 */
enum rc	login_code(struct db *, struct arena *, const struct conf *,
	    int purpose, const char *identifier, const char *code,
	    const char *from, const char *user_agent, int64_t now,
	    struct token_pair *, struct err *);
/*
 * Set a new password (its hash) by a one-time code. All devices are signed out,
 * wrong passwords forgotten, the owner told. Failures as login_code().
 */
enum rc	login_reset(struct db *, struct arena *, const struct conf *,
	    const char *identifier, const char *code, const char *hash,
	    const char *from, int64_t now, struct err *);

#endif
