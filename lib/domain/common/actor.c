#include "domain/common/actor.h"

#include "base/str.h"
#include "domain/common/role.h"

const char *const user_status_names[] = {
	"pending_verification", "active", "deleted", "banned", NULL
};

enum rc
actor_load(struct db *db, const struct credential *c, int64_t now,
    struct actor_row *row)
{
	bool found, service = c->service_token != 0;
	struct stmt *q = stmt_get(db, service ? Q_ACTOR_LOAD_SERVICE :
	    Q_ACTOR_LOAD);
	enum rc rc;

	memset(row, 0, sizeof(*row));
	stmt_int(q, ":user", c->user);
	stmt_int(q, ":credential", service ? c->service_token : c->session);
	found = stmt_row(q);
	if (found) {
		row->user = c->user;
		row->uuid = stmt_col_uuid(q, 0);
		row->roles = (unsigned)stmt_col_int(q, 1);
		if (service)
			row->roles &= role_bit("service");
		row->status = (int)stmt_col_int(q, 2);
		row->active = actor_active(row->status, stmt_col_opt(q, 3),
		    now);
		row->session_ok = stmt_col_int(q, 4) != 0;
	}
	rc = stmt_done(q);
	if (rc != RC_OK)
		return rc;
	return found ? RC_OK : RC_NOT_FOUND;
}

enum rc
actor_factor(struct db *db, const struct credential *c, struct actor_factor *f)
{
	struct stmt *q = stmt_get(db, Q_ACTOR_FACTOR);

	*f = (struct actor_factor){ .proved_at = INT64_MIN };
	stmt_int(q, ":user", c->user);
	stmt_int(q, ":session", c->session);
	if (stmt_row(q)) {
		f->enabled = stmt_col_int(q, 0) != 0;
		f->proved_at = stmt_col_opt(q, 1);
	}
	return stmt_done(q);
}

enum rc
actor_inactive(struct db *db, int64_t user, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_ACTOR_BAN);
	struct err_ban *ban = NULL;
	enum rc rc;

	stmt_int(q, ":user", user);
	if (stmt_row(q)) {
		ban = arena_new(err->arena, struct err_ban);
		ban->until = stmt_col_opt(q, 0);
		ban->reason = stmt_col_text(q, 1, err->arena);
	}
	rc = stmt_done(q);
	if (rc != RC_OK)
		return rc;
	err->ban = ban;
	return err_set(err, RC_FORBIDDEN, "account_inactive",
	    "User account is inactive");
}
