/*
 * db: the one SQLite file. Opening, transactions, the writer lock, named
 * statements. Nobody outside lib/db sees sqlite3.h.
 *
 * Opening sets, and reads back, what the design fixes: WAL, synchronous=FULL,
 * foreign keys, no automatic checkpoint, and so on; it refuses a schema that
 * is not this program's. Open after fork, once a process.
 *
 * Writers queue on flock(2) of one file before BEGIN IMMEDIATE and hold it
 * until after COMMIT; a checkpoint holds it too. So processes take turns, and a
 * commit never meets a checkpoint (the WAL-reset bug of SQLite before 3.51.3,
 * https://sqlite.org/wal.html#walresetbug).
 *
 * A failing statement is logged here, once, with its name. Its rc goes up:
 * RC_BUSY (held by others for 5 s), RC_FULL (no space), RC_FAULT (the rest).
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
#include "db/names.h"		/* enum stmt_id: Q_..., made from sql/queries */

struct db;
struct stmt;

enum db_mode {
	DB_SERVE,	/* the schema must be this program's */
	DB_MIGRATE,	/* any older schema, or none; makes the file */
	DB_INSPECT,	/* read only, any schema: doctor, status */
	DB_SOURCE,	/* any schema, for db_copy(): SQLite 3.40 can not copy
			 * generated columns by a connection that only reads */
	DB_COPY		/* read only, any schema, any journal: a file that
			 * nobody else has open. lock_file is not used */
};

/*
 * Open file with the writer lock lock_file. NULL: *err says why
 * ("schema_newer", "schema_older", ...), nothing is left open.
 */
struct db	*db_open(const char *file, const char *lock_file,
		    enum db_mode, struct err *);
void		 db_close(struct db *);

/*
 * Bring the schema up to date, all that is missing in one transaction: it is
 * the old one or the newest, never one between.
 */
enum rc		 db_migrate(struct db *, struct err *, int *from, int *to);
/* This program's schema level, and the file's. */
int		 db_schema_want(void);
int		 db_schema_have(struct db *);

/*
 * Transactions. A read sees one snapshot. A write waits for the lock (no
 * longer than 5 s: RC_BUSY). They do not nest; a write may hold savepoints.
 * db_commit() not RC_OK means that nothing was written and the transaction is
 * over. Misuse (a write statement in a read, a missing end) is a BUG().
 */
enum rc		 db_read(struct db *);
void		 db_read_end(struct db *);
enum rc		 db_write(struct db *);
enum rc		 db_commit(struct db *);
void		 db_rollback(struct db *);
enum rc		 db_save(struct db *);		/* SAVEPOINT */
enum rc		 db_save_keep(struct db *);	/* RELEASE */
/*
 * Undo to the savepoint. Not RC_OK when a fault (a full disk) has already
 * ended the whole transaction: then every member of it has failed.
 */
enum rc		 db_save_undo(struct db *);
/*
 * This transaction writes rows that concern another program (base/wakeup.h);
 * what the committed ones said since the last db_wake_take(). A savepoint that
 * is undone may have said too much: a nudge for nothing does no harm.
 */
void		 db_wake_add(struct db *, unsigned who);
unsigned	 db_wake_take(struct db *);
/*
 * Is the writer lock free? Then it is ours now, and the db_write() that must
 * follow does not wait. For who has something better to do than to queue.
 */
bool		 db_write_free(struct db *);

/*
 * Named statements, prepared on first use and kept.
 *
 *	struct stmt *q = stmt_get(db, Q_FLYER_GET);
 *	stmt_int(q, ":id", id);
 *	if (stmt_row(q))
 *		title = stmt_text(q, 1, arena);
 *	return stmt_done(q);
 *
 * One use at a time; stmt_done() must follow, whatever happened (it gives RC_OK
 * or the failure). RC_CONFLICT: a UNIQUE constraint; RC_NOT_FOUND: a FOREIGN
 * KEY; RC_INVALID: a CHECK or a type. These three are not logged.
 */
struct stmt	*stmt_get(struct db *, enum stmt_id);
void		 stmt_int(struct stmt *, const char *name, int64_t);
/* NULL: null */
void		 stmt_text(struct stmt *, const char *name, const char *);
void		 stmt_blob(struct stmt *, const char *name, const void *,
	    size_t);
/* nil: null */
void		 stmt_uuid(struct stmt *, const char *name,
	    const struct uuid *);
void		 stmt_null(struct stmt *, const char *name);
/* Text and blobs are not copied: they must live until stmt_done(). */

/*
 * The next row; false at the end and on an error. While the limit of an arena
 * is exceeded (base/arena.h) there are no rows and stmt_done() gives RC_FAULT.
 */
bool		 stmt_row(struct stmt *);
/* The stmt_budget() of a page of a list, in bytes of the rows' texts. */
#define PAGE_BYTES	((size_t)2 * 1024 * 1024)
/*
 * Bounds the memory of a list: rows end when the arena has grown by more than
 * `bytes` since this call. The first row always comes. stmt_cut() returns
 * whether a row was left out for that reason; call it before stmt_done().
 */
void		 stmt_budget(struct stmt *, const struct arena *, size_t bytes);
bool		 stmt_cut(const struct stmt *);
enum rc		 stmt_done(struct stmt *);
/* Run a statement that gives no rows: stmt_row() and stmt_done() in one. */
enum rc		 stmt_run(struct stmt *);

/* Columns of the present row, from 0. */
bool		 stmt_is_null(struct stmt *, int col);
int64_t		 stmt_col_int(struct stmt *, int col);		/* null: 0 */
int64_t		 stmt_col_opt(struct stmt *, int col);	/* null: INT64_MIN */
/* A copy in the arena; null: NULL. */
char		*stmt_col_text(struct stmt *, int col, struct arena *);
/* The text itself, valid until the next stmt_row() or stmt_done(); null: NULL. */
const char	*stmt_col_peek(struct stmt *, int col);
/* The bytes, valid as above. */
const void	*stmt_col_blob(struct stmt *, int col, size_t *len);
struct uuid	 stmt_col_uuid(struct stmt *, int col);		/* null: nil */

/* Rows changed by the last statement; rowid of the last insert. */
int64_t		 db_changes(struct db *);
int64_t		 db_last_id(struct db *);
/* Statements used since opening: a request's log line tells its share. */
uint64_t	 db_uses(const struct db *);

/* Checkpoint the log (holding the writer lock); *pages left in it. */
enum rc		 db_checkpoint(struct db *, bool truncate, int *pages);
/* PRAGMA integrity_check and foreign_key_check; RC_FAULT names the first. */
enum rc		 db_verify(struct db *, struct err *);
/* PRAGMA quick_check alone: most of the above in a fraction of its time. */
enum rc		 db_quick_check(struct db *, struct err *);
/* Keep so many KiB of pages in memory; for what writes very much at once. */
enum rc		 db_cache(struct db *, int kib);
/*
 * Copy what is committed now into a new file, mode 0600: one snapshot, for
 * which no writer waits. The log can not be emptied meanwhile. The file is not
 * yet on the disk, and not in WAL mode: opening it with DB_MIGRATE makes it.
 */
enum rc		 db_copy(struct db *, const char *to, struct err *);
/*
 * Does another process have the file open? Not for a process that has it
 * open itself: looking would drop its locks.
 */
bool		 db_in_use(const char *file);
/*
 * Close it, with everything in the file itself and no log beside it, so that it
 * can be moved. RC_BUSY: somebody else has it open; it is not closed.
 */
enum rc		 db_fold(struct db *, struct err *);
/* Remove the log's files of a database that nobody has open. */
void		 db_forget_log(const char *file);
/* SQLite's own version, "3.40.1", and its number, 3040001. */
const char	*db_engine(int *number);
/* Bytes of the -wal file, by stat. */
int64_t		 db_wal_bytes(struct db *);
/*
 * Pages in the log, as the last commit of any process left them. Needs the
 * shared metrics; 0 without.
 */
int64_t		 db_wal_pages(struct db *);

#endif
