#include "domain/messaging/delivery.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/random.h"
#include "base/str.h"
#include "base/wakeup.h"
#include "domain/common/id_page.h"
#include "domain/common/outbox.h"
#include "domain/messaging/preference.h"

enum state { STATE_SENT = 1, STATE_DEAD };

const char *
delivery_channel(int channel)
{
	static const char *const names[] = { NULL, "sms", "email", "push" };

	if (channel < 1 || channel > DELIVERY_CHANNELS)
		BUG("no channel %d", channel);
	return names[channel];
}

static void
bind_queue(struct stmt *q, const struct delivery_queue *queue)
{
	stmt_int(q, ":channel", queue->channel);
	stmt_int(q, ":provider", queue->apns);
}

enum rc
delivery_due(struct db *db, const struct delivery_queue *queue,
    bool only_urgent, int64_t now, bool *any)
{
	struct stmt *q = stmt_get(db, Q_DELIVERY_DUE);

	bind_queue(q, queue);
	stmt_int(q, ":urgent", only_urgent);
	stmt_int(q, ":now", now);
	*any = stmt_row(q);
	return stmt_done(q);
}

enum rc
delivery_release(struct db *db, const struct delivery_queue *queue)
{
	enum rc rc = db_write(db);
	struct stmt *q;

	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_DELIVERY_RELEASE);
	bind_queue(q, queue);
	rc = stmt_run(q);
	if (rc == RC_OK)
		return db_commit(db);
	db_rollback(db);
	return rc;
}

static enum rc
finish_message(struct db *db, int64_t id, enum state state, const char *error,
    int64_t now)
{
	struct stmt *q = stmt_get(db, Q_DELIVERY_DONE);

	stmt_int(q, ":id", id);
	stmt_int(q, ":state", state);
	stmt_text(q, ":error", error);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

/* RETURNING has no defined order. */
static int
compare_ids(const void *a, const void *b)
{
	int64_t x = ((const struct delivery *)a)->id;
	int64_t y = ((const struct delivery *)b)->id;

	return (x > y) - (x < y);
}

static enum rc
finish_expired(struct db *db, const int64_t *ids, size_t n, int64_t now)
{
	enum rc rc = RC_OK;
	size_t i;

	for (i = 0; i < n && rc == RC_OK; i++)
		rc = finish_message(db, ids[i], STATE_DEAD, "expired", now);
	return rc;
}

enum rc
delivery_claim(struct db *db, struct arena *a,
    const struct delivery_queue *queue, bool urgent, int64_t now,
    int64_t lease, size_t max, struct delivery **list, size_t *n,
    int64_t *dead)
{
	struct delivery *d = arena_zalloc(a, max, sizeof(*d));
	int64_t *expired = arena_zalloc(a, max, sizeof(*expired));
	struct stmt *q = stmt_get(db, Q_DELIVERY_CLAIM);
	size_t n_expired = 0;
	enum rc rc;

	*list = d;
	bind_queue(q, queue);
	stmt_int(q, ":urgent", urgent);
	stmt_int(q, ":now", now);
	stmt_int(q, ":until", now + lease);
	stmt_int(q, ":max", (int64_t)max);
	while (stmt_row(q)) {
		if (stmt_col_int(q, 9) <= now) {
			expired[n_expired++] = stmt_col_int(q, 0);
			continue;
		}
		*d++ = (struct delivery){ .id = stmt_col_int(q, 0),
		    .user = stmt_col_int(q, 1),
		    .recipient = stmt_col_text(q, 2, a),
		    .template = stmt_col_text(q, 3, a),
		    .code = stmt_col_text(q, 4, a),
		    .title = stmt_col_text(q, 5, a),
		    .body = stmt_col_text(q, 6, a),
		    .data = stmt_col_text(q, 7, a),
		    .attempts = stmt_col_int(q, 8),
		    .expires_at = stmt_col_int(q, 9),
		    .created_at = stmt_col_int(q, 10), .urgent = urgent,
		    .channel = queue->channel };
	}
	rc = stmt_done(q);
	*n = (size_t)(d - *list);
	*dead += (int64_t)n_expired;
	qsort(*list, *n, sizeof(**list), compare_ids);
	return rc == RC_OK ? finish_expired(db, expired, n_expired, now) : rc;
}

bool
delivery_open(struct arena *a, struct delivery *d)
{
	bool failed = false;

	d->code = outbox_open(a, d->code, &failed);
	d->title = outbox_open(a, d->title, &failed);
	d->body = outbox_open(a, d->body, &failed);
	d->data = outbox_open(a, d->data, &failed);
	return !failed;
}

enum rc
delivery_done(struct db *db, struct arena *a, const int64_t *ids, size_t n,
    int64_t now)
{
	struct stmt *q;

	if (n == 0)
		return RC_OK;
	q = stmt_get(db, Q_DELIVERY_SENT);
	stmt_text(q, ":ids", id_page_json(a, ids, n));
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

enum rc
delivery_dead(struct db *db, const struct delivery *d, const char *error,
    int64_t now)
{
	return finish_message(db, d->id, STATE_DEAD, error, now);
}

enum rc
delivery_failed(struct db *db, const struct delivery *d, const char *error,
    int64_t after, int64_t now, bool *expired)
{
	int64_t max = (d->channel == OUTBOX_EMAIL ? 30 : 10) * MINUTE;
	int64_t wait = outbox_rings(d->template) ? SECOND / 2 : 2 * SECOND;
	struct stmt *q;
	char text[300];

	/* It doubles, up to the maximum, and gets a random quarter. */
	if (d->attempts > 0)
		wait <<= d->attempts < 11 ? d->attempts - 1 : 10;
	if (wait > max)
		wait = max;
	wait += random_below((uint32_t)(wait / 4));
	if (wait < after)
		wait = after;
	*expired = now + wait >= d->expires_at;
	if (*expired) {
		snprintf(text, sizeof(text), "expired after: %s", error);
		return finish_message(db, d->id, STATE_DEAD, text, now);
	}
	q = stmt_get(db, Q_DELIVERY_LATER);
	stmt_int(q, ":id", d->id);
	stmt_int(q, ":due", now + wait);
	stmt_text(q, ":error", error);
	return stmt_run(q);
}

enum rc
delivery_spread(struct db *db, const struct delivery *d, int64_t now)
{
	struct preference p;
	struct stmt *q;
	enum rc rc = preference_get(db, d->user, &p);

	if (rc == RC_OK && outbox_rings(d->template) &&
	    !preference_allows(&p, NOTICE_CALLS, CHANNEL_PUSH))
		return finish_message(db, d->id, STATE_DEAD,
		    "disabled by the user", now);
	if (rc != RC_OK)
		return rc;
	q = stmt_get(db, Q_DELIVERY_SPREAD);
	stmt_int(q, ":id", d->id);
	rc = stmt_run(q);
	if (rc != RC_OK)
		return rc;
	db_wake_add(db, WAKEUP_CHANNEL(OUTBOX_PUSH));
	/* Without another device, there is nothing to stop. */
	if (db_changes(db) == 0 && !str_eq(d->template, "call_over"))
		return finish_message(db, d->id, STATE_DEAD, "no device", now);
	return finish_message(db, d->id, STATE_SENT, NULL, now);
}

enum rc
delivery_waiting(struct db *db, int channel, int64_t *n, int64_t *since)
{
	struct stmt *q = stmt_get(db, Q_DELIVERY_WAITING);

	*n = 0;
	*since = INT64_MIN;
	stmt_int(q, ":channel", channel);
	if (stmt_row(q)) {
		*n = stmt_col_int(q, 0);
		*since = stmt_col_opt(q, 1);
	}
	return stmt_done(q);
}
