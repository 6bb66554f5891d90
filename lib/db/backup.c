/*
 * backup: copies the database file and checks whether another process has it
 * open.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "db/internal.h"

/*
 * Bytes on which each connection to a file in WAL mode holds a shared lock
 * while it is open (https://sqlite.org/fileformat2.html, "lock-byte page").
 */
#define SHARED_FIRST	(INT64_C(0x40000000) + 2)
#define SHARED_SIZE	510

/*
 * VACUUM INTO attaches its target. All other code is limited to zero attached
 * databases.
 */
static int
vacuum_into(struct db *db, const char *to)
{
	sqlite3_stmt *s;
	mode_t mask;
	int rc;

	sqlite3_limit(db->sql, SQLITE_LIMIT_ATTACHED, 1);
	mask = umask(077);
	rc = sqlite3_prepare_v2(db->sql, "VACUUM main INTO ?1", -1, &s, NULL);
	if (rc == SQLITE_OK) {
		sqlite3_bind_text(s, 1, to, -1, SQLITE_STATIC);
		rc = sqlite3_step(s);
		sqlite3_finalize(s);
	}
	umask(mask);
	sqlite3_limit(db->sql, SQLITE_LIMIT_ATTACHED, 0);
	return rc;
}

enum rc
db_copy(struct db *db, const char *to, struct err *err)
{
	enum rc rc;

	if (db->tx != TX_IDLE)
		BUG("a copy inside a transaction");
	if (vacuum_into(db, to) == SQLITE_DONE)
		return RC_OK;
	rc = db_fault(db, "VACUUM INTO");
	return err_set(err, rc, "db_copy", "%s: %s", to,
	    sqlite3_errmsg(db->sql));
}

bool
db_in_use(const char *file)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET,
	    .l_start = SHARED_FIRST, .l_len = SHARED_SIZE };
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	bool used;

	if (fd < 0)
		return false;
	used = fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
	close(fd);
	return used;
}

enum rc
db_fold(struct db *db, struct err *err)
{
	char name[4096];
	int left = 0;
	enum rc rc;

	rc = db_checkpoint(db, true, &left);
	if (rc != RC_OK || left > 0 || db_wal_bytes(db) > 0)
		return err_set(err, rc == RC_OK ? RC_BUSY : rc, "db_fold",
		    "the log of %s cannot be emptied", db->file);
	snprintf(name, sizeof(name), "%s", db->file);
	db_close(db);
	db_forget_log(name);
	return RC_OK;
}

enum rc
db_merge_log(const char *file, struct err *err)
{
	struct db db = { .lock = -1 };
	enum rc rc = db_configure_sqlite(err);

	if (rc != RC_OK)
		return rc;
	/* SQLite recovers the log when it is first read. */
	if (sqlite3_open_v2(file, &db.sql, SQLITE_OPEN_READWRITE |
	    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL) != SQLITE_OK ||
	    sqlite3_exec(db.sql, "PRAGMA schema_version", NULL, NULL, NULL) !=
	    SQLITE_OK || sqlite3_wal_checkpoint_v2(db.sql, "main",
	    SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) != SQLITE_OK)
		rc = err_set(err, db_fault(&db, "merge"), "db_merge",
		    "the log of %s cannot be merged", file);
	sqlite3_close(db.sql);
	if (rc == RC_OK)
		db_forget_log(file);
	return rc;
}

void
db_forget_log(const char *file)
{
	static const char *const ends[] = { "-wal", "-shm" };
	char name[4096];
	size_t i;

	for (i = 0; i < NELEM(ends); i++) {
		snprintf(name, sizeof(name), "%s%s", file, ends[i]);
		if (unlink(name) != 0 && errno != ENOENT)
			log_warn("db", "%s: %s", name, strerror(errno));
	}
}
