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
 * end of the log keeps the log from restarting.
 */
#include "base/clock.h"
#include "db/internal.h"

#define TRUNCATE_MS	60	/* wait for readers to finish */
#define LAG		1000	/* maximum lag of a short reader in pages */
#define AHEAD		(4 * LAG)	/* pages that justify copying ahead */
#define QUICK_US	20000	/* a faster pass leaves few pages */
#define PASSES		8

/*
 * Runs a checkpoint. The shared count of copied pages is never too low, even if
 * this process is killed: it is set to the number of pages in the log first.
 */
static int
copy_pages(struct db *db, int mode, int64_t pages, int *log, int *done)
{
	int sql;

	*log = *done = 0;
	metric_set(db->wal_copied, (uint64_t)pages);
	sql = sqlite3_wal_checkpoint_v2(db->sql, "main", mode, log, done);
	if (sql == SQLITE_OK && *log >= 0)
		metric_set(db->wal_copied, (uint64_t)*done);
	return sql;
}

/*
 * Returns the minimum number of pages that are not yet copied. The caller holds
 * the lock.
 */
static int64_t
checkpoint_due(struct db *db)
{
	return db_wal_pages(db) - (int64_t)atomic_load_explicit(
	    db->wal_copied, memory_order_relaxed);
}

/*
 * Begins to read the newest state on a second connection. The caller holds the
 * lock. Because some pages are not copied, this reader uses the log.
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

/* Takes the writer lock when the guard has prepared for a restart of the log. */
static enum rc
lock_prepared(struct db *db)
{
	if (db->prepare != NULL)
		db->prepare(db->guard_arg);
	return db_lock(db);
}

/* Returns whether the log may restart. The caller holds the lock. */
static bool
may_restart(struct db *db, bool truncate)
{
	return db->ready == NULL || db->ready(db->guard_arg, truncate);
}

/* Copies as many pages as possible without the lock, so that few remain. */
static enum rc
copy_ahead(struct db *db)
{
	int64_t began, pages;
	int log, done, sql, i;
	bool reading;
	enum rc rc;

	for (i = 0; i < PASSES; i++) {
		rc = lock_prepared(db);
		if (rc != RC_OK)
			return rc;
		pages = db_wal_pages(db);
		reading = checkpoint_due(db) > AHEAD && may_restart(db, false) &&
		    begin_reader(db);
		db_unlock(db);
		if (!reading)
			return RC_OK;
		began = clock_mono();
		sql = copy_pages(db, SQLITE_CHECKPOINT_PASSIVE, pages, &log,
		    &done);
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
	if (rc == RC_OK)
		rc = lock_prepared(db);
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
