#include "domain/accounts/staff.h"

#include <inttypes.h>

#include "domain/accounts/account.h"
#include "domain/accounts/auth_session.h"
#include "domain/common/actor.h"
#include "domain/common/role.h"
#include "json/json_build.h"

static const char *
user_target(struct arena *a, int64_t user)
{
	return arena_fmt(a, "user:%" PRId64, user);
}

static void
staff_row(struct stmt *q, struct arena *a, struct staff *to)
{
	to->id = stmt_col_int(q, 0);
	to->username = stmt_col_text(q, 1, a);
	to->email = stmt_col_text(q, 2, a);
	to->roles = (unsigned)stmt_col_int(q, 3);
	to->status = (int)stmt_col_int(q, 4);
	to->totp = stmt_col_int(q, 5) != 0;
	to->recovery_codes = stmt_col_int(q, 6);
	to->last_sign_in = stmt_col_opt(q, 7);
	to->sessions = stmt_col_int(q, 8);
	to->created_at = stmt_col_int(q, 9);
}

enum rc
staff_list(struct db *db, struct arena *a, struct staff_page *page)
{
	struct stmt *q = stmt_get(db, Q_STAFF_COUNT);
	enum rc rc;

	page->total = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	rc = stmt_done(q);
	if (rc != RC_OK)
		return rc;
	page->v = arena_zalloc(a, (size_t)page->limit, sizeof(*page->v));
	page->n = 0;
	page->more = false;
	q = stmt_get(db, Q_STAFF_LIST);
	stmt_int(q, ":before", page->before);
	stmt_int(q, ":offset", page->offset);
	stmt_int(q, ":limit", page->limit + 1);
	while (!page->more && stmt_row(q)) {
		page->more = page->n == (size_t)page->limit;
		if (!page->more)
			staff_row(q, a, &page->v[page->n++]);
	}
	return stmt_done(q);
}

enum rc
staff_get(struct db *db, struct arena *a, int64_t user, struct staff *to,
    struct err *err)
{
	struct stmt *q = stmt_get(db, Q_STAFF_GET);
	enum rc rc;

	memset(to, 0, sizeof(*to));
	stmt_int(q, ":id", user);
	if (stmt_row(q))
		staff_row(q, a, to);
	rc = stmt_done(q);
	if (rc == RC_OK && to->id == 0)
		return err_set(err, RC_NOT_FOUND, NULL, "User not found");
	return rc;
}

enum rc
staff_set_roles(struct db *db, struct arena *a, int64_t user, unsigned roles,
    const struct audit_by *by, struct err *err)
{
	return role_change(db, a, user, roles, ROLES_STAFF & ~roles, by, err);
}

enum rc
staff_sign_out(struct db *db, struct arena *a, int64_t user,
    const struct audit_by *by, struct err *err)
{
	struct staff s;
	enum rc rc = staff_get(db, a, user, &s, err);

	if (rc == RC_OK && !(s.roles & ROLES_STAFF))
		return err_set(err, RC_NOT_FOUND, NULL,
		    "This account has no role of staff");
	if (rc == RC_OK)
		rc = auth_session_revoke_all(db, user, by->now);
	if (rc != RC_OK)
		return rc;
	return audit_add(db, by, "staff.sign_out", user_target(a, user),
	    json_build_object(a, JSON_OBJECT(JSON_INT("sessions", s.sessions))),
	    json_build_object(a, JSON_OBJECT(JSON_INT("sessions", 0))));
}

static const char *
invitation_json(struct arena *a, unsigned roles)
{
	return json_build_object(a, JSON_OBJECT(JSON_INT("roles", roles)));
}

static const char *
invitation_target(struct arena *a, int64_t id)
{
	return arena_fmt(a, "invitation:%" PRId64, id);
}

enum rc
staff_invite(struct db *db, struct arena *a, const struct conf *conf,
    unsigned roles, const struct audit_by *by, struct one_time_link *link,
    const char **url, struct err *err)
{
	struct one_time_link *waiting;
	const char *token;
	size_t n;
	enum rc rc;

	rc = staff_invitations(db, a, by->now, &waiting, &n);
	if (rc != RC_OK)
		return rc;
	if (n >= STAFF_INVITATIONS_MAX)
		return err_set(err, RC_CONFLICT, "too_many_invitations",
		    "%d invitations wait. Withdraw one first",
		    STAFF_INVITATIONS_MAX);
	*link = (struct one_time_link){ .kind = ONE_TIME_LINK_STAFF,
	    .roles = roles, .created_by = by->actor, .created_at = by->now,
	    .expires_at = by->now + STAFF_INVITATION_TTL };
	rc = one_time_link_add(db, a, link, &token);
	if (rc != RC_OK)
		return rc;
	*url = one_time_link_url(a, conf->base_url, ONE_TIME_LINK_STAFF, token);
	return audit_add(db, by, "staff.invite",
	    invitation_target(a, link->id), NULL, invitation_json(a, roles));
}

enum rc
staff_invitations(struct db *db, struct arena *a, int64_t now,
    struct one_time_link **links, size_t *n)
{
	return one_time_link_list(db, a, ONE_TIME_LINK_STAFF, now,
	    STAFF_INVITATIONS_MAX, links, n);
}

enum rc
staff_uninvite(struct db *db, struct arena *a, int64_t id,
    const struct audit_by *by, struct err *err)
{
	struct one_time_link *links;
	unsigned roles = 0;
	size_t n, i;
	enum rc rc = staff_invitations(db, a, by->now, &links, &n);

	for (i = 0; rc == RC_OK && i < n && links[i].id != id; i++)
		continue;
	if (rc == RC_OK && i == n)
		return err_set(err, RC_NOT_FOUND, NULL,
		    "Invitation not found");
	if (rc == RC_OK) {
		roles = links[i].roles;
		rc = one_time_link_drop(db, id);
	}
	if (rc != RC_OK)
		return rc;
	return audit_add(db, by, "staff.uninvite", invitation_target(a, id),
	    invitation_json(a, roles), NULL);
}

/* Creates the account of a new member of staff. */
static enum rc
add_account(struct db *db, struct arena *a, const struct staff_new *new,
    unsigned roles, const struct audit_by *by, int64_t *id, struct err *err)
{
	struct account_new n = { .username = new->username,
	    .password = new->password, .roles = roles, .status = USER_ACTIVE,
	    .proved = true };
	const char *after;
	enum rc rc = account_add(db, &n, by->now, err);

	if (rc == RC_OK)
		rc = audit_user(db, a, n.id, &after);
	if (rc != RC_OK)
		return rc;
	*id = n.id;
	return audit_add(db, by, "user.add", user_target(a, n.id), NULL, after);
}

/* Returns whether the author of an invitation may still grant roles. */
static enum rc
check_author(struct db *db, int64_t author, int64_t now, struct err *err)
{
	const struct credential c = { .user = author };
	struct actor_row row;
	enum rc rc;

	if (author == 0)
		return RC_OK;
	rc = actor_load(db, &c, now, &row);
	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return rc;
	if (rc == RC_OK && row.active && (row.roles & role_bit("admin")))
		return RC_OK;
	return err_set(err, RC_NOT_FOUND, "link_invalid", "The author of this "
	    "invitation is no longer an administrator. Ask for a new one");
}

enum rc
staff_accept(struct db *db, struct arena *a, const struct one_time_link *link,
    int64_t user, const struct staff_new *new, const char *request_id,
    int64_t now, int64_t *id, struct err *err)
{
	const struct audit_by by = { .actor = link->created_by,
	    .request_id = request_id, .now = now };
	enum rc rc;

	*id = user;
	rc = check_author(db, link->created_by, now, err);
	if (rc == RC_OK)
		rc = one_time_link_drop(db, link->id);
	if (rc != RC_OK)
		return rc;
	if (user == 0)
		return add_account(db, a, new, link->roles, &by, id, err);
	return role_change(db, a, user, link->roles, 0, &by, err);
}
