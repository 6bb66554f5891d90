/*
 * Checkpoints: the log's pages go into the file.
 *
 * SQLite before 3.51.3 can lose pages when the log begins anew while it is
 * being copied (the WAL-reset bug), so whoever copies holds the writer lock.
 * That is for a moment, when the log is looked at every thousand pages. Behind
 * a reader who has stayed for long, a backup, it is not: nothing could be
 * copied meanwhile, and then hundreds of megabytes are due. Most of that is
 * copied ahead, beside the writers: a reader of our own at the log's end keeps
 * it from beginning anew, as long as it lasts.
 */
#include "base/clock.h"
#include "db/internal.h"

#define TRUNCATE_MS	60	/* for readers to get out of the way */
#define LAG		1000	/* pages that a short reader is behind, at most */
#define AHEAD		(4 * LAG)	/* pages that are worth to be copied ahead */
#define QUICK_US	20000	/* a pass that leaves but little */
#define PASSES		8

/*
 * Copy. What all processes are told of it is never less than what was copied,
 * also when this one is killed: no more than there are now.
 */
static int
copy(struct db *db, int mode, int64_t pages, int *log, int *done)
{
	int sql;

	*log = *done = 0;
	metric_set(db->wal_copied, (uint64_t)pages);
	sql = sqlite3_wal_checkpoint_v2(db->sql, "main", mode, log, done);
	if (sql == SQLITE_OK && *log >= 0)
		metric_set(db->wal_copied, (uint64_t)*done);
	return sql;
}

/* Pages of the log that are not yet copied, at least; with the lock held. */
static int64_t
checkpoint_due(struct db *db)
{
	return db_wal_pages(db) - (int64_t)atomic_load_explicit(
	    db->wal_copied, memory_order_relaxed);
}

/*
 * Begin to read the newest state, by the other connection; with the lock held.
 * There are pages that are not copied, so this reader is in the log.
 */
static bool
stay(struct db *db)
{
	if (db->aside == NULL && sqlite3_open_v2(db->file, &db->aside,
	    SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX |
	    SQLITE_OPEN_PRIVATECACHE, NULL) != SQLITE_OK) {
		sqlite3_close(db->aside);
		db->aside = NULL;
		return false;
	}
	if (sqlite3_exec(db->aside, "BEGIN; SELECT 1 FROM sqlite_schema "
	    "LIMIT 1", NULL, NULL, NULL) == SQLITE_OK)
		return true;
	sqlite3_exec(db->aside, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

/* Copy as much as can be without the lock; what is left is little then. */
static enum rc
copy_ahead(struct db *db)
{
	int64_t began, pages;
	int log, done, sql, i;
	bool stays;
	enum rc rc;

	for (i = 0; i < PASSES; i++) {
		rc = db_lock(db);
		if (rc != RC_OK)
			return rc;
		pages = db_wal_pages(db);
		stays = checkpoint_due(db) > AHEAD && stay(db);
		db_unlock(db);
		if (!stays)
			return RC_OK;
		began = clock_mono();
		sql = copy(db, SQLITE_CHECKPOINT_PASSIVE, pages, &log, &done);
		sqlite3_exec(db->aside, "COMMIT", NULL, NULL, NULL);
		if (sql != SQLITE_OK)
			return sql == SQLITE_BUSY ? RC_OK :
			    db_fault(db, "checkpoint");
		/* Another reader is in the way; or there was not much. */
		if (done < log || clock_mono() - began < QUICK_US)
			return RC_OK;
	}
	return RC_OK;
}

enum rc
db_checkpoint(struct db *db, bool truncate, int *pages)
{
	int log, done, sql;
	enum rc rc;

	if (db->tx != TX_IDLE)
		BUG("a checkpoint inside a transaction");
	rc = copy_ahead(db);
	if (rc == RC_OK)
		rc = db_lock(db);
	if (rc != RC_OK)
		return rc;
	sql = copy(db, SQLITE_CHECKPOINT_PASSIVE, db_wal_pages(db), &log,
	    &done);
	/*
	 * A reader that is far behind stays for longer: to wait for it would be
	 * in vain, and every writer would wait too.
	 */
	if (truncate && sql == SQLITE_OK && log - done <= LAG) {
		sqlite3_busy_timeout(db->sql, TRUNCATE_MS);
		sql = copy(db, SQLITE_CHECKPOINT_TRUNCATE, db_wal_pages(db),
		    &log, &done);
		sqlite3_busy_timeout(db->sql, BUSY_MS);
	}
	/* Readers in the way are no fault: the next one takes the rest. */
	if (sql != SQLITE_OK && sql != SQLITE_BUSY)
		rc = db_fault(db, "checkpoint");
	db_unlock(db);
	if (pages != NULL)
		*pages = log < 0 ? 0 : log - done;
	return rc;
}
