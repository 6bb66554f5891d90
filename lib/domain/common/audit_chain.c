#include <stdarg.h>

#include "base/str.h"
#include "domain/common/audit.h"

#define TEXTS 5

static uint8_t *
put_int64(uint8_t *p, int64_t n)
{
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)((uint64_t)n >> (56 - 8 * i));
	return p + 8;
}

struct hash
audit_hash(const struct hash *before, const struct audit_row *row)
{
	const char *const texts[TEXTS] = { row->action, row->target,
	    row->before, row->after, row->request_id };
	uint8_t bytes[sizeof(struct hash) * (1 + TEXTS) + 3 * 8] = { 0 };
	uint8_t *p = bytes + sizeof(*before);
	struct hash h;

	memcpy(bytes, before, sizeof(*before));
	p = put_int64(p, row->id);
	p = put_int64(p, row->at);
	p = put_int64(p, row->actor);
	for (int i = 0; i < TEXTS; i++, p += sizeof(h)) {
		if (texts[i] == NULL)
			continue;
		h = hash_sha256(texts[i], strlen(texts[i]));
		memcpy(p, &h, sizeof(h));
	}
	return hash_sha256(bytes, sizeof(bytes));
}

/* Reads a row. Its texts are valid until the next row is read. */
static void
read_audit_chain_row(struct stmt *q, struct audit_row *row)
{
	*row = (struct audit_row){ .id = stmt_col_int(q, 0),
	    .at = stmt_col_int(q, 1), .actor = stmt_col_opt(q, 2),
	    .action = stmt_col_peek(q, 3), .target = stmt_col_peek(q, 4),
	    .before = stmt_col_peek(q, 5), .after = stmt_col_peek(q, 6),
	    .request_id = stmt_col_peek(q, 7) };
}

/*
 * Returns the statement that reads rows from an id on. INT64_MIN reads all
 * rows, also rows with invalid ids.
 */
static struct stmt *
chain_rows(struct db *db, int64_t first)
{
	struct stmt *q = stmt_get(db, Q_AUDIT_CHAIN);

	stmt_int(q, ":first", first);
	return q;
}

/*
 * Computes the hash of the rows that were written before the chain was
 * introduced. It is needed only for the first chained row.
 */
static enum rc
hash_older_rows(struct db *db, struct hash *hash)
{
	struct stmt *q = chain_rows(db, INT64_MIN);
	struct audit_row row;

	while (stmt_row(q)) {
		read_audit_chain_row(q, &row);
		*hash = audit_hash(hash, &row);
	}
	return stmt_done(q);
}

/*
 * Returns the last id and the hash of the last row. *older is set if that row
 * has no hash.
 */
static enum rc
audit_chain_last(struct db *db, int64_t *id, struct hash *hash, bool *older)
{
	struct stmt *q = stmt_get(db, Q_AUDIT_LAST);
	const void *p;
	size_t n = 0;

	*id = 0;
	memset(hash, 0, sizeof(*hash));
	*older = false;
	if (stmt_row(q)) {
		*id = stmt_col_int(q, 0);
		p = stmt_col_blob(q, 2, &n);
		*older = !stmt_is_null(q, 1) && n != sizeof(*hash);
		if (n == sizeof(*hash))
			memcpy(hash, p, n);
	}
	return stmt_done(q);
}

enum rc
audit_count(struct db *db, int64_t *n)
{
	struct hash hash;
	bool older;

	return audit_chain_last(db, n, &hash, &older);
}

enum rc
audit_head(struct db *db, int64_t *id, struct hash *hash)
{
	bool older;
	enum rc rc = audit_chain_last(db, id, hash, &older);

	return rc == RC_OK && older ? hash_older_rows(db, hash) : rc;
}

/* Describes the first error. */
static void audit_chain_wrong(struct audit_proof *, struct arena *,
    const char *, ...) __attribute__((format(printf, 3, 4)));

static void
audit_chain_wrong(struct audit_proof *p, struct arena *arena, const char *fmt,
    ...)
{
	va_list ap;

	va_start(ap, fmt);
	p->wrong = arena_vfmt(arena, fmt, ap);
	va_end(ap);
}

/* Checks one row against the hash of the previous row, p->head. */
static void
check_row(struct audit_proof *p, struct arena *arena, struct stmt *q)
{
	struct audit_row row;
	const void *stored;
	size_t n;

	read_audit_chain_row(q, &row);
	if (row.id != p->rows + 1) {
		audit_chain_wrong(p, arena, "row %lld is missing",
		    (long long)p->rows + 1);
		return;
	}
	p->rows++;
	p->head = audit_hash(&p->head, &row);
	stored = stmt_col_blob(q, 8, &n);
	if (n == 0) {
		if (p->chained > 0)
			audit_chain_wrong(p, arena, "row %lld has no hash",
			    (long long)row.id);
		return;
	}
	/* The first chained row also covers all rows without a hash. */
	if (n != sizeof(p->head) || memcmp(stored, p->head.b, n) != 0)
		audit_chain_wrong(p, arena, p->chained == 0 && p->rows > 1 ?
		    "row %lld: the hash does not match this row and "
		    "the rows before it" :
		    "row %lld: the hash does not match the row",
		    (long long)row.id);
	p->chained++;
}

/* Checks that the last row of an earlier result is unchanged. */
static enum rc
check_last(struct db *db, struct arena *arena, struct audit_proof *p)
{
	struct stmt *q = chain_rows(db, p->rows);
	const void *stored;
	size_t n = 0;

	if (!stmt_row(q) || stmt_col_int(q, 0) != p->rows)
		audit_chain_wrong(p, arena, "row %lld is missing",
		    (long long)p->rows);
	else if (stored = stmt_col_blob(q, 8, &n), n != sizeof(p->head) ||
	    memcmp(stored, p->head.b, n) != 0)
		audit_chain_wrong(p, arena,
		    "row %lld: the hash changed since the last check",
		    (long long)p->rows);
	return stmt_done(q);
}

static enum rc
walk_audit_chain(struct db *db, struct arena *arena, struct audit_proof *p)
{
	struct stmt *q;
	int64_t n;
	enum rc rc = RC_OK;

	if (p->chained > 0)
		rc = check_last(db, arena, p);
	if (rc != RC_OK || p->wrong != NULL)
		return rc;
	q = chain_rows(db, p->rows == 0 ? INT64_MIN : p->rows + 1);
	while (p->wrong == NULL && stmt_row(q))
		check_row(p, arena, q);
	rc = stmt_done(q);
	if (rc == RC_OK)
		rc = audit_count(db, &n);
	if (rc == RC_OK && p->wrong == NULL && p->rows != n)
		audit_chain_wrong(p, arena, "rows %lld to %lld are missing",
		    (long long)p->rows + 1, (long long)n);
	return rc;
}

enum rc
audit_verify(struct db *db, struct arena *arena,
    const struct audit_proof *since, struct audit_proof *p)
{
	enum rc rc = db_read(db);

	*p = (struct audit_proof){ 0 };
	if (rc != RC_OK)
		return rc;
	if (since != NULL && since->chained > 0)
		*p = (struct audit_proof){ .rows = since->rows,
		    .chained = since->chained, .head = since->head };
	rc = walk_audit_chain(db, arena, p);
	db_read_end(db);
	p->ok = rc == RC_OK && p->wrong == NULL;
	return rc;
}
