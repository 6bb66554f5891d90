/*
 * role: what an account may do, a set of four. A change takes effect with the
 * account's next request and is kept in the audit.
 */
#ifndef DOMAIN_COMMON_ROLE_H
#define DOMAIN_COMMON_ROLE_H

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/common/audit.h"

/* The bits are those of fcgi/core/req.h and of user.roles. */
#define ROLES	4

/* The word of a bit number: "customer", "listener", "admin", "service". */
extern const char *const role_names[ROLES + 1];	/* NULL at the end */

/* The bit of a word; 0: no such role. */
unsigned	role_bit(const char *word);
/*
 * Give and take roles. Nothing happens to who has, or has not, all of them.
 * RC_NOT_FOUND: no such user, or a deleted one.
 */
enum rc		role_change(struct db *, struct arena *, int64_t user,
		    unsigned give, unsigned take, const struct audit_by *,
		    struct err *);

#endif
