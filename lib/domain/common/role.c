#include "domain/common/role.h"

#include "base/str.h"

const char *const role_names[ROLES + 1] = {
	"customer", "listener", "admin", "service", "finance", "support",
	"moderator", NULL
};

unsigned
role_bit(const char *word)
{
	unsigned i;

	for (i = 0; i < ROLES; i++)
		if (str_eq(role_names[i], word))
			return 1u << i;
	return 0;
}

static enum rc
load_role(struct db *db, int64_t user, unsigned *roles, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_ROLE_GET);
	bool found;
	enum rc rc;

	stmt_int(q, ":id", user);
	found = stmt_row(q);
	if (found)
		*roles = (unsigned)stmt_col_int(q, 0);
	rc = stmt_done(q);
	if (rc != RC_OK)
		return rc;
	return found ? RC_OK :
	    err_set(err, RC_NOT_FOUND, NULL, "User not found");
}

enum rc
role_keep_admin(struct db *db, int64_t user, int64_t now, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_ROLE_LAST_ADMIN);
	bool last;
	enum rc rc;

	stmt_int(q, ":id", user);
	stmt_int(q, ":now", now);
	last = stmt_row(q);
	rc = stmt_done(q);
	if (rc != RC_OK || !last)
		return rc;
	return err_set(err, RC_CONFLICT, "last_admin", "No active "
	    "administrator would remain. Grant the role to another account "
	    "first");
}

enum rc
role_drop_links(struct db *db, int64_t user)
{
	struct stmt *q = stmt_get(db, Q_ROLE_DROP_LINKS);

	stmt_int(q, ":id", user);
	return stmt_run(q);
}

enum rc
role_change(struct db *db, struct arena *arena, int64_t user, unsigned give,
    unsigned take, const struct audit_by *by, struct err *err)
{
	const char *before, *after;
	unsigned have = 0, want;
	struct stmt *q;
	enum rc rc;

	rc = load_role(db, user, &have, err);
	if (rc != RC_OK)
		return rc;
	want = (have | give) & ~take;
	if (want == have)
		return RC_OK;
	if (have & ~want & role_bit("admin"))
		rc = role_keep_admin(db, user, by->now, err);
	if (rc == RC_OK)
		rc = audit_user(db, arena, user, &before);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_ROLE_SET);
	stmt_int(q, ":id", user);
	stmt_int(q, ":roles", want);
	stmt_int(q, ":now", by->now);
	rc = stmt_run(q);
	if (rc == RC_OK && (have & ~want & role_bit("admin")))
		rc = role_drop_links(db, user);
	if (rc == RC_OK)
		rc = audit_user(db, arena, user, &after);
	if (rc != RC_OK)
		return rc;
	return audit_add(db, by, give != 0 ? "user.grant" : "user.revoke",
	    arena_fmt(arena, "user:%lld", (long long)user), before, after);
}

enum rc
role_check_staff(struct db *db, int64_t user, const struct audit_by *by,
    struct err *err)
{
	unsigned target = 0, actor = 0;
	enum rc rc;

	if (by->actor == 0)
		return RC_OK;
	rc = load_role(db, user, &target, err);
	if (rc != RC_OK || !(target & ROLES_STAFF))
		return rc;
	rc = load_role(db, by->actor, &actor, err);
	if (rc != RC_OK || (actor & role_bit("admin")))
		return rc;
	return err_set(err, RC_FORBIDDEN, "staff_protected",
	    "Only administrators can change accounts of staff");
}
