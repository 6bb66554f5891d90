#include "domain/messaging/delivery.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"
#include "domain/common/outbox.h"
#include "domain/messaging/preference.h"

enum state { STATE_SENT = 1, STATE_DEAD };

const char *
delivery_lane(int lane)
{
	static const char *const names[] = { NULL, "sms", "email", "push" };

	if (lane < 1 || lane > DELIVERY_LANES)
		BUG("no lane %d", lane);
	return names[lane];
}

enum rc
delivery_due(struct db *db, int lane, int64_t now, bool *any)
{
	struct stmt *q = db_q(db, Q_DELIVERY_DUE);

	q_int(q, ":lane", lane);
	q_int(q, ":now", now);
	*any = q_row(q);
	return q_done(q);
}

static enum rc
finish(struct db *db, int64_t id, enum state state, const char *error,
    int64_t now)
{
	struct stmt *q = db_q(db, Q_DELIVERY_DONE);

	q_int(q, ":id", id);
	q_int(q, ":state", state);
	q_text(q, ":error", error);
	q_int(q, ":now", now);
	return q_run(q);
}

/* RETURNING promises no order. */
static int
compare(const void *a, const void *b)
{
	int64_t x = ((const struct delivery *)a)->id;
	int64_t y = ((const struct delivery *)b)->id;

	return (x > y) - (x < y);
}

/* What is urgent, or what is not. *late gets what had expired. */
static enum rc
claim(struct db *db, struct arena *a, int lane, bool urgent, int64_t now,
    int64_t until, size_t max, struct delivery *list, size_t *n,
    int64_t *late, size_t *lates)
{
	struct delivery *d = list;
	struct stmt *q = db_q(db, Q_DELIVERY_CLAIM);
	enum rc rc;

	q_int(q, ":lane", lane);
	q_int(q, ":urgent", urgent);
	q_int(q, ":now", now);
	q_int(q, ":until", until);
	q_int(q, ":max", (int64_t)max);
	while (q_row(q)) {
		if (q_col_int(q, 9) <= now) {
			late[(*lates)++] = q_col_int(q, 0);
			continue;
		}
		d->id = q_col_int(q, 0);
		d->user = q_col_int(q, 1);
		d->recipient = q_col_text(q, 2, a);
		d->template = q_col_text(q, 3, a);
		d->code = q_col_text(q, 4, a);
		d->title = q_col_text(q, 5, a);
		d->body = q_col_text(q, 6, a);
		d->data = q_col_text(q, 7, a);
		d->attempts = q_col_int(q, 8);
		d->expires_at = q_col_int(q, 9);
		d++;
	}
	rc = q_done(q);
	*n = (size_t)(d - list);
	qsort(list, *n, sizeof(*list), compare);
	return rc;
}

enum rc
delivery_claim(struct db *db, struct arena *a, int lane, int64_t now,
    int64_t lease, size_t max, struct delivery **list, size_t *n,
    int64_t *given_up)
{
	struct delivery *d = arena_zalloc(a, max, sizeof(*d));
	int64_t *late = arena_zalloc(a, max, sizeof(*late));
	size_t lates = 0, more = 0, i;
	enum rc rc;

	*list = d;
	*n = 0;
	rc = claim(db, a, lane, true, now, now + lease, max, d, n, late,
	    &lates);
	if (rc == RC_OK && *n + lates < max)
		rc = claim(db, a, lane, false, now, now + lease,
		    max - *n - lates, d + *n, &more, late, &lates);
	*n += more;
	*given_up = (int64_t)lates;
	for (i = 0; i < lates && rc == RC_OK; i++)
		rc = finish(db, late[i], STATE_DEAD, "expired", now);
	return rc;
}

enum rc
delivery_done(struct db *db, const struct delivery *d, int64_t now)
{
	return finish(db, d->id, STATE_SENT, NULL, now);
}

enum rc
delivery_dead(struct db *db, const struct delivery *d, const char *why,
    int64_t now)
{
	return finish(db, d->id, STATE_DEAD, why, now);
}

enum rc
delivery_failed(struct db *db, const struct delivery *d, const char *why,
    int64_t after, int64_t now)
{
	int64_t wait = 2 * SECOND;
	struct stmt *q;

	/* 2, 4, 8 ... s, at most 10 minutes, and up to a quarter more. */
	if (d->attempts > 0)
		wait <<= d->attempts < 10 ? d->attempts - 1 : 9;
	if (wait > 10 * MINUTE)
		wait = 10 * MINUTE;
	wait += rand_below((uint32_t)(wait / 4));
	if (wait < after)
		wait = after;
	if (now + wait >= d->expires_at)
		return finish(db, d->id, STATE_DEAD, why, now);
	q = db_q(db, Q_DELIVERY_LATER);
	q_int(q, ":id", d->id);
	q_int(q, ":due", now + wait);
	q_text(q, ":error", why);
	return q_run(q);
}

enum rc
delivery_spread(struct db *db, const struct delivery *d, int64_t now)
{
	struct preference p;
	struct stmt *q;
	enum rc rc = preference_get(db, d->user, &p);

	if (rc == RC_OK && outbox_rings(d->template) &&
	    !preference_allows(&p, NOTICE_CALLS, CHANNEL_PUSH))
		return finish(db, d->id, STATE_DEAD, "not wanted", now);
	if (rc != RC_OK)
		return rc;
	q = db_q(db, Q_DELIVERY_SPREAD);
	q_int(q, ":id", d->id);
	rc = q_run(q);
	if (rc != RC_OK)
		return rc;
	if (db_changes(db) == 0)
		return finish(db, d->id, STATE_DEAD, "no device", now);
	return finish(db, d->id, STATE_SENT, NULL, now);
}

enum rc
delivery_waiting(struct db *db, int lane, int64_t *n, int64_t *since)
{
	struct stmt *q = db_q(db, Q_DELIVERY_WAITING);

	*n = 0;
	*since = INT64_MIN;
	q_int(q, ":lane", lane);
	if (q_row(q)) {
		*n = q_col_int(q, 0);
		*since = q_col_opt(q, 1);
	}
	return q_done(q);
}
