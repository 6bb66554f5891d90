/*
 * fence: whether another machine has replaced this database. A standby that was
 * promoted continues its history, so each change that is made here would be
 * lost.
 */
#include "base/clock.h"
#include "db/internal.h"

#define CHECK_US	(SECOND * 1000)

enum rc
db_fence_read(struct db *db, bool *fenced)
{
	int rc;

	*fenced = false;
	if (db->fence == NULL && sqlite3_prepare_v3(db->sql,
	    "SELECT value FROM setting WHERE key = '" DB_FENCED "'", -1,
	    SQLITE_PREPARE_PERSISTENT, &db->fence, NULL) != SQLITE_OK)
		return db_fault(db, "fence");
	rc = sqlite3_step(db->fence);
	if (rc == SQLITE_ROW)
		*fenced = sqlite3_column_int64(db->fence, 0) > 0;
	sqlite3_reset(db->fence);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? RC_OK :
	    db_fault(db, "fence");
}

bool
db_fenced(struct db *db)
{
	int64_t now = clock_mono();

	if (db->fenced || now < db->fence_due)
		return db->fenced;
	db->fence_due = now + CHECK_US;
	(void)db_fence_read(db, &db->fenced);
	return db->fenced;
}
