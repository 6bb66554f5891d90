#include "domain/money/sandbox.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/random.h"
#include "base/str.h"
#include "base/wakeup.h"

#define HOOKS_MAX	20		/* webhooks of one payment */

enum state { STATE_SENT = 1, STATE_DEAD };

const char *const sandbox_buttons[] = {
	"pay", "decline", "twice", "late", NULL
};

static enum rc
add_hook(struct db *db, int64_t payment, enum sandbox_what what,
    int64_t amount, int64_t due, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_SANDBOX_ADD);
	char event[4 + 2 * 12 + 1] = "evt_";
	uint8_t b[12];

	random_bytes(b, sizeof(b));
	hash_hex(b, sizeof(b), event + 4);
	stmt_int(q, ":payment", payment);
	stmt_text(q, ":event", event);
	stmt_int(q, ":what", what);
	stmt_int(q, ":amount", amount);
	stmt_int(q, ":due", due);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}

static enum rc
count_hooks(struct db *db, int64_t payment, int64_t *n)
{
	struct stmt *q = stmt_get(db, Q_SANDBOX_COUNT);

	*n = 0;
	stmt_int(q, ":payment", payment);
	if (stmt_row(q))
		*n = stmt_col_int(q, 0);
	return stmt_done(q);
}

enum rc
sandbox_press(struct db *db, int64_t payment, int64_t amount,
    enum sandbox_button button, int64_t now, struct err *err)
{
	enum sandbox_what what = button == SANDBOX_BUTTON_DECLINE ?
	    SANDBOX_FAILED : SANDBOX_PAID;
	int64_t due = button == SANDBOX_BUTTON_LATE ? now + SANDBOX_LATE :
	    now, n;
	enum rc rc = count_hooks(db, payment, &n);

	if (rc != RC_OK)
		return rc;
	if (n >= HOOKS_MAX)
		return err_set(err, RC_LIMITED, NULL, NULL);
	db_wake_add(db, WAKEUP_JOBS);
	rc = add_hook(db, payment, what, amount, due, now);
	if (rc == RC_OK && button == SANDBOX_BUTTON_TWICE)
		rc = add_hook(db, payment, what, amount, due, now);
	return rc;
}

enum rc
sandbox_due(struct db *db, int64_t now, bool *any)
{
	struct stmt *q = stmt_get(db, Q_SANDBOX_DUE);

	stmt_int(q, ":now", now);
	*any = stmt_row(q);
	return stmt_done(q);
}

static enum rc
lease_hook(struct db *db, int64_t id, int64_t until)
{
	struct stmt *q = stmt_get(db, Q_SANDBOX_LEASE);

	stmt_int(q, ":id", id);
	stmt_int(q, ":until", until);
	return stmt_run(q);
}

enum rc
sandbox_claim(struct db *db, struct arena *a, int64_t now, int64_t lease,
    size_t max, struct sandbox_webhook **list, size_t *n)
{
	struct sandbox_webhook *h = arena_zalloc(a, max, sizeof(*h));
	struct stmt *q = stmt_get(db, Q_SANDBOX_LIST);
	size_t i;
	enum rc rc;

	*list = h;
	*n = 0;
	stmt_int(q, ":now", now);
	stmt_int(q, ":max", (int64_t)max);
	for (; stmt_row(q); h++) {
		h->id = stmt_col_int(q, 0);
		h->payment = stmt_col_int(q, 1);
		h->event_id = stmt_col_text(q, 2, a);
		h->what = (enum sandbox_what)stmt_col_int(q, 3);
		h->amount = stmt_col_int(q, 4);
		h->attempts = stmt_col_int(q, 5);
		h->created_at = stmt_col_int(q, 6);
		h->currency = stmt_col_text(q, 7, a);
		h->ref = stmt_col_text(q, 8, a);
	}
	rc = stmt_done(q);
	*n = (size_t)(h - *list);
	for (i = 0; i < *n && rc == RC_OK; i++)
		rc = lease_hook(db, (*list)[i].id, now + lease);
	return rc;
}

static enum rc
finish_hook(struct db *db, int64_t id, enum state state, const char *why)
{
	struct stmt *q = stmt_get(db, Q_SANDBOX_DONE);

	stmt_int(q, ":id", id);
	stmt_int(q, ":state", state);
	stmt_text(q, ":error", why);
	return stmt_run(q);
}

enum rc
sandbox_sent(struct db *db, const struct sandbox_webhook *h)
{
	return finish_hook(db, h->id, STATE_SENT, NULL);
}

enum rc
sandbox_failed(struct db *db, const struct sandbox_webhook *h, const char *why,
    int64_t now)
{
	int64_t wait = SECOND << (h->attempts < 10 ? h->attempts : 10);
	struct stmt *q;

	if (now - h->created_at >= DAY)
		return finish_hook(db, h->id, STATE_DEAD, why);
	q = stmt_get(db, Q_SANDBOX_LATER);
	stmt_int(q, ":id", h->id);
	stmt_int(q, ":due", now + (wait < 10 * MINUTE ? wait : 10 * MINUTE));
	stmt_text(q, ":error", why);
	return stmt_run(q);
}
