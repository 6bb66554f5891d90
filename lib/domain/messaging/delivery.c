#include "domain/messaging/delivery.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/random.h"
#include "base/str.h"
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

enum rc
delivery_due(struct db *db, int channel, int64_t now, bool *any)
{
	struct stmt *q = stmt_get(db, Q_DELIVERY_DUE);

	stmt_int(q, ":channel", channel);
	stmt_int(q, ":now", now);
	*any = stmt_row(q);
	return stmt_done(q);
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

/* Messages that are not sent. */
struct unsent {
	int64_t id;
	const char *error;
};

/*
 * Claims messages that are urgent, or those that are not. Expired ones, and
 * those that cannot be decrypted, are added to `unsent` instead.
 */
static enum rc
claim_messages(struct db *db, struct arena *a, int channel, bool urgent,
    int64_t now, int64_t until, size_t max, struct delivery *list, size_t *n,
    struct unsent *unsent, size_t *n_unsent)
{
	struct delivery *d = list;
	struct stmt *q = stmt_get(db, Q_DELIVERY_CLAIM);
	bool failed;
	enum rc rc;

	stmt_int(q, ":channel", channel);
	stmt_int(q, ":urgent", urgent);
	stmt_int(q, ":now", now);
	stmt_int(q, ":until", until);
	stmt_int(q, ":max", (int64_t)max);
	while (stmt_row(q)) {
		if (stmt_col_int(q, 9) <= now) {
			unsent[(*n_unsent)++] = (struct unsent){
			    stmt_col_int(q, 0), "expired" };
			continue;
		}
		d->id = stmt_col_int(q, 0);
		d->user = stmt_col_int(q, 1);
		d->recipient = stmt_col_text(q, 2, a);
		d->template = stmt_col_text(q, 3, a);
		failed = false;
		d->code = outbox_open(a, stmt_col_peek(q, 4), &failed);
		d->title = outbox_open(a, stmt_col_peek(q, 5), &failed);
		d->body = outbox_open(a, stmt_col_peek(q, 6), &failed);
		d->data = stmt_col_text(q, 7, a);
		d->attempts = stmt_col_int(q, 8);
		d->expires_at = stmt_col_int(q, 9);
		d->created_at = stmt_col_int(q, 10);
		d->channel = channel;
		if (failed)
			unsent[(*n_unsent)++] = (struct unsent){ d->id,
			    "encrypted with another key" };
		else
			d++;
	}
	rc = stmt_done(q);
	*n = (size_t)(d - list);
	qsort(list, *n, sizeof(*list), compare_ids);
	return rc;
}

enum rc
delivery_claim(struct db *db, struct arena *a, int channel, int64_t now,
    int64_t lease, size_t max, struct delivery **list, size_t *n,
    int64_t *dead)
{
	struct delivery *d = arena_zalloc(a, max, sizeof(*d));
	struct unsent *unsent = arena_zalloc(a, max, sizeof(*unsent));
	size_t n_unsent = 0, more = 0, i;
	enum rc rc;

	*list = d;
	*n = 0;
	rc = claim_messages(db, a, channel, true, now, now + lease, max, d, n,
	    unsent, &n_unsent);
	if (rc == RC_OK && *n + n_unsent < max)
		rc = claim_messages(db, a, channel, false, now, now + lease,
		    max - *n - n_unsent, d + *n, &more, unsent, &n_unsent);
	*n += more;
	*dead = (int64_t)n_unsent;
	for (i = 0; i < n_unsent && rc == RC_OK; i++)
		rc = finish_message(db, unsent[i].id, STATE_DEAD,
		    unsent[i].error, now);
	return rc;
}

enum rc
delivery_done(struct db *db, const struct delivery *d, int64_t now)
{
	return finish_message(db, d->id, STATE_SENT, NULL, now);
}

enum rc
delivery_dead(struct db *db, const struct delivery *d, const char *error,
    int64_t now)
{
	return finish_message(db, d->id, STATE_DEAD, error, now);
}

enum rc
delivery_failed(struct db *db, const struct delivery *d, const char *error,
    int64_t after, int64_t now)
{
	int64_t max = (d->channel == OUTBOX_EMAIL ? 30 : 10) * MINUTE;
	int64_t wait = 2 * SECOND;
	struct stmt *q;

	/* 2, 4, 8 ... s up to the maximum, plus a random quarter. */
	if (d->attempts > 0)
		wait <<= d->attempts < 11 ? d->attempts - 1 : 10;
	if (wait > max)
		wait = max;
	wait += random_below((uint32_t)(wait / 4));
	if (wait < after)
		wait = after;
	if (now + wait >= d->expires_at)
		return finish_message(db, d->id, STATE_DEAD, error, now);
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
