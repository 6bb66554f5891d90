/*
 * checkpoint: copies pages from the write-ahead log into the database file.
 *
 * SQLite before 3.51.3 can lose pages if the log restarts during a checkpoint
 * (the WAL-reset bug). Therefore a checkpoint holds the writer lock. With a
 * checkpoint every thousand pages, this takes a moment.
 *
 * A long reader, such as a backup, blocks checkpoints, and hundreds of
 * megabytes can be due when it ends. Most of these pages are copied ahead,
 * without the lock, while writers continue. Meanwhile a read transaction at the
 * end of the log keeps the log from restarting. With an archive, checkpoints are
 * rarer and larger, so most pages are always copied ahead.
 */
#include <string.h>

#include "base/clock.h"
#include "db/internal.h"

#define TRUNCATE_MS	60	/* wait for readers to finish */
#define LAG		1000	/* maximum lag of a short reader in pages */
#define AHEAD		(4 * LAG)	/* pages that justify copying ahead */
#define AHEAD_GUARDED	(LAG / 2)	/* the same, with a guard */
#define QUICK_US	20000	/* a faster pass leaves few pages */
#define PASSES		8

/*
 * Runs a checkpoint. The shared count of copied pages is never too low, even if
 * this process is killed: it is set to the number of pages in the log first.
 */
static int
copy_pages(struct db *db, int mode, int64_t pages, int *log, int *done)
{
	struct db_wal wal;
	int sql;

	*log = *done = 0;
	metric_set(db->wal_copied, (uint64_t)pages);
	sql = sqlite3_wal_checkpoint_v2(db->sql, "main", mode, log, done);
	if (sql == SQLITE_OK && *log >= 0)
		metric_set(db->wal_copied, (uint64_t)*done);
	db->copied = db_wal_state(db, &wal) == RC_OK;
	if (db->copied)
		memcpy(db->copied_salt, wal.salt, sizeof(db->copied_salt));
	return sql;
}

/*
 * Returns the minimum number of pages that are not yet copied. It only grows
 * until this process copies pages. A log with another salt has restarted.
 */
static int64_t
checkpoint_due(struct db *db)
{
	struct db_wal wal;

	if (db->copied && db_wal_state(db, &wal) == RC_OK &&
	    memcmp(wal.salt, db->copied_salt, sizeof(wal.salt)) != 0)
		return wal.frames;
	return db_wal_pages(db) - (int64_t)atomic_load_explicit(
	    db->wal_copied, memory_order_relaxed);
}

/*
 * Begins to read the newest state on a second connection. Because some pages are
 * not copied, this reader uses the log.
 */
static bool
begin_reader(struct db *db)
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

void
db_checkpoint_guard(struct db *db, void (*prepare)(void *),
    bool (*ready)(void *, bool), void *arg)
{
	db->prepare = prepare;
	db->ready = ready;
	db->guard_arg = arg;
}

/* Returns whether the log may restart after what is copied now. */
static bool
may_restart(struct db *db, bool truncate)
{
	return db->ready == NULL || db->ready(db->guard_arg, truncate);
}

/*
 * Copies as many pages as possible without the lock, so that few remain. The log
 * can restart only when all its pages are copied, which the reader prevents for
 * those that are written after it began. So the guard needs no lock either.
 */
static enum rc
copy_ahead(struct db *db)
{
	int64_t began, ahead = db->ready == NULL ? AHEAD : AHEAD_GUARDED;
	int log, done, sql, i;

	for (i = 0; i < PASSES; i++) {
		if (checkpoint_due(db) <= ahead || !begin_reader(db))
			return RC_OK;
		began = clock_mono();
		log = done = 0;
		sql = may_restart(db, false) ? copy_pages(db,
		    SQLITE_CHECKPOINT_PASSIVE, db_wal_pages(db), &log, &done) :
		    SQLITE_BUSY;
		sqlite3_exec(db->aside, "COMMIT", NULL, NULL, NULL);
		if (sql != SQLITE_OK)
			return sql == SQLITE_BUSY ? RC_OK :
			    db_fault(db, "checkpoint");
		/* Another reader blocks the rest, or few pages were left. */
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
	if (rc == RC_OK && db->prepare != NULL)
		db->prepare(db->guard_arg);
	if (rc == RC_OK)
		rc = db_lock(db);
	if (rc != RC_OK)
		return rc;
	if (!may_restart(db, truncate)) {
		db_unlock(db);
		if (pages != NULL)
			*pages = (int)db_wal_pages(db);
		return RC_OK;
	}
	sql = copy_pages(db, SQLITE_CHECKPOINT_PASSIVE, db_wal_pages(db), &log,
	    &done);
	/*
	 * A reader that lags this far runs for a long time. Waiting for it
	 * would only delay all writers.
	 */
	if (truncate && sql == SQLITE_OK && log - done <= LAG) {
		sqlite3_busy_timeout(db->sql, TRUNCATE_MS);
		sql = copy_pages(db, SQLITE_CHECKPOINT_TRUNCATE,
		    db_wal_pages(db), &log, &done);
		sqlite3_busy_timeout(db->sql, BUSY_MS);
		/* Shows the empty log: the next writer may choose its salt. */
		(void)may_restart(db, false);
	}
	/*
	 * A blocking reader is not an error. The next checkpoint copies the
	 * rest.
	 */
	if (sql != SQLITE_OK && sql != SQLITE_BUSY)
		rc = db_fault(db, "checkpoint");
	db_unlock(db);
	if (pages != NULL)
		*pages = log < 0 ? 0 : log - done;
	return rc;
}
