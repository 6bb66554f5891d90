#include "dom/actor.h"

#include "base/str.h"

const char *const user_status_words[] = {
	"pending_verification", "active", "deleted", "banned", NULL
};

enum rc
actor_load(struct db *db, int64_t user, int64_t session, int64_t now,
    struct actor_row *row)
{
	struct stmt *q = db_q(db, Q_ACTOR_LOAD);
	bool found;
	enum rc rc;

	memset(row, 0, sizeof(*row));
	q_int(q, ":user", user);
	q_int(q, ":session", session);
	found = q_row(q);
	if (found) {
		row->user = user;
		row->uuid = q_col_uuid(q, 0);
		row->roles = (unsigned)q_col_int(q, 1);
		row->status = (int)q_col_int(q, 2);
		row->active = actor_active(row->status, q_col_opt(q, 3), now);
		row->session_ok = q_col_int(q, 4) != 0;
	}
	rc = q_done(q);
	if (rc != RC_OK)
		return rc;
	return found ? RC_OK : RC_NOT_FOUND;
}
