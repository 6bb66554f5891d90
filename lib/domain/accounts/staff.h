/*
 * staff: the accounts with a role of staff, and invitations.
 *
 * An invitation is a one-time link that grants roles to the account that
 * accepts it. The last active administrator keeps the role. Only administrators
 * act on accounts of staff (role_check_staff()).
 */
#ifndef DOMAIN_ACCOUNTS_STAFF_H
#define DOMAIN_ACCOUNTS_STAFF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/accounts/one_time_link.h"
#include "domain/common/audit.h"

#define STAFF_INVITATION_TTL	DAY
/* Maximum number of invitations that wait. */
#define STAFF_INVITATIONS_MAX	100

struct staff {
	int64_t id;
	const char *username, *email;	/* email: NULL: none */
	unsigned roles;			/* bits as in domain/common/role.h */
	int status;			/* enum user_status */
	bool totp;			/* has an active second factor */
	int64_t recovery_codes;		/* that were not used */
	int64_t last_sign_in;		/* INT64_MIN: none is known */
	int64_t sessions;		/* signed-in devices */
	int64_t created_at;
};

struct staff_page {
	int64_t before;			/* in: ids below it; INT64_MAX: all */
	int64_t offset, limit;		/* in */
	struct staff *v;
	size_t n;
	bool more;
	int64_t total;
};

/* Lists the accounts of staff that are not deleted, newest first. */
enum rc	staff_list(struct db *, struct arena *, struct staff_page *);
/* Reads an account that is not deleted, with or without a role of staff. */
enum rc	staff_get(struct db *, struct arena *, int64_t user, struct staff *,
	    struct err *);

/*
 * Replaces the roles of staff of an account; audited. The other roles are
 * unchanged. Returns RC_NOT_FOUND, or RC_CONFLICT last_admin if no active
 * administrator would remain.
 */
enum rc	staff_set_roles(struct db *, struct arena *, int64_t user,
	    unsigned roles, const struct audit_by *, struct err *);
/*
 * Signs out all devices of a member of staff; audited. Returns RC_NOT_FOUND if
 * the account has no role of staff.
 */
enum rc	staff_sign_out(struct db *, struct arena *, int64_t user,
	    const struct audit_by *, struct err *);

/*
 * Creates an invitation; audited. *url: the link, in the arena. Returns
 * RC_CONFLICT too_many_invitations.
 */
enum rc	staff_invite(struct db *, struct arena *, const struct conf *,
	    unsigned roles, const struct audit_by *, struct one_time_link *,
	    const char **url, struct err *);
/* Lists the invitations that wait, newest first. */
enum rc	staff_invitations(struct db *, struct arena *, int64_t now,
	    struct one_time_link **, size_t *n);
/* Withdraws an invitation; audited. RC_NOT_FOUND if it does not wait. */
enum rc	staff_uninvite(struct db *, struct arena *, int64_t id,
	    const struct audit_by *, struct err *);

/* An invitation that is accepted by a new account. */
struct staff_new {
	const char *username;		/* normalized */
	const char *password;		/* its hash */
};
/*
 * Accepts an invitation; audited as a change by its author. user: the account
 * that receives the roles; 0: a new one, which is created. Returns the errors of
 * one_time_link_find(), and RC_CONFLICT username_taken. The roles of an author
 * who is no longer an active administrator are not granted (link_invalid).
 */
enum rc	staff_accept(struct db *, struct arena *, const struct one_time_link *,
	    int64_t user, const struct staff_new *, const char *request_id,
	    int64_t now, int64_t *id, struct err *);

#endif
