#include "domain/common/actor.h"

#include "base/str.h"
#include "domain/common/role.h"

const char *const user_status_words[] = {
	"pending_verification", "active", "deleted", "banned", NULL
};

enum rc
actor_load(struct db *db, const struct credential *c, int64_t now,
    struct actor_row *row)
{
	struct stmt *q = db_q(db, Q_ACTOR_LOAD);
	bool found;
	enum rc rc;

	memset(row, 0, sizeof(*row));
	q_int(q, ":user", c->user);
	q_int(q, ":session", c->session);
	q_int(q, ":service_token", c->service_token);
	found = q_row(q);
	if (found) {
		row->user = c->user;
		row->uuid = q_col_uuid(q, 0);
		row->roles = (unsigned)q_col_int(q, 1);
		if (c->service_token != 0)
			row->roles &= role_bit("service");
		row->status = (int)q_col_int(q, 2);
		row->active = actor_active(row->status, q_col_opt(q, 3), now);
		row->session_ok = q_col_int(q, 4) != 0;
	}
	rc = q_done(q);
	if (rc != RC_OK)
		return rc;
	return found ? RC_OK : RC_NOT_FOUND;
}
