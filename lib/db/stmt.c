#include "base/log.h"
#include "base/str.h"
#include "db/internal.h"

enum rc
stmt_simple(struct db *db, enum txn_stmt which)
{
	static const char *const sql[TXN_MAX] = {
		[TXN_BEGIN] = "BEGIN",
		[TXN_BEGIN_WRITE] = "BEGIN IMMEDIATE",
		[TXN_COMMIT] = "COMMIT",
		[TXN_ROLLBACK] = "ROLLBACK",
		[TXN_SAVE] = "SAVEPOINT member",
		[TXN_SAVE_KEEP] = "RELEASE member",
		[TXN_SAVE_UNDO] = "ROLLBACK TO member",
	};
	int rc;

	if (db->simple[which] == NULL && sqlite3_prepare_v3(db->sql,
	    sql[which], -1, SQLITE_PREPARE_PERSISTENT, &db->simple[which],
	    NULL) != SQLITE_OK)
		return db_fault(db, sql[which]);
	rc = sqlite3_step(db->simple[which]);
	sqlite3_reset(db->simple[which]);
	return rc == SQLITE_DONE ? RC_OK : db_fault(db, sql[which]);
}

void
stmt_close(struct db *db)
{
	size_t i;

	sqlite3_finalize(db->fence);
	for (i = 0; i < TXN_MAX; i++)
		sqlite3_finalize(db->simple[i]);
	for (i = 0; i < STMT_MAX; i++)
		sqlite3_finalize(db->stmts[i].s);
}

/*
 * Prepares a statement. Fails if the schema cannot be read, for example on a
 * damaged disk.
 */
static enum rc
prepare(struct db *db, enum stmt_id id)
{
	struct stmt *q = &db->stmts[id];

	q->db = db;
	q->name = stmt_texts[id].name;
	if (sqlite3_prepare_v3(db->sql, stmt_texts[id].sql, -1,
	    SQLITE_PREPARE_PERSISTENT, &q->s, NULL) != SQLITE_OK)
		return db_fault(db, q->name);
	q->writes = !sqlite3_stmt_readonly(q->s);
	return RC_OK;
}

struct stmt *
stmt_get(struct db *db, enum stmt_id id)
{
	struct stmt *q = &db->stmts[id];

	enum rc rc = q->s == NULL ? prepare(db, id) : RC_OK;

	if (q->open)
		BUG("statement %s is in use", q->name);
	if (db->tx == TX_IDLE || (q->writes && db->tx != TX_WRITING))
		BUG("statement %s outside of its transaction", q->name);
	q->open = true;
	q->rc = rc;
	q->arena = NULL;
	q->cut = false;
	q->rows = 0;
	q->next = 1;
	db->uses++;
	return q;
}

/*
 * Returns the number of a parameter. Most are bound in the order in which the
 * text first names them, so the next one is tried before all others.
 */
static int
stmt_place(struct stmt *q, const char *name)
{
	const char *next = sqlite3_bind_parameter_name(q->s, q->next);
	int i = next != NULL && strcmp(next, name) == 0 ? q->next :
	    sqlite3_bind_parameter_index(q->s, name);

	q->next = i + 1;
	/* If the statement could not be prepared, binding does nothing. */
	if (i == 0 && q->s != NULL)
		BUG("statement %s has no %s", q->name, name);
	return i;
}

/*
 * Records the first failure of a statement. If SQLite could not bind a
 * parameter, it would be null, and an existing row would not be found.
 */
static void
record_failure(struct stmt *q, int rc)
{
	if (rc != SQLITE_OK && q->rc == RC_OK)
		q->rc = db_fault(q->db, q->name);
}

void
stmt_int(struct stmt *q, const char *name, int64_t v)
{
	record_failure(q, sqlite3_bind_int64(q->s, stmt_place(q, name), v));
}

void
stmt_text(struct stmt *q, const char *name, const char *v)
{
	record_failure(q, sqlite3_bind_text(q->s, stmt_place(q, name), v, -1,
	    SQLITE_STATIC));
}

void
stmt_blob(struct stmt *q, const char *name, const void *v, size_t n)
{
	record_failure(q, sqlite3_bind_blob64(q->s, stmt_place(q, name), v, n,
	    SQLITE_STATIC));
}

void
stmt_uuid(struct stmt *q, const char *name, const struct uuid *v)
{
	if (uuid_nil(v))
		stmt_null(q, name);
	else
		stmt_blob(q, name, v->b, sizeof(v->b));
}

void
stmt_opt(struct stmt *q, const char *name, int64_t v)
{
	if (v == INT64_MIN)
		stmt_null(q, name);
	else
		stmt_int(q, name, v);
}

void
stmt_id(struct stmt *q, const char *name, int64_t id)
{
	stmt_opt(q, name, id == 0 ? INT64_MIN : id);
}

void
stmt_null(struct stmt *q, const char *name)
{
	record_failure(q, sqlite3_bind_null(q->s, stmt_place(q, name)));
}

void
stmt_budget(struct stmt *q, const struct arena *a, size_t bytes)
{
	q->arena = a;
	q->budget = a->used + bytes;
}

bool
stmt_cut(const struct stmt *q)
{
	return q->cut;
}

/* Returns whether the budget is used up. The first row is always returned. */
static bool
over_budget(struct stmt *q)
{
	q->cut = q->arena != NULL && q->rows > 0 && q->arena->used > q->budget;
	return q->cut;
}

bool
stmt_row(struct stmt *q)
{
	int rc;

	if (!q->open)
		BUG("statement %s was not begun", q->name);
	if (q->rc != RC_OK || q->cut)
		return false;
	if (arena_exceeded()) {
		log_error("memory", "%s: the limit of an arena is exceeded",
		    q->name);
		q->rc = RC_FAULT;
		return false;
	}
	rc = sqlite3_step(q->s);
	if (rc == SQLITE_ROW) {
		if (over_budget(q))
			return false;
		q->rows++;
		return true;
	}
	if (rc != SQLITE_DONE)
		q->rc = db_fault(q->db, q->name);
	return false;
}

enum rc
stmt_done(struct stmt *q)
{
	/*
	 * The reset returns the error of the last step again. It is also the
	 * first call that reports a column whose conversion ran out of memory.
	 */
	if (q->s != NULL) {
		record_failure(q, sqlite3_reset(q->s));
		sqlite3_clear_bindings(q->s);
	}
	q->open = false;
	return q->rc;
}

enum rc
stmt_run(struct stmt *q)
{
	while (stmt_row(q))
		;
	return stmt_done(q);
}

bool
stmt_is_null(struct stmt *q, int col)
{
	return sqlite3_column_type(q->s, col) == SQLITE_NULL;
}

int64_t
stmt_col_int(struct stmt *q, int col)
{
	return sqlite3_column_int64(q->s, col);
}

int64_t
stmt_col_opt(struct stmt *q, int col)
{
	return stmt_is_null(q, col) ? INT64_MIN :
	    sqlite3_column_int64(q->s, col);
}

char *
stmt_col_text(struct stmt *q, int col, struct arena *a)
{
	const char *s = stmt_col_peek(q, col);

	return s == NULL ? NULL :
	    arena_strn(a, s, (size_t)sqlite3_column_bytes(q->s, col));
}

const char *
stmt_col_peek(struct stmt *q, int col)
{
	return (const char *)sqlite3_column_text(q->s, col);
}

const void *
stmt_col_blob(struct stmt *q, int col, size_t *len)
{
	const void *p = sqlite3_column_blob(q->s, col);

	*len = (size_t)sqlite3_column_bytes(q->s, col);
	return p;
}

struct uuid
stmt_col_uuid(struct stmt *q, int col)
{
	struct uuid u = { { 0 } };
	size_t n;
	const void *p = stmt_col_blob(q, col, &n);

	if (n == sizeof(u.b))
		memcpy(u.b, p, n);
	return u;
}

uint64_t
db_uses(const struct db *db)
{
	return db->uses;
}
