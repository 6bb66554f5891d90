/*
 * db: the SQLite database. Opening, transactions, the writer lock, named
 * statements. Only lib/db includes sqlite3.h.
 *
 * Opening sets and reads back the required options: WAL, synchronous=FULL,
 * foreign keys, no automatic checkpoint, and others. It fails if the schema is
 * not the one of this program. Open it once per process, after fork().
 *
 * Writers wait for flock(2) on one file before BEGIN IMMEDIATE, and hold it
 * until after COMMIT. A checkpoint holds it too. So there is one writer at a
 * time, and a commit never overlaps a checkpoint (the WAL-reset bug of SQLite
 * before 3.51.3, https://sqlite.org/wal.html#walresetbug).
 *
 * A failing statement is logged once, with its name. The result is RC_BUSY
 * (another process held the lock for 5 s), RC_FULL (the disk is full) or
 * RC_FAULT (all others).
 */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/uuid.h"
#include "db/names.h"		/* enum stmt_id: Q_..., generated from
				 * sql/queries */

struct db;
struct stmt;

enum db_mode {
	DB_SERVE,	/* the schema must be this program's */
	DB_MIGRATE,	/* any older schema, or no file, which is created */
	DB_INSPECT,	/* read-only, any schema: doctor, status */
	DB_SOURCE,	/* any schema, for db_copy(): SQLite 3.40 cannot copy
			 * generated columns over a read-only connection */
	DB_COPY		/* read-only, any schema, any journal mode: a file
			 * that no other process has open. lock_file is not
			 * used */
};

/*
 * The setting that is not 0 if another machine has replaced this database. Then
 * db_write() returns RC_BUSY if the database was opened with DB_SERVE, and no
 * program serves it any more.
 */
#define DB_FENCED	"fenced"
#define DB_FENCED_WHY	"another machine has replaced this database: make " \
	"this one its standby by restore --follow --replace"

/*
 * Opens file with the writer lock lock_file. Returns NULL, and sets *err
 * ("schema_newer", "schema_older", ...), if that fails.
 */
struct db	*db_open(const char *file, const char *lock_file,
		    enum db_mode, struct err *);
void		 db_close(struct db *);
/*
 * Returns whether the database is fenced, outside of a transaction. It reads
 * the setting at most once per second, so a loop can call it often.
 */
bool		 db_fenced(struct db *);

/*
 * Applies all missing migrations in one transaction, so the schema is never
 * between two levels. Sets *from and *to to the levels before and after. On
 * failure, *to is *from.
 */
enum rc		 db_migrate(struct db *, struct err *, int *from, int *to);
/*
 * The schema level of this program, and of the file. 0: the file has no schema,
 * or it cannot be read.
 */
int		 db_schema_want(void);
int		 db_schema_have(struct db *);

/*
 * Transactions. A read transaction sees one snapshot. A write transaction waits
 * up to 5 s for the lock, then returns RC_BUSY. Transactions do not nest, but a
 * write transaction may contain a savepoint. If db_commit() does not return
 * RC_OK, nothing was written and the transaction is over. Incorrect use (a
 * write statement in a read transaction, a missing end) is a BUG().
 */
enum rc		 db_read(struct db *);
void		 db_read_end(struct db *);
enum rc		 db_write(struct db *);
enum rc		 db_commit(struct db *);
void		 db_rollback(struct db *);
enum rc		 db_save(struct db *);		/* SAVEPOINT */
enum rc		 db_save_keep(struct db *);	/* RELEASE */
/*
 * Rolls back to the savepoint. Returns another code than RC_OK if an error such
 * as a full disk has already ended the transaction. Then all its work has
 * failed.
 */
enum rc		 db_save_undo(struct db *);
/*
 * db_wake_add() records that this transaction writes rows for the programs in
 * `who` (bits of base/wakeup.h). db_wake_take() returns the bits of the
 * transactions committed since its last call. Rolling back to a savepoint does
 * not remove bits; an unnecessary notification is harmless.
 */
void		 db_wake_add(struct db *, unsigned who);
unsigned	 db_wake_take(struct db *);
/*
 * Tries to acquire the writer lock without waiting. If it returns true,
 * db_write() must follow, and does not wait. Use this if the caller can do
 * other work instead of waiting.
 */
bool		 db_write_free(struct db *);

/*
 * Named statements. They are prepared at their first use and kept.
 *
 * 	struct stmt *q = stmt_get(db, Q_FLYER_GET);
 * 	stmt_int(q, ":id", id);
 * 	if (stmt_row(q))
 * 		title = stmt_col_text(q, 1, arena);
 * 	return stmt_done(q);
 *
 * A statement has one user at a time. stmt_done() must always follow, and
 * returns RC_OK or the first failure: RC_CONFLICT for a UNIQUE constraint,
 * RC_NOT_FOUND for a FOREIGN KEY, RC_INVALID for a CHECK or a type. These three
 * are not logged.
 */
struct stmt	*stmt_get(struct db *, enum stmt_id);
void		 stmt_int(struct stmt *, const char *name, int64_t);
/* NULL binds null. */
void		 stmt_text(struct stmt *, const char *name, const char *);
void		 stmt_blob(struct stmt *, const char *name, const void *,
	    size_t);
/* The nil UUID binds null. */
void		 stmt_uuid(struct stmt *, const char *name,
	    const struct uuid *);
void		 stmt_null(struct stmt *, const char *name);
/* Binds a number, or null if it is INT64_MIN. See stmt_col_opt(). */
void		 stmt_opt(struct stmt *, const char *name, int64_t);
/* Binds an ID, or null if it is 0. */
void		 stmt_id(struct stmt *, const char *name, int64_t);
/* Text and blobs are not copied. They must live until stmt_done(). */

/*
 * Fetches the next row. Returns false at the end and on errors. While the limit
 * of an arena is exceeded (base/arena.h), there are no rows and stmt_done()
 * returns RC_FAULT.
 */
bool		 stmt_row(struct stmt *);
/* stmt_budget() for one page of a list, in bytes of the texts. */
#define PAGE_BYTES	((size_t)2 * 1024 * 1024)
/*
 * Bounds the memory of a list. The rows end when the arena has grown by more
 * than `bytes` since this call. The first row is always returned. stmt_cut()
 * returns whether rows were left out for this reason; call it before
 * stmt_done().
 */
void		 stmt_budget(struct stmt *, const struct arena *, size_t bytes);
bool		 stmt_cut(const struct stmt *);
enum rc		 stmt_done(struct stmt *);
/* Runs a statement without rows: stmt_row() and stmt_done() in one call. */
enum rc		 stmt_run(struct stmt *);

/* Columns of the current row, from 0. */
bool		 stmt_is_null(struct stmt *, int col);
int64_t		 stmt_col_int(struct stmt *, int col);		/* null: 0 */
int64_t		 stmt_col_opt(struct stmt *, int col);	/* null: INT64_MIN */
/* Returns a copy in the arena, or NULL for null. */
char		*stmt_col_text(struct stmt *, int col, struct arena *);
/*
 * Returns the text itself, valid until the next stmt_row() or stmt_done(), or
 * NULL for null.
 */
const char	*stmt_col_peek(struct stmt *, int col);
/* Returns the bytes and their number, valid as above. */
const void	*stmt_col_blob(struct stmt *, int col, size_t *len);
struct uuid	 stmt_col_uuid(struct stmt *, int col);		/* null: nil */

/* Rows changed by the last statement, and rowid of the last insert. */
int64_t		 db_changes(struct db *);
int64_t		 db_last_id(struct db *);
/*
 * Returns a number that identifies what a read transaction reads. It changes
 * with each commit of any process, so a caller may keep what it has read while
 * the number is the same. Returns 0 if the transaction has not read anything
 * yet, or is a write.
 */
uint64_t	 db_snapshot(struct db *);
/* Number of statements since the database was opened, for the access log. */
uint64_t	 db_uses(const struct db *);

/*
 * Runs a checkpoint under the writer lock. *pages is the number of pages that
 * are left in the log.
 */
enum rc		 db_checkpoint(struct db *, bool truncate, int *pages);
/*
 * Sets two functions that a checkpoint calls before the log can restart and its
 * frames can be overwritten. Neither may use the database except for the two
 * functions below.
 *
 * prepare is called first, without the writer lock, so that little remains for
 * ready. While ready runs, the log cannot restart: the caller has the lock, or
 * reads from the log. If ready returns false, there is no checkpoint. truncate:
 * the log may be emptied. It is called again after that, with truncate false.
 */
void		 db_checkpoint_guard(struct db *, void (*prepare)(void *),
	    bool (*ready)(void *, bool truncate), void *);

/*
 * The committed part of the write-ahead log. Its frames are numbered from 0 and
 * never change until the log restarts with other salts, which only a checkpoint
 * makes possible. The caller must have read from the database before.
 */
#define DB_WAL_HEADER		32	/* bytes before the first frame */
#define DB_WAL_FRAME_HEADER	24	/* bytes before the page of a frame */
struct db_wal {
	uint8_t salt[8];		/* as in the header of the file */
	int page_size;
	int64_t frames;
	/*
	 * The number of commits since the index of the log was built, which
	 * the first program that opens the database does. Restarts of the log
	 * do not change it.
	 */
	uint32_t changes;
};
enum rc		 db_wal_state(struct db *, struct db_wal *);
/* Sets *n to the number of commits in the frames of this log. */
enum rc		 db_wal_commits(struct db *, const struct db_wal *,
		    uint32_t *n);
/* Reads n bytes of the log file. */
enum rc		 db_wal_read(struct db *, int64_t at, void *, size_t n);
/*
 * Runs PRAGMA integrity_check and foreign_key_check. Returns RC_FAULT, and the
 * first problem in err, if they find any.
 */
enum rc		 db_verify(struct db *, struct err *);
/*
 * Runs only PRAGMA quick_check, which finds most problems in a fraction of the
 * time.
 */
enum rc		 db_quick_check(struct db *, struct err *);
/* Sets the page cache to kib KiB, for programs that write large amounts. */
enum rc		 db_cache(struct db *, int kib);
/*
 * Copies the last committed state into a new file with mode 0600. Writers do
 * not wait, but the log cannot shrink meanwhile. The caller has to sync the
 * file. It is not in WAL mode until it is opened with DB_MIGRATE.
 */
enum rc		 db_copy(struct db *, const char *to, struct err *);
/*
 * Returns whether another process has the file open. A process that has the
 * file open itself must not call this, because it would lose its locks.
 */
bool		 db_in_use(const char *file);
/*
 * Moves everything from the log into the file, removes the log, and closes the
 * database, so that the file can be moved. Returns RC_BUSY, and keeps the
 * database open, if another process has it open.
 */
enum rc		 db_fold(struct db *, struct err *);
/*
 * Copies the log of a file that no process has open into the file, and removes
 * the log. Unlike db_open() and db_fold(), it does not parse the schema, which
 * takes most of the time if this is repeated for thousands of short logs.
 */
enum rc		 db_merge_log(const char *file, struct err *);
/* Removes the log files of a database that no process has open. */
void		 db_forget_log(const char *file);
/* Returns the version of SQLite ("3.40.1") and sets its number (3040001). */
const char	*db_engine(int *number);
/* Size of the -wal file in bytes. */
int64_t		 db_wal_bytes(struct db *);
/*
 * Number of pages in the log after the last commit of any process. It is in the
 * shared metrics; without them it is 0.
 */
int64_t		 db_wal_pages(struct db *);

#endif
