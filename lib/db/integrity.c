/* integrity: checks and statistics of the database file. */
#include <sys/stat.h>

#include "base/str.h"
#include "db/internal.h"

enum rc
db_verify(struct db *db, struct err *err)
{
	char got[256];

	db_ask(db, "PRAGMA integrity_check(1)", got, sizeof(got));
	if (!str_eq(got, "ok"))
		return err_set(err, RC_FAULT, "integrity", "%s",
		    got[0] == '\0' ? sqlite3_errmsg(db->sql) : got);
	if (db_ask(db, "SELECT \"table\" || ' row ' || rowid FROM "
	    "pragma_foreign_key_check LIMIT 1", got, sizeof(got)) != RC_OK)
		return err_set(err, RC_FAULT, "foreign_key", "%s",
		    sqlite3_errmsg(db->sql));
	if (got[0] != '\0')
		return err_set(err, RC_FAULT, "foreign_key", "%s", got);
	return RC_OK;
}

int64_t
db_wal_bytes(struct db *db)
{
	char name[4096];
	struct stat st;

	snprintf(name, sizeof(name), "%s-wal", db->file);
	return stat(name, &st) == 0 ? (int64_t)st.st_size : 0;
}

int64_t
db_wal_pages(struct db *db)
{
	return (int64_t)atomic_load_explicit(db->wal_pages,
	    memory_order_relaxed);
}

enum rc
db_quick_check(struct db *db, struct err *err)
{
	char got[256];

	db_ask(db, "PRAGMA quick_check(1)", got, sizeof(got));
	if (!str_eq(got, "ok"))
		return err_set(err, RC_FAULT, "integrity", "%s",
		    got[0] == '\0' ? sqlite3_errmsg(db->sql) : got);
	return RC_OK;
}

const char *
db_engine(int *number)
{
	*number = sqlite3_libversion_number();
	return sqlite3_libversion();
}

enum rc
db_cache(struct db *db, int kib)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "PRAGMA cache_size=-%d", kib);
	return sqlite3_exec(db->sql, sql, NULL, NULL, NULL) == SQLITE_OK ?
	    RC_OK : db_fault(db, sql);
}
