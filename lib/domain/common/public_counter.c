#include "domain/common/public_counter.h"

enum rc
public_counter_get(struct db *db, const char *scope, const struct hash *key,
    int64_t now, int64_t *n, int64_t *wait)
{
	struct stmt *q = stmt_get(db, Q_PUBLIC_COUNTER_GET);

	*n = *wait = 0;
	stmt_text(q, ":scope", scope);
	stmt_blob(q, ":key", key->b, sizeof(key->b));
	stmt_int(q, ":now", now);
	if (stmt_row(q)) {
		*n = stmt_col_int(q, 0);
		*wait = stmt_col_int(q, 1) - now;
	}
	return stmt_done(q);
}

enum rc
public_counter_add(struct db *db, const char *scope, const struct hash *key,
    int64_t window, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_PUBLIC_COUNTER_UPDATE);
	enum rc rc;

	stmt_text(q, ":scope", scope);
	stmt_blob(q, ":key", key->b, sizeof(key->b));
	stmt_int(q, ":now", now);
	stmt_int(q, ":ends", now + window);
	rc = stmt_run(q);
	if (rc != RC_OK || db_changes(db) > 0)
		return rc;
	q = stmt_get(db, Q_PUBLIC_COUNTER_ADD);
	stmt_text(q, ":scope", scope);
	stmt_blob(q, ":key", key->b, sizeof(key->b));
	stmt_int(q, ":ends", now + window);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_PUBLIC_COUNTER_TRIM);
	stmt_int(q, ":max", PUBLIC_COUNTER_MAX);
	return stmt_run(q);
}

enum rc
public_counter_clear(struct db *db, const char *scope, const struct hash *key)
{
	struct stmt *q = stmt_get(db, Q_PUBLIC_COUNTER_CLEAR);

	stmt_text(q, ":scope", scope);
	stmt_blob(q, ":key", key->b, sizeof(key->b));
	return stmt_run(q);
}

enum rc
public_counter_take(struct db *db, const char *scope, const struct hash *key,
    int64_t max, int64_t window, int64_t now, int64_t *wait)
{
	enum rc rc;
	int64_t n;

	rc = public_counter_get(db, scope, key, now, &n, wait);
	if (rc != RC_OK)
		return rc;
	if (n >= max)
		return RC_LIMITED;
	return public_counter_add(db, scope, key, window, now);
}
