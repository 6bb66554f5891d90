#include "base/clock.h"
#include "base/str.h"
#include "dom/idem.h"

const char *
idem_key(struct arena *a, const char *header)
{
	size_t n = strlen(header), i;

	if (n >= 2 && header[0] == '"' && header[n - 1] == '"') {
		header++;
		n -= 2;
	}
	if (n < 1 || n > IDEM_KEY_MAX)
		return NULL;
	for (i = 0; i < n; i++)
		if (header[i] < '!' || header[i] > '~')
			return NULL;
	return arena_strn(a, header, n);
}

enum rc
idem_find(struct db *db, struct arena *a, const struct idem *idem,
    int64_t now, bool *found, enum rc *answer, struct buf *body,
    const char **location, struct err *err)
{
	struct stmt *q = db_q(db, Q_IDEM_FIND);
	const void *p;
	int64_t kept = 0;
	bool same = false;
	size_t n;
	enum rc rc;

	*found = false;
	q_int(q, ":user", idem->user);
	q_text(q, ":key", idem->key);
	q_int(q, ":since", now - DAY);
	if (q_row(q)) {
		*found = true;
		p = q_col_blob(q, 0, &n);
		same = n == sizeof(idem->request.b) &&
		    memcmp(p, idem->request.b, n) == 0;
		kept = q_col_int(q, 1);
		*location = q_col_text(q, 2, a);
		p = q_col_blob(q, 3, &n);
		buf_clear(body);
		buf_add(body, p, n);
	}
	rc = q_done(q);
	if (rc != RC_OK || !*found)
		return rc;
	if (!same)
		return err_set(err, RC_UNPROCESSABLE, "idempotency_key_reused",
		    "This Idempotency-Key was used for another request");
	if (kept < 0)
		return err_set(err, RC_CONFLICT, "idempotency_in_progress",
		    "The first request with this key is still running");
	*answer = (enum rc)kept;
	return RC_OK;
}

enum rc
idem_keep(struct db *db, const struct idem *idem, enum rc answer,
    const struct buf *body, const char *location, int64_t now)
{
	struct stmt *q = db_q(db, Q_IDEM_KEEP);

	q_int(q, ":user", idem->user);
	q_text(q, ":key", idem->key);
	q_blob(q, ":request", idem->request.b, sizeof(idem->request.b));
	q_int(q, ":rc", (int64_t)answer);
	q_text(q, ":location", location);
	q_blob(q, ":body", body->data, body->len);
	q_int(q, ":now", now);
	return q_run(q);
}
