/*
 * role: the roles of accounts. A change takes effect with the next request
 * of the account and is audited.
 */
#ifndef DOMAIN_COMMON_ROLE_H
#define DOMAIN_COMMON_ROLE_H

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/common/audit.h"

/*
 * The bits are those of fcgi/core/req.h. The columns user.roles and
 * user.staff_roles together contain them.
 */
#define ROLES		7
/* admin, finance, support and moderator. */
#define ROLES_STAFF	0164u

/*
 * The name of each bit: "customer", "listener", "admin", "service", "finance",
 * "support", "moderator".
 */
extern const char *const role_names[ROLES + 1];	/* NULL at the end */

/* Returns the bit of a name, or 0 if the role does not exist. */
unsigned	role_bit(const char *word);
/*
 * Deletes the unused one-time links that a user created, such as invitations of
 * staff. Call it if all sessions of the user end, because a thief of a session
 * may have created them.
 */
enum rc		role_drop_links(struct db *, int64_t user);
/*
 * Grants and revokes roles. A user who loses the role admin also loses the
 * links of role_drop_links(). If nothing changes, nothing is audited. Returns
 * RC_NOT_FOUND if the user does not exist or is deleted, or the error of
 * role_keep_admin() if it would revoke the role admin.
 */
enum rc		role_change(struct db *, struct arena *, int64_t user,
		    unsigned give, unsigned take, const struct audit_by *,
		    struct err *);
/*
 * Returns RC_CONFLICT last_admin if the user is the only active administrator.
 * Call it before an account loses this role, is banned or is deleted.
 */
enum rc		role_keep_admin(struct db *, int64_t user, int64_t now,
		    struct err *);
/*
 * Returns RC_FORBIDDEN staff_protected if the user has a role of staff and the
 * actor is not an administrator. Actions of `earmark` and of jobs (by->actor is
 * 0) are permitted.
 */
enum rc		role_check_staff(struct db *, int64_t user,
		    const struct audit_by *, struct err *);

#endif
