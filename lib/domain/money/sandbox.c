#include "domain/money/sandbox.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"
#include "base/wakeup.h"

#define MOST	20		/* webhooks of one payment */

enum state { STATE_SENT = 1, STATE_DEAD };

const char *const sandbox_buttons[] = {
	"pay", "decline", "twice", "late", NULL
};

static enum rc
add(struct db *db, int64_t payment, enum sandbox_what what, int64_t amount,
    int64_t due, int64_t now)
{
	struct stmt *q = db_q(db, Q_SANDBOX_ADD);
	char event[4 + 2 * 12 + 1] = "evt_";
	uint8_t b[12];

	rand_bytes(b, sizeof(b));
	hash_hex(b, sizeof(b), event + 4);
	q_int(q, ":payment", payment);
	q_text(q, ":event", event);
	q_int(q, ":what", what);
	q_int(q, ":amount", amount);
	q_int(q, ":due", due);
	q_int(q, ":now", now);
	return q_run(q);
}

static enum rc
count(struct db *db, int64_t payment, int64_t *n)
{
	struct stmt *q = db_q(db, Q_SANDBOX_COUNT);

	*n = 0;
	q_int(q, ":payment", payment);
	if (q_row(q))
		*n = q_col_int(q, 0);
	return q_done(q);
}

enum rc
sandbox_press(struct db *db, int64_t payment, int64_t amount,
    enum sandbox_button button, int64_t now, struct err *err)
{
	enum sandbox_what what = button == BUTTON_DECLINE ? SANDBOX_FAILED :
	    SANDBOX_PAID;
	int64_t due = button == BUTTON_LATE ? now + SANDBOX_LATE : now, n;
	enum rc rc = count(db, payment, &n);

	if (rc != RC_OK)
		return rc;
	if (n >= MOST)
		return err_set(err, RC_LIMITED, NULL, NULL);
	db_tell(db, NUDGE_JOBS);
	rc = add(db, payment, what, amount, due, now);
	if (rc == RC_OK && button == BUTTON_TWICE)
		rc = add(db, payment, what, amount, due, now);
	return rc;
}

enum rc
sandbox_due(struct db *db, int64_t now, bool *any)
{
	struct stmt *q = db_q(db, Q_SANDBOX_DUE);

	q_int(q, ":now", now);
	*any = q_row(q);
	return q_done(q);
}

static enum rc
lease_one(struct db *db, int64_t id, int64_t until)
{
	struct stmt *q = db_q(db, Q_SANDBOX_LEASE);

	q_int(q, ":id", id);
	q_int(q, ":until", until);
	return q_run(q);
}

enum rc
sandbox_claim(struct db *db, struct arena *a, int64_t now, int64_t lease,
    size_t max, struct sandbox_hook **list, size_t *n)
{
	struct sandbox_hook *h = arena_zalloc(a, max, sizeof(*h));
	struct stmt *q = db_q(db, Q_SANDBOX_LIST);
	size_t i;
	enum rc rc;

	*list = h;
	*n = 0;
	q_int(q, ":now", now);
	q_int(q, ":max", (int64_t)max);
	for (; q_row(q); h++) {
		h->id = q_col_int(q, 0);
		h->payment = q_col_int(q, 1);
		h->event_id = q_col_text(q, 2, a);
		h->what = (enum sandbox_what)q_col_int(q, 3);
		h->amount = q_col_int(q, 4);
		h->attempts = q_col_int(q, 5);
		h->created_at = q_col_int(q, 6);
		h->currency = q_col_text(q, 7, a);
		h->ref = q_col_text(q, 8, a);
	}
	rc = q_done(q);
	*n = (size_t)(h - *list);
	for (i = 0; i < *n && rc == RC_OK; i++)
		rc = lease_one(db, (*list)[i].id, now + lease);
	return rc;
}

static enum rc
finish(struct db *db, int64_t id, enum state state, const char *why)
{
	struct stmt *q = db_q(db, Q_SANDBOX_DONE);

	q_int(q, ":id", id);
	q_int(q, ":state", state);
	q_text(q, ":error", why);
	return q_run(q);
}

enum rc
sandbox_sent(struct db *db, const struct sandbox_hook *h)
{
	return finish(db, h->id, STATE_SENT, NULL);
}

enum rc
sandbox_failed(struct db *db, const struct sandbox_hook *h, const char *why,
    int64_t now)
{
	int64_t wait = SECOND << (h->attempts < 10 ? h->attempts : 10);
	struct stmt *q;

	if (now - h->created_at >= DAY)
		return finish(db, h->id, STATE_DEAD, why);
	q = db_q(db, Q_SANDBOX_LATER);
	q_int(q, ":id", h->id);
	q_int(q, ":due", now + (wait < 10 * MINUTE ? wait : 10 * MINUTE));
	q_text(q, ":error", why);
	return q_run(q);
}
