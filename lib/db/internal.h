/* internal: definitions shared by the files of lib/db. */
#ifndef DB_INTERNAL_H
#define DB_INTERNAL_H

#include <sqlite3.h>

#include "base/metric.h"
#include "db/db.h"
#include "db/stmt.h"

/*
 * FULL is required: with NORMAL, a power failure loses acknowledged commits.
 * NORMAL exists only as the control group of the power failure test.
 */
#ifdef DB_UNSAFE_NORMAL
#define DB_SYNCHRONOUS "NORMAL"
#define DB_SYNCHRONOUS_READ "1"
#else
#define DB_SYNCHRONOUS "FULL"
#define DB_SYNCHRONOUS_READ "2"
#endif

enum db_tx { TX_IDLE, TX_READING, TX_WRITING };

/* Prepared statements for transaction control. */
enum txn_stmt {
	TXN_BEGIN, TXN_BEGIN_WRITE, TXN_COMMIT, TXN_ROLLBACK,
	TXN_SAVE, TXN_SAVE_KEEP, TXN_SAVE_UNDO, TXN_MAX
};

struct stmt {
	struct db *db;
	sqlite3_stmt *s;
	const char *name;
	enum rc rc;
	bool open, writes;
	bool cut;			/* see stmt_budget() */
	const struct arena *arena;	/* NULL: no budget */
	size_t budget;			/* of arena->used */
	int64_t rows;			/* returned since stmt_get() */
	int next;			/* parameter that is probably bound next */
};

struct db {
	sqlite3 *sql;
	char *file;
	int lock;			/* descriptor of the writer lock */
	bool locked;			/* the writer lock is held */
	enum db_tx tx;
	uint64_t opened;		/* number of this db_open() */
	uint64_t uses;
	unsigned wakes_pending;		/* db_wake_add() of this transaction */
	unsigned wakes;			/* of committed transactions */
	sqlite3_stmt *simple[TXN_MAX];
	struct stmt stmts[STMT_MAX];
	sqlite3 *aside;			/* see checkpoint.c; or NULL */
	bool serves;			/* opened with DB_SERVE */
	sqlite3_stmt *fence;		/* see fence.c; or NULL */
	bool fenced;			/* result of the last check */
	int64_t fence_due;		/* of the next check, monotonic, µs */
	void (*prepare)(void *);	/* db_checkpoint_guard(); or NULL */
	bool (*ready)(void *, bool);
	void *guard_arg;
	uint8_t copied_salt[8];		/* of the log at the last checkpoint */
	bool copied;			/* copied_salt is set */
	metric *lock_wait, *commits, *commit_us, *wal_pages, *wal_copied;
};

#define BUSY_MS	5000
/*
 * Maximum bytes of a text, blob or row. A longer one makes its statement fail.
 * This bounds by how much one row can exceed the limit of an arena.
 */
#define VALUE_MAX	(16 * 1024 * 1024)

/* Acquire and release the writer lock, for db_write() and checkpoints. */
enum rc	db_lock(struct db *);
void	db_unlock(struct db *);
/* Sets the options of the library, before its first use. */
enum rc	db_configure_sqlite(struct err *);
/* Returns the rc of the connection's last error. Logs unexpected errors. */
enum rc	db_fault(struct db *, const char *what);
/*
 * Runs a query and writes the first column of its first row to out, or "" if it
 * has no row or is null. Returns RC_FAULT if the query failed, and does not log
 * that.
 */
enum rc	db_ask(struct db *, const char *sql, char *out, size_t size);
/* Reads whether the database is fenced. See db_fenced(). */
enum rc	db_fence_read(struct db *, bool *fenced);
/* Reads the schema level of the file. 0: it has no schema. */
enum rc	db_schema_read(struct db *, int *level);
enum rc	stmt_simple(struct db *, enum txn_stmt);
void	stmt_close(struct db *);

#endif
