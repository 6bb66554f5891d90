#include "domain/common/throttle.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/ratelimit.h"
#include "base/refusal.h"
#include "base/str.h"

struct hash
throttle_key(const struct conf *conf, const char *scope, const char *name)
{
	struct hash key = hash_derive(&conf->key_limit, scope);

	return hash_hmac(key.b, sizeof(key.b), name, strlen(name));
}

enum rc
throttle_get(struct db *db, const char *scope, const struct hash *key,
    int64_t now, int64_t *n, int64_t *wait)
{
	struct stmt *q = stmt_get(db, Q_THROTTLE_GET);

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
throttle_add(struct db *db, const char *scope, const struct hash *key,
    int64_t window, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_THROTTLE_ADD);

	stmt_text(q, ":scope", scope);
	stmt_blob(q, ":key", key->b, sizeof(key->b));
	stmt_int(q, ":now", now);
	stmt_int(q, ":ends", now + window);
	return stmt_run(q);
}

enum rc
throttle_extend(struct db *db, const char *scope, const struct hash *key,
    int64_t window, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_THROTTLE_EXTEND);

	stmt_text(q, ":scope", scope);
	stmt_blob(q, ":key", key->b, sizeof(key->b));
	stmt_int(q, ":now", now);
	stmt_int(q, ":ends", now + window);
	return stmt_run(q);
}

enum rc
throttle_clear(struct db *db, const char *scope, const struct hash *key)
{
	struct stmt *q = stmt_get(db, Q_THROTTLE_CLEAR);

	stmt_text(q, ":scope", scope);
	stmt_blob(q, ":key", key->b, sizeof(key->b));
	return stmt_run(q);
}

enum rc
throttle_take(struct db *db, const char *scope, const struct hash *key,
    int64_t max, int64_t window, int64_t now, int64_t *wait)
{
	enum rc rc;
	int64_t n;

	rc = throttle_get(db, scope, key, now, &n, wait);
	if (rc != RC_OK)
		return rc;
	if (n >= max)
		return RC_LIMITED;
	return throttle_add(db, scope, key, window, now);
}

enum rc
throttle_user(struct db *db, const struct conf *conf, const char *scope,
    int64_t user, int64_t max, int64_t window, int64_t now, struct err *err)
{
	char name[24];
	struct hash key;
	int64_t wait;
	enum rc rc;

	snprintf(name, sizeof(name), "%" PRId64, user);
	key = throttle_key(conf, scope, name);
	rc = throttle_take(db, scope, &key, max, window, now, &wait);
	if (rc != RC_LIMITED)
		return rc;
	refusal_count(REFUSED_SUPPORT);
	err_set(err, rc, NULL, NULL);
	err->retry_after = throttle_seconds(wait);
	return rc;
}

int
throttle_seconds(int64_t wait)
{
	return wait <= 0 ? 1 : (int)((wait + SECOND - 1) / SECOND);
}
