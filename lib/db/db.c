#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/commit_times.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/str.h"
#include "db/hours_function.h"
#include "db/list_function.h"
#include "db/internal.h"
#include "db/tokenizer.h"

static const struct pragma {
	const char *set, *get, *want;
} pragmas[] = {
	{ "PRAGMA synchronous=" DB_SYNCHRONOUS, "PRAGMA synchronous",
	    DB_SYNCHRONOUS_READ },
	{ "PRAGMA foreign_keys=ON", "PRAGMA foreign_keys", "1" },
	/*
	 * Required because triggers write to FTS5 tables, which SQLite before
	 * 3.41 otherwise rejects ("unsafe use of virtual table"). The schema
	 * comes only from the migrations.
	 */
	{ "PRAGMA trusted_schema=ON", "PRAGMA trusted_schema", "1" },
	{ "PRAGMA wal_autocheckpoint=0", "PRAGMA wal_autocheckpoint", "0" },
	{ "PRAGMA journal_size_limit=16777216", "PRAGMA journal_size_limit",
	    "16777216" },
	{ "PRAGMA temp_store=MEMORY", "PRAGMA temp_store", "2" },
	{ "PRAGMA analysis_limit=400", "PRAGMA analysis_limit", "400" },
	{ "PRAGMA mmap_size=0", "PRAGMA mmap_size", "0" },
	/*
	 * Keeps a worker below 16 MiB. Pages of favorites of 10,000 users share
	 * this much, beside the items that fcgi/core/item_cache.h keeps.
	 */
	{ "PRAGMA cache_size=-2600", "PRAGMA cache_size", "-2600" },
};

enum rc
db_fault(struct db *db, const char *what)
{
	int code = sqlite3_extended_errcode(db->sql);

	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		log_warn("db_busy", "%s: %s", what, sqlite3_errmsg(db->sql));
		return RC_BUSY;
	case SQLITE_FULL:
		log_error("db_full", "%s: %s", what, sqlite3_errmsg(db->sql));
		return RC_FULL;
	case SQLITE_IOERR:
		/* A full disk causes a failed write when the log grows. */
		if (rc_errno(sqlite3_system_errno(db->sql), RC_FAULT) ==
		    RC_FULL) {
			log_error("db_full", "%s: the disk is full", what);
			return RC_FULL;
		}
		break;
	case SQLITE_CONSTRAINT:
		if (code == SQLITE_CONSTRAINT_UNIQUE ||
		    code == SQLITE_CONSTRAINT_PRIMARYKEY)
			return RC_CONFLICT;
		if (code == SQLITE_CONSTRAINT_FOREIGNKEY)
			return RC_NOT_FOUND;
		if (code != SQLITE_CONSTRAINT_TRIGGER)
			return RC_INVALID;
		break;
	}
	log_error("db_fault", "%s: %s (%d)", what, sqlite3_errmsg(db->sql),
	    code);
	return RC_FAULT;
}

static enum rc
run_sql(struct db *db, const char *sql)
{
	if (sqlite3_exec(db->sql, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_fault(db, sql);
	return RC_OK;
}

enum rc
db_ask(struct db *db, const char *sql, char *out, size_t size)
{
	const char *text = NULL;
	sqlite3_stmt *s;
	int rc;

	*out = '\0';
	rc = sqlite3_prepare_v2(db->sql, sql, -1, &s, NULL);
	if (rc == SQLITE_OK) {
		rc = sqlite3_step(s);
		if (rc == SQLITE_ROW)
			text = (const char *)sqlite3_column_text(s, 0);
		if (text != NULL)
			snprintf(out, size, "%s", text);
		else if (rc == SQLITE_ROW &&
		    sqlite3_errcode(db->sql) == SQLITE_NOMEM)
			rc = SQLITE_NOMEM;
		sqlite3_finalize(s);
	}
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? RC_OK : RC_FAULT;
}

/*
 * Sets the required options and reads them back. Returns RC_FAULT if one was
 * not accepted.
 */
static enum rc
configure(struct db *db, enum db_mode mode, struct err *err)
{
	static const struct {
		int op, value;
	} options[] = {
		{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
		{ SQLITE_DBCONFIG_DQS_DDL, 0 },
		{ SQLITE_DBCONFIG_DQS_DML, 0 },
		{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
		{ SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1 },
	};
	char got[64];
	size_t i;
	int on;

	sqlite3_extended_result_codes(db->sql, 1);
	sqlite3_busy_timeout(db->sql, BUSY_MS);
	sqlite3_limit(db->sql, SQLITE_LIMIT_ATTACHED, 0);
	if (mode == DB_SERVE)
		sqlite3_limit(db->sql, SQLITE_LIMIT_LENGTH, VALUE_MAX);
	for (i = 0; i < NELEM(options); i++)
		if (sqlite3_db_config(db->sql, options[i].op,
		    options[i].value, &on) != SQLITE_OK ||
		    on != options[i].value)
			return err_set(err, RC_FAULT, "db_option",
			    "SQLite rejects option %d", options[i].op);
	if (tokenizer_register(db->sql) != SQLITE_OK)
		return err_set(err, RC_FAULT, "db_option",
		    "SQLite rejects the tokenizer: %s",
		    sqlite3_errmsg(db->sql));
	if (hours_function_register(db->sql) != SQLITE_OK ||
	    list_function_register(db->sql) != SQLITE_OK)
		return err_set(err, RC_FAULT, "db_option",
		    "SQLite rejects a function: %s",
		    sqlite3_errmsg(db->sql));
	if (mode == DB_MIGRATE)
		db_ask(db, "PRAGMA journal_mode=WAL", got, sizeof(got));
	db_ask(db, "PRAGMA journal_mode", got, sizeof(got));
	if (!str_eq(got, "wal") && (mode != DB_COPY || got[0] == '\0'))
		return err_set(err, RC_FAULT, "db_mode",
		    "journal_mode is '%s', not WAL: %s", got,
		    sqlite3_errmsg(db->sql));
	for (i = 0; i < NELEM(pragmas); i++) {
		if (run_sql(db, pragmas[i].set) != RC_OK)
			return err_set(err, RC_FAULT, "db_option",
			    "%s failed", pragmas[i].set);
		db_ask(db, pragmas[i].get, got, sizeof(got));
		/* mmap may be compiled out. No row then means the same as 0. */
		if (!str_eq(got, pragmas[i].want) && got[0] != '\0')
			return err_set(err, RC_FAULT, "db_option",
			    "%s reads back as '%s'", pragmas[i].set, got);
	}
	return RC_OK;
}

/*
 * A file with another hard link, or a symbolic link, could be separated from
 * its lock or log.
 */
static enum rc
check_file(const char *file, enum db_mode mode, struct err *err)
{
	struct stat st;

	if (lstat(file, &st) != 0) {
		if (mode == DB_MIGRATE && errno == ENOENT)
			return RC_OK;
		return err_set(err, RC_NOT_FOUND, "db_missing",
		    "the database %s does not exist: run migrate", file);
	}
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
		return err_set(err, RC_FAULT, "db_file",
		    "%s must be a regular file without other links", file);
	return RC_OK;
}

static enum rc
check_schema(struct db *db, struct err *err)
{
	int have, want = db_schema_want();

	if (db_schema_read(db, &have) != RC_OK)
		return err_set(err, RC_FAULT, "db_open",
		    "the schema level cannot be read: %s",
		    sqlite3_errmsg(db->sql));
	if (have > want)
		return err_set(err, RC_FAULT, "schema_newer",
		    "the database has schema %d, this program supports %d: "
		    "it was made by a newer version", have, want);
	if (have < want)
		return err_set(err, RC_FAULT, "schema_older",
		    "the database has schema %d, this program needs %d: "
		    "run migrate", have, want);
	return RC_OK;
}

/*
 * Runs after each commit. earmark-jobs reads the count to decide when to start
 * a checkpoint.
 */
static int
on_commit(void *arg, sqlite3 *sql, const char *name, int pages)
{
	struct db *db = arg;

	(void)sql;
	(void)name;
	metric_set(db->wal_pages, (uint64_t)pages);
	commit_times_add(pages, clock_now());
	return SQLITE_OK;
}

/*
 * Every program has one thread, so SQLite needs no mutexes, also not for the
 * statistics of its memory. SQLite rejects options after its first use.
 */
enum rc
db_configure_sqlite(struct err *err)
{
	static bool done;

	done = done || (
	    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) == SQLITE_OK &&
	    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK);
	return done ? RC_OK : err_set(err, RC_FAULT, "db_option",
	    "SQLite rejects its configuration");
}

struct db *
db_open(const char *file, const char *lock_file, enum db_mode mode,
    struct err *err)
{
	static uint64_t opened;
	int flags = mode == DB_INSPECT || mode == DB_COPY ?
	    SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	struct db *db;
	mode_t mask;
	int rc;

	if (db_configure_sqlite(err) != RC_OK)
		return NULL;
	if (check_file(file, mode, err) != RC_OK)
		return NULL;
	if (mode == DB_MIGRATE)
		flags |= SQLITE_OPEN_CREATE;
	db = calloc(1, sizeof(*db));
	if (db == NULL)
		BUG("out of memory");
	db->file = strdup(file);
	if (db->file == NULL)
		BUG("out of memory");
	db->lock = mode == DB_COPY ? -1 :
	    open(lock_file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (db->lock < 0 && mode != DB_COPY) {
		err_set(err, RC_FAULT, "db_lock", "%s: %s", lock_file,
		    strerror(errno));
		db_close(db);
		return NULL;
	}
	mask = umask(077);
	rc = sqlite3_open_v2(file, &db->sql, flags | SQLITE_OPEN_NOMUTEX |
	    SQLITE_OPEN_PRIVATECACHE, NULL);
	umask(mask);
	if (rc != SQLITE_OK) {
		err_set(err, RC_FAULT, "db_open", "%s: %s", file,
		    db->sql == NULL ? "out of memory" :
		    sqlite3_errmsg(db->sql));
		db_close(db);
		return NULL;
	}
	if (configure(db, mode, err) != RC_OK ||
	    (mode == DB_SERVE && check_schema(db, err) != RC_OK)) {
		db_close(db);
		return NULL;
	}
	db->serves = mode == DB_SERVE;
	db->opened = ++opened;
	db->lock_wait = metric_get("earmark_db_write_lock_wait_seconds_total");
	db->commits = metric_get("earmark_db_commits_total");
	db->commit_us = metric_get("earmark_db_commit_seconds_total");
	db->wal_pages = metric_get("earmark_db_wal_pages");
	db->wal_copied = metric_get("earmark_db_wal_copied_pages");
	sqlite3_wal_hook(db->sql, on_commit, db);
	return db;
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	stmt_close(db);
	sqlite3_close(db->aside);
	if (db->sql != NULL && sqlite3_close(db->sql) != SQLITE_OK)
		BUG("a statement was left open: %s", sqlite3_errmsg(db->sql));
	if (db->lock >= 0)
		close(db->lock);
	free(db->file);
	free(db);
}

enum rc
db_schema_read(struct db *db, int *level)
{
	enum rc rc;
	char got[32];
	int64_t n = 0;

	rc = db_ask(db, "PRAGMA user_version", got, sizeof(got));
	*level = rc == RC_OK && str_int(got, &n) ? (int)n : 0;
	return rc;
}

int
db_schema_have(struct db *db)
{
	int level;

	db_schema_read(db, &level);
	return level;
}

enum rc
db_read(struct db *db)
{
	enum rc rc;

	if (db->tx != TX_IDLE)
		BUG("a transaction inside a transaction");
	arena_exceeded_clear();
	rc = stmt_simple(db, TXN_BEGIN);
	if (rc == RC_OK)
		db->tx = TX_READING;
	return rc;
}

/*
 * If the end of a transaction failed for lack of memory, it would stay open:
 * later ones would fail, and other processes could not write. Ends the process
 * in that case.
 */
static void
end_or_abort(struct db *db)
{
	if (!sqlite3_get_autocommit(db->sql))
		BUG("a transaction cannot be ended: %s",
		    sqlite3_errmsg(db->sql));
}

void
db_read_end(struct db *db)
{
	if (db->tx != TX_READING)
		BUG("the end of a read that did not begin");
	stmt_simple(db, TXN_COMMIT);
	end_or_abort(db);
	db->tx = TX_IDLE;
}

uint64_t
db_snapshot(struct db *db)
{
	unsigned version;

	if (db->tx != TX_READING ||
	    sqlite3_txn_state(db->sql, "main") != SQLITE_TXN_READ ||
	    sqlite3_file_control(db->sql, "main", SQLITE_FCNTL_DATA_VERSION,
	    &version) != SQLITE_OK)
		return 0;
	return db->opened << 32 | version;
}

static void
on_alarm(int sig)
{
	(void)sig;		/* only interrupts flock() */
}

bool
db_write_free(struct db *db)
{
	if (!db->locked)
		db->locked = flock(db->lock, LOCK_EX | LOCK_NB) == 0;
	return db->locked;
}

void
db_unlock(struct db *db)
{
	flock(db->lock, LOCK_UN);
	db->locked = false;
}

/*
 * Acquires the writer lock. The kernel's queue is fair. A timer limits the
 * wait, in case the holder is stopped.
 */
enum rc
db_lock(struct db *db)
{
	struct itimerval limit = { .it_value.tv_sec = BUSY_MS / 1000 };
	struct sigaction act = { .sa_handler = on_alarm };
	int64_t began;
	int rc;

	if (db_write_free(db))
		return RC_OK;
	began = clock_mono();
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &limit, NULL);
	while ((rc = flock(db->lock, LOCK_EX)) != 0 && errno == EINTR &&
	    clock_mono() - began < BUSY_MS * 1000)
		;
	limit.it_value.tv_sec = 0;
	setitimer(ITIMER_REAL, &limit, NULL);
	metric_add(db->lock_wait, (uint64_t)(clock_mono() - began));
	db->locked = rc == 0;
	if (rc == 0)
		return RC_OK;
	log_warn("db_busy", "writer lock: %s after %lld us", strerror(errno),
	    (long long)(clock_mono() - began));
	return RC_BUSY;
}

enum rc
db_write(struct db *db)
{
	bool fenced;
	enum rc rc;

	if (db->tx != TX_IDLE)
		BUG("a transaction inside a transaction");
	arena_exceeded_clear();
	rc = db_lock(db);
	if (rc != RC_OK)
		return rc;
	rc = stmt_simple(db, TXN_BEGIN_WRITE);
	if (rc != RC_OK) {
		db_unlock(db);
		return rc;
	}
	db->tx = TX_WRITING;
	if (!db->serves)
		return RC_OK;
	rc = db_fence_read(db, &fenced);
	if (rc == RC_OK && !fenced)
		return RC_OK;
	db_rollback(db);
	return rc == RC_OK ? RC_BUSY : rc;
}

static void
end_write(struct db *db)
{
	db->tx = TX_IDLE;
	db_unlock(db);
}

enum rc
db_commit(struct db *db)
{
	int64_t began = clock_mono();
	enum rc rc;

	if (db->tx != TX_WRITING)
		BUG("a commit without a write");
	rc = stmt_simple(db, TXN_COMMIT);
	if (rc != RC_OK) {
		db_rollback(db);
		return rc;
	}
	end_write(db);
	db->wakes |= db->wakes_pending;
	db->wakes_pending = 0;
	metric_add(db->commits, 1);
	metric_add(db->commit_us, (uint64_t)(clock_mono() - began));
	return RC_OK;
}

void
db_rollback(struct db *db)
{
	if (db->tx != TX_WRITING)
		BUG("a rollback without a write");
	/* An error such as a full disk may have rolled back already. */
	if (!sqlite3_get_autocommit(db->sql))
		stmt_simple(db, TXN_ROLLBACK);
	end_or_abort(db);
	end_write(db);
	db->wakes_pending = 0;
}

void
db_wake_add(struct db *db, unsigned who)
{
	db->wakes_pending |= who;
}

unsigned
db_wake_take(struct db *db)
{
	unsigned who = db->wakes;

	db->wakes = 0;
	return who;
}

enum rc
db_save(struct db *db)
{
	return stmt_simple(db, TXN_SAVE);
}

enum rc
db_save_keep(struct db *db)
{
	return stmt_simple(db, TXN_SAVE_KEEP);
}

enum rc
db_save_undo(struct db *db)
{
	enum rc rc;

	if (sqlite3_get_autocommit(db->sql))
		return RC_FAULT;
	rc = stmt_simple(db, TXN_SAVE_UNDO);
	return rc != RC_OK ? rc : stmt_simple(db, TXN_SAVE_KEEP);
}

int64_t
db_changes(struct db *db)
{
	return sqlite3_changes64(db->sql);
}

int64_t
db_last_id(struct db *db)
{
	return sqlite3_last_insert_rowid(db->sql);
}
