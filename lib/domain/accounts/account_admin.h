/*
 * account_admin: accounts, as administrators see them. What they do to them is in
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
	int64_t banned_until;		/* INT64_MIN: none, or for good */
	const char *ban_reason;
	int64_t created_at;
	bool email_ok, phone_ok;	/* verified */

	/* filled by account_admin_get() alone */
	const char *sex, *bio, *image, *preferred_language, *referral_code;
	struct strv interests;
	int64_t last_seen;		/* INT64_MIN: never */
	int64_t favorites, sessions;	/* sessions: devices signed in */
};

/* What to list. */
struct admin_users_query {
	const char *q;			/* NULL: all */
	unsigned role;			/* one bit; 0: all */
	int status;			/* enum user_status; -1: all */
	int64_t limit, offset;
	int64_t before;			/* ids below this; INT64_MAX: all */
	const char *after;		/* by name: those behind this; or NULL */
};

struct admin_users {
	struct admin_user *users;
	size_t n;
	int64_t total;			/* of a search: as far as 10,000 */
	bool more;
	const char *last;		/* by name: the place behind these */
};

/*
 * Newest first. q is the beginning of a username, or the whole of an e-mail
 * address, phone number, id or UUID. By username, they are in the order of the
 * names, behind the one whose id was typed.
 */
enum rc	account_admin_list(struct db *, struct arena *,
	    const struct admin_users_query *, struct admin_users *);
/* May that be the beginning of a username? */
bool	account_admin_by_name(const char *q);
/* RC_NOT_FOUND "User not found": there never was such an account. */
enum rc	account_admin_known(struct db *, int64_t id, struct err *);
/* RC_NOT_FOUND "User not found". */
enum rc	account_admin_get(struct db *, struct arena *, int64_t id,
	    struct admin_user *, struct err *);

#endif
