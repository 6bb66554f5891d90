/*
 * account_admin: lists and reads accounts for administrators. Changes are in
 * account_ban.h and listener_approval.h.
 */
#ifndef DOMAIN_ACCOUNTS_ACCOUNT_ADMIN_H
#define DOMAIN_ACCOUNTS_ACCOUNT_ADMIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"
#include "db/db.h"

struct admin_user {
	int64_t id;
	struct uuid uuid;
	const char *username, *email, *phone, *country;
	unsigned roles;
	int status;			/* enum user_status */
	int64_t banned_until;		/* INT64_MIN: not banned, or
					 * permanently */
	const char *ban_reason;
	int64_t created_at;
	bool email_ok, phone_ok;	/* verified */

	/* set by account_admin_get() only */
	const char *sex, *bio, *image, *preferred_language, *referral_code;
	struct strv interests;
	int64_t last_seen;		/* INT64_MIN: never */
	int64_t favorites, sessions;	/* sessions: signed-in devices */
};

struct admin_users_query {
	const char *q;			/* NULL: all */
	unsigned role;			/* one bit; 0: all */
	int status;			/* enum user_status; -1: all */
	int64_t limit, offset;
	int64_t before;			/* ids below this; INT64_MAX: all */
	const char *after;		/* by name: usernames after this; NULL:
					 * all */
};

struct admin_users {
	struct admin_user *users;
	size_t n;
	int64_t total;			/* of a search: at most 10,001 */
	bool more;
	const char *last;		/* by name: `after` of the next page */
};

/*
 * Lists accounts, newest first. q is the beginning of a username, or a complete
 * e-mail address, phone number, id or UUID. Accounts that are found by username
 * are sorted by name; the account whose id equals q comes first.
 */
enum rc	account_admin_list(struct db *, struct arena *,
	    const struct admin_users_query *, struct admin_users *);
/* Returns whether a text can be the beginning of a username. */
bool	account_admin_by_name(const char *q);
/* Returns RC_NOT_FOUND "User not found" if an id was never assigned. */
enum rc	account_admin_known(struct db *, int64_t id, struct err *);
/* Reads an account with its details; RC_NOT_FOUND "User not found". */
enum rc	account_admin_get(struct db *, struct arena *, int64_t id,
	    struct admin_user *, struct err *);

#endif
