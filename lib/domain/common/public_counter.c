#include "domain/common/public_counter.h"

enum rc
public_counter_get(struct db *db, const char *scope, const struct hash *key,
    int64_t now, int64_t *n, int64_t *wait)
{
	struct stmt *q = db_q(db, Q_PUBLIC_COUNTER_GET);

	*n = *wait = 0;
	q_text(q, ":scope", scope);
	q_blob(q, ":key", key->b, sizeof(key->b));
	q_int(q, ":now", now);
	if (q_row(q)) {
		*n = q_col_int(q, 0);
		*wait = q_col_int(q, 1) - now;
	}
	return q_done(q);
}

enum rc
public_counter_add(struct db *db, const char *scope, const struct hash *key,
    int64_t window, int64_t now)
{
	struct stmt *q = db_q(db, Q_PUBLIC_COUNTER_ADD);
	enum rc rc;

	q_text(q, ":scope", scope);
	q_blob(q, ":key", key->b, sizeof(key->b));
	q_int(q, ":now", now);
	q_int(q, ":ends", now + window);
	rc = q_run(q);
	if (rc != RC_OK)
		return rc;
	q = db_q(db, Q_PUBLIC_COUNTER_TRIM);
	q_int(q, ":max", PUBLIC_COUNTER_MAX);
	return q_run(q);
}

enum rc
public_counter_clear(struct db *db, const char *scope, const struct hash *key)
{
	struct stmt *q = db_q(db, Q_PUBLIC_COUNTER_CLEAR);

	q_text(q, ":scope", scope);
	q_blob(q, ":key", key->b, sizeof(key->b));
	return q_run(q);
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
