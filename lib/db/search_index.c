/*
 * The file sql/search/NAME.sql has the statements of an index:
 *	create	the table NAME_next and its triggers. A trigger changes the
 *		rows up to the position in the table search_index.
 *	batch	returns the last of the next rows after :position, or null
 *	fill	adds the rows after :position up to :last
 * The triggers that maintain the table NAME belong to the tables whose rows it
 * indexes, and name it in their statements. So they maintain the new table
 * after it was renamed.
 */
#include "db/search_index.h"

#include "base/str.h"
#include "base/words.h"
#include "db/internal.h"

struct search_index {
	const struct search_text *text;
	int64_t position;		/* -1: the new table does not exist */
};

static enum rc
find_text(const char *name, const struct search_text **text)
{
	for (int i = 0; i < search_texts_n; i++) {
		*text = &search_texts[i];
		if (str_eq(name, (*text)->name))
			return RC_OK;
	}
	return RC_FAULT;
}

/* Finds the first index of another version. index->text is NULL if none is. */
static enum rc
find_outdated(struct db *db, struct search_index *index)
{
	struct stmt *q = stmt_get(db, Q_SEARCH_INDEX_OUTDATED);
	enum rc rc = RC_OK, done;

	index->text = NULL;
	stmt_int(q, ":version", WORDS_VERSION);
	if (stmt_row(q)) {
		rc = find_text(stmt_col_peek(q, 0), &index->text);
		index->position = stmt_is_null(q, 1) ? -1 :
		    stmt_col_int(q, 1);
	}
	done = stmt_done(q);
	return done != RC_OK ? done : rc;
}

enum rc
search_index_outdated(struct db *db, bool *outdated)
{
	struct search_index index;
	enum rc rc = find_outdated(db, &index);

	*outdated = index.text != NULL;
	return rc;
}

static enum rc
store_position(struct db *db, const char *name, int64_t position)
{
	struct stmt *q = stmt_get(db, Q_SEARCH_INDEX_POSITION);

	stmt_text(q, ":name", name);
	stmt_int(q, ":position", position);
	return stmt_run(q);
}

static enum rc
run_script(struct db *db, const char *sql)
{
	return sqlite3_exec(db->sql, sql, NULL, NULL, NULL) == SQLITE_OK ?
	    RC_OK : db_fault(db, sql);
}

static enum rc
create_next(struct db *db, const struct search_index *index)
{
	enum rc rc = run_script(db, index->text->create);

	return rc == RC_OK ? store_position(db, index->text->name, 0) : rc;
}

/*
 * Runs a statement with :position and :last, of which it may use only one. Sets
 * *out to its first column, or to -1 if that is null.
 */
static enum rc
run_range(struct db *db, const char *sql, int64_t position, int64_t last,
    int64_t *out)
{
	sqlite3_stmt *s;
	int sql_rc;

	*out = -1;
	sql_rc = sqlite3_prepare_v2(db->sql, sql, -1, &s, NULL);
	if (sql_rc != SQLITE_OK)
		return db_fault(db, sql);
	sqlite3_bind_int64(s, sqlite3_bind_parameter_index(s, ":position"),
	    position);
	sqlite3_bind_int64(s, sqlite3_bind_parameter_index(s, ":last"), last);
	if (sqlite3_step(s) == SQLITE_ROW &&
	    sqlite3_column_type(s, 0) != SQLITE_NULL)
		*out = sqlite3_column_int64(s, 0);
	sql_rc = sqlite3_finalize(s);
	return sql_rc == SQLITE_OK ? RC_OK : db_fault(db, sql);
}

/* Drops the triggers of the new table. */
static enum rc
drop_triggers(struct db *db, const char *name)
{
	char sql[300], drop[300];
	enum rc rc = RC_OK;

	snprintf(sql, sizeof(sql), "SELECT 'DROP TRIGGER ' || name "
	    "FROM sqlite_schema WHERE type = 'trigger' AND "
	    "name GLOB '%s_next_*'", name);
	for (;;) {
		if (db_ask(db, sql, drop, sizeof(drop)) != RC_OK)
			return db_fault(db, sql);
		if (drop[0] == '\0')
			return rc;
		rc = run_script(db, drop);
		if (rc != RC_OK)
			return rc;
	}
}

/*
 * Replaces the old table. The legacy mode of ALTER TABLE leaves the triggers
 * that name the old table unchanged.
 */
static enum rc
replace_table(struct db *db, const char *name)
{
	char sql[300];
	int on = 0;
	enum rc rc;

	rc = drop_triggers(db, name);
	if (rc != RC_OK)
		return rc;
	snprintf(sql, sizeof(sql), "DROP TABLE %s; "
	    "ALTER TABLE %s_next RENAME TO %s", name, name, name);
	sqlite3_db_config(db->sql, SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, 1, &on);
	rc = run_script(db, sql);
	sqlite3_db_config(db->sql, SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, 0, &on);
	return rc;
}

static enum rc
complete(struct db *db, const struct search_index *index)
{
	enum rc rc = replace_table(db, index->text->name);
	struct stmt *q;

	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_SEARCH_INDEX_COMPLETE);
	stmt_text(q, ":name", index->text->name);
	stmt_int(q, ":version", WORDS_VERSION);
	return stmt_run(q);
}

/*
 * Adds the next rows. Replaces the old table if there are no more, in the same
 * transaction, so that new rows cannot delay the end forever.
 */
static enum rc
add_rows(struct db *db, const struct search_index *index)
{
	const struct search_text *text = index->text;
	int64_t last, next = -1, none;
	enum rc rc;

	rc = run_range(db, text->batch, index->position, 0, &last);
	if (rc == RC_OK && last >= 0)
		rc = run_range(db, text->fill, index->position, last, &none);
	if (rc == RC_OK && last >= 0)
		rc = run_range(db, text->batch, last, 0, &next);
	if (rc != RC_OK)
		return rc;
	return next < 0 ? complete(db, index) :
	    store_position(db, text->name, last);
}

enum rc
search_index_step(struct db *db, bool *more)
{
	struct search_index index;
	enum rc rc = find_outdated(db, &index);

	*more = rc == RC_OK && index.text != NULL;
	if (!*more)
		return rc;
	return index.position < 0 ? create_next(db, &index) :
	    add_rows(db, &index);
}
