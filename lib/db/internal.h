/*
 * internal: what the files of lib/db share. Nobody else includes this.
 */
#ifndef DB_INTERNAL_H
#define DB_INTERNAL_H

#include <sqlite3.h>

#include "base/metric.h"
#include "db/db.h"
#include "db/stmt.h"

/*
 * FULL is the design: NORMAL loses acknowledged commits at a power cut. The
 * other value exists for the control of the power cut test alone.
 */
#ifdef DB_UNSAFE_NORMAL
#define DB_SYNCHRONOUS "NORMAL"
#define DB_SYNCHRONOUS_READ "1"
#else
#define DB_SYNCHRONOUS "FULL"
#define DB_SYNCHRONOUS_READ "2"
#endif

enum db_tx { TX_IDLE, TX_READING, TX_WRITING };

/* Transaction control, prepared like everything else. */
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
};

struct db {
	sqlite3 *sql;
	char *file;
	int lock;			/* the writer lock's descriptor */
	bool locked;			/* taken by db_write_free() */
	enum db_tx tx;
	uint64_t uses;
	unsigned tells, told;		/* of this transaction; of committed ones */
	sqlite3_stmt *simple[TXN_MAX];
	struct stmt stmts[STMT_MAX];
	sqlite3 *aside;			/* see checkpoint.c; NULL: not needed yet */
	metric *lock_wait, *commits, *commit_us, *wal_pages, *wal_copied;
};

#define BUSY_MS	5000
/*
 * Longest text, blob or row in bytes; a longer one is a failure of its
 * statement. This bounds how far one row exceeds the limit of an arena.
 */
#define VALUE_MAX	(16 * 1024 * 1024)

/* The writer lock, held or waited for; db_write() and checkpoints take it. */
enum rc	db_lock(struct db *);
void	db_unlock(struct db *);
/* The rc of the connection's last error, logged unless it is expected. */
enum rc	db_fault(struct db *, const char *what);
/* The first column of the first row, in out; "" when there is none. */
void	db_ask(struct db *, const char *sql, char *out, size_t size);
enum rc	stmt_simple(struct db *, enum txn_stmt);
void	stmt_close(struct db *);

#endif
