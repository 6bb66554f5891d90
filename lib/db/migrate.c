#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/str.h"
#include "db/internal.h"
#include "db/search_index.h"

static const char history[] =
    "CREATE TABLE IF NOT EXISTS migration ("
    "level INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, "
    "at INTEGER NOT NULL) STRICT";

int
db_schema_want(void)
{
	return migrations_n;
}

/*
 * Writes the hex SHA-256 of the statements of a migration. Comments and white
 * space around them do not count, so they can be corrected later.
 */
static void
content_hash(const struct migration *m, char out[65])
{
	const char *p = m->sql;
	bool quoted = false;
	struct buf text;
	struct hash h;

	buf_init(&text, 1024 * 1024);
	for (; *p != '\0'; p++) {
		if (*p == '\'')
			quoted = !quoted;
		if (!quoted && strncmp(p, "--", 2) == 0)
			p += strcspn(p, "\n");
		if (*p == '\0')
			break;
		if (quoted || strchr(" \t\n", *p) == NULL)
			buf_ch(&text, *p);
		else if (text.len > 0 && text.data[text.len - 1] != ' ')
			buf_ch(&text, ' ');
	}
	h = hash_sha256(text.data, text.len);
	buf_free(&text);
	hash_hex(h.b, sizeof(h.b), out);
}

static bool
hash_known(const struct migration *m, const char *hash)
{
	char want[65];

	content_hash(m, want);
	return str_eq(hash, want) ||
	    (m->released != NULL && str_eq(hash, m->released));
}

static enum rc
set_unreadable(struct db *db, struct err *err)
{
	return err_set(err, RC_FAULT, "migration_failed",
	    "the schema cannot be read: %s", sqlite3_errmsg(db->sql));
}

/* Checks that the applied migrations are equal to those of this program. */
static enum rc
check_history(struct db *db, int have, struct err *err)
{
	enum rc rc = RC_OK;
	sqlite3_stmt *s;
	const char *hash;
	int level, sql;

	if (have == 0)
		return RC_OK;
	sql = sqlite3_prepare_v2(db->sql, "SELECT level, hash FROM migration "
	    "ORDER BY level", -1, &s, NULL);
	if (sql == SQLITE_ERROR)
		return err_set(err, RC_FAULT, "schema_foreign",
		    "the database was not created by this program");
	if (sql != SQLITE_OK)
		return set_unreadable(db, err);
	while (rc == RC_OK && (sql = sqlite3_step(s)) == SQLITE_ROW) {
		level = sqlite3_column_int(s, 0);
		if (level < 1 || level > migrations_n)
			continue;
		hash = (const char *)sqlite3_column_text(s, 1);
		if (hash == NULL)
			rc = set_unreadable(db, err);
		else if (!hash_known(&migrations[level - 1], hash))
			rc = err_set(err, RC_FAULT, "schema_foreign",
			    "migration %s differs from the one applied",
			    migrations[level - 1].name);
	}
	if (rc == RC_OK && sql != SQLITE_DONE)
		rc = set_unreadable(db, err);
	sqlite3_finalize(s);
	return rc;
}

static enum rc
apply_one(struct db *db, const struct migration *m)
{
	char note[512], hash[65];

	content_hash(m, hash);
	snprintf(note, sizeof(note), "INSERT INTO migration VALUES (%d, '%s', "
	    "'%s', %lld); PRAGMA user_version = %d", m->level, m->name, hash,
	    (long long)clock_now(), m->level);
	if (sqlite3_exec(db->sql, m->sql, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(db->sql, note, NULL, NULL, NULL) != SQLITE_OK)
		return db_fault(db, m->name);
	return RC_OK;
}

/* Fails if a row refers to a row that does not exist. */
static enum rc
check_references(struct db *db)
{
	char table[100];
	enum rc rc = db_ask(db, "PRAGMA foreign_key_check", table,
	    sizeof(table));

	if (rc != RC_OK)
		return db_fault(db, "foreign_key_check");
	if (table[0] == '\0')
		return RC_OK;
	log_error("db_fault", "a migration left table %s with references to "
	    "rows that do not exist", table);
	return RC_FAULT;
}

/*
 * Builds the full-text indexes of a new database. In an existing database,
 * earmark-jobs does that in small steps, after the workers were replaced.
 */
static enum rc
build_indexes(struct db *db)
{
	bool more = true;
	enum rc rc = RC_OK;

	while (rc == RC_OK && more)
		rc = search_index_step(db, &more);
	return rc;
}

/* Applies the missing migrations. The caller has begun a write transaction. */
static enum rc
apply_all(struct db *db, int have)
{
	bool is_new = have == 0;
	enum rc rc = RC_OK;

	if (sqlite3_exec(db->sql, history, NULL, NULL, NULL) != SQLITE_OK)
		return db_fault(db, "migration history");
	for (; rc == RC_OK && have < migrations_n; have++)
		rc = apply_one(db, &migrations[have]);
	if (rc == RC_OK && is_new)
		rc = build_indexes(db);
	return rc == RC_OK ? check_references(db) : rc;
}

/*
 * Enables or disables foreign keys; only possible outside of a transaction.
 * They are disabled while migrations run, because a migration rebuilds a table
 * by dropping it, which would count as a deletion of its rows.
 * See https://www.sqlite.org/lang_altertable.html#otheralter.
 */
static enum rc
set_foreign_keys(struct db *db, bool on)
{
	return sqlite3_exec(db->sql, on ? "PRAGMA foreign_keys=ON" :
	    "PRAGMA foreign_keys=OFF", NULL, NULL, NULL) == SQLITE_OK ?
	    RC_OK : db_fault(db, "foreign_keys");
}

enum rc
db_migrate(struct db *db, struct err *err, int *from, int *to)
{
	enum rc rc;
	int have;

	rc = db_schema_read(db, &have);
	*from = *to = have;
	if (rc != RC_OK)
		return set_unreadable(db, err);
	if (have > migrations_n)
		return err_set(err, RC_FAULT, "schema_newer",
		    "the database has schema %d, this program supports %d: "
		    "it was made by a newer version", have, migrations_n);
	rc = check_history(db, have, err);
	if (rc != RC_OK || have == migrations_n)
		return rc;
	rc = set_foreign_keys(db, false);
	if (rc == RC_OK)
		rc = db_write(db);
	if (rc != RC_OK) {
		set_foreign_keys(db, true);
		return err_set(err, rc, "migration_failed", "%s",
		    rc_message(rc));
	}
	/* Another process may have migrated the file in the meantime. */
	rc = db_schema_read(db, &have);
	*from = *to = have;
	if (rc == RC_OK)
		rc = apply_all(db, have);
	if (rc == RC_OK)
		rc = db_commit(db);
	else
		db_rollback(db);
	if (set_foreign_keys(db, true) != RC_OK && rc == RC_OK)
		rc = RC_FAULT;
	if (rc == RC_OK)
		*to = db_schema_have(db);
	else if (err->rc == RC_OK)
		err_set(err, rc, "migration_failed", "migrating from "
		    "schema %d to %d failed", have, migrations_n);
	return rc;
}
