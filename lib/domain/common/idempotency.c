#include "base/clock.h"
#include "base/str.h"
#include "domain/common/idempotency.h"

const char *
idempotency_key_parse(struct arena *a, const char *header)
{
	size_t n = strlen(header), i;

	if (n >= 2 && header[0] == '"' && header[n - 1] == '"') {
		header++;
		n -= 2;
	}
	if (n < 1 || n > IDEMPOTENCY_KEY_MAX)
		return NULL;
	for (i = 0; i < n; i++)
		if (header[i] < '!' || header[i] > '~')
			return NULL;
	return arena_strn(a, header, n);
}

/* Values of the column rc of a key without a response. */
#define RUNNING	-1		/* -2: released */

struct kept {
	int64_t rc, at;
	bool found, same;
};

static enum rc
load_key(struct db *db, struct arena *a, struct idempotency *idem,
    int64_t now, struct kept *kept, struct buf *body, const char **location)
{
	struct stmt *q = stmt_get(db, Q_IDEMPOTENCY_FIND);
	const void *p;
	size_t n;

	*kept = (struct kept){ .found = false };
	stmt_int(q, ":user", idem->user);
	stmt_text(q, ":key", idem->key);
	stmt_int(q, ":since", now - DAY);
	if (stmt_row(q)) {
		kept->found = true;
		p = stmt_col_blob(q, 0, &n);
		kept->same = n == sizeof(idem->request.b) &&
		    memcmp(p, idem->request.b, n) == 0;
		kept->rc = stmt_col_int(q, 1);
		*location = stmt_col_text(q, 2, a);
		p = stmt_col_blob(q, 3, &n);
		buf_clear(body);
		buf_add(body, p, n);
		kept->at = stmt_col_int(q, 4);
		idem->media_type = stmt_col_text(q, 5, a);
	}
	return stmt_done(q);
}

static enum rc
err_key_reused(struct err *err)
{
	return err_set(err, RC_UNPROCESSABLE, "idempotency_key_reused",
	    "This Idempotency-Key was used for another request");
}

static enum rc
err_in_progress(struct err *err)
{
	return err_set(err, RC_CONFLICT, "idempotency_in_progress",
	    "The first request with this key is still running");
}

enum rc
idempotency_find(struct db *db, struct arena *a, struct idempotency *idem,
    int64_t now, bool *found, enum rc *result, struct buf *body,
    const char **location, struct err *err)
{
	struct kept kept;
	enum rc rc;

	rc = load_key(db, a, idem, now, &kept, body, location);
	*found = kept.found;
	if (rc != RC_OK || !kept.found)
		return rc;
	if (!kept.same)
		return err_key_reused(err);
	if (kept.rc < 0)
		return err_in_progress(err);
	*result = (enum rc)kept.rc;
	return RC_OK;
}

enum rc
idempotency_resume(struct db *db, struct arena *a,
    struct idempotency *idem, int64_t now, bool *found, enum rc *result,
    struct buf *body, const char **location, int64_t *object, struct err *err)
{
	struct kept kept;
	enum rc rc;

	*object = 0;
	*found = false;
	rc = load_key(db, a, idem, now, &kept, body, location);
	if (rc != RC_OK || !kept.found)
		return rc;
	if (!kept.same)
		return err_key_reused(err);
	if (kept.rc == RUNNING && kept.at > now - IDEMPOTENCY_STALE)
		return err_in_progress(err);
	*found = kept.rc >= 0;
	if (*found) {
		*result = (enum rc)kept.rc;
		return RC_OK;
	}
	(void)str_int(arena_strn(a, body->data, body->len), object);
	buf_clear(body);
	*location = NULL;
	return RC_OK;
}

#define TRIM	10			/* keys deleted by one statement */

/* Deletes the oldest keys of the account until it is within its limits. */
static enum rc
trim_keys(struct db *db, int64_t user)
{
	int64_t n = 0, bytes = 0;
	struct stmt *q;
	enum rc rc;

	for (;;) {
		q = stmt_get(db, Q_IDEMPOTENCY_USAGE);
		stmt_int(q, ":user", user);
		if (stmt_row(q)) {
			n = stmt_col_int(q, 0);
			bytes = stmt_col_int(q, 1);
		}
		rc = stmt_done(q);
		if (rc != RC_OK || (n <= IDEMPOTENCY_KEYS &&
		    bytes <= IDEMPOTENCY_BYTES))
			return rc;
		q = stmt_get(db, Q_IDEMPOTENCY_TRIM);
		stmt_int(q, ":user", user);
		stmt_int(q, ":max", TRIM);
		rc = stmt_run(q);
		if (rc != RC_OK || db_changes(db) == 0)
			return rc;
	}
}

static enum rc
store_key(struct db *db, const struct idempotency *idem, int64_t result,
    const void *body, size_t len, const char *location, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_IDEMPOTENCY_KEEP);
	enum rc rc;

	stmt_int(q, ":user", idem->user);
	stmt_text(q, ":key", idem->key);
	stmt_blob(q, ":request", idem->request.b, sizeof(idem->request.b));
	stmt_int(q, ":rc", result);
	stmt_text(q, ":location", location);
	stmt_blob(q, ":body", body, len);
	stmt_int(q, ":now", now);
	stmt_text(q, ":media_type", idem->media_type);
	rc = stmt_run(q);
	return rc != RC_OK || idem->service ? rc : trim_keys(db, idem->user);
}

enum rc
idempotency_keep(struct db *db, const struct idempotency *idem, enum rc result,
    const struct buf *body, const char *location, int64_t now)
{
	return store_key(db, idem, (int64_t)result, body->data, body->len,
	    location, now);
}

enum rc
idempotency_begin(struct db *db, const struct idempotency *idem, int64_t object,
    int64_t now)
{
	char number[24];
	int n = snprintf(number, sizeof(number), "%lld", (long long)object);

	return store_key(db, idem, RUNNING, number, (size_t)n, NULL, now);
}

enum rc
idempotency_release(struct db *db, const struct idempotency *idem)
{
	struct stmt *q = stmt_get(db, Q_IDEMPOTENCY_RELEASE);

	stmt_int(q, ":user", idem->user);
	stmt_text(q, ":key", idem->key);
	return stmt_run(q);
}
