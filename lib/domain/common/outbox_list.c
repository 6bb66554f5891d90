#include <inttypes.h>

#include "base/clock.h"
#include "base/str.h"
#include "base/wakeup.h"
#include "domain/common/outbox.h"
#include "domain/common/text_list.h"

enum { STATE_PENDING, STATE_SENT, STATE_DEAD };

const char *const outbox_state_words[] = { "pending", "sent", "dead", NULL };
const char *const outbox_lane_words[] = { "sms", "email", "push", NULL };

/* Columns as outbox.sql gives them in every statement that reads one. */
static void
outbox_row(struct stmt *q, struct arena *arena, struct outbox_item *m)
{
	*m = (struct outbox_item){ .id = q_col_int(q, 0),
	    .lane = (enum outbox_lane)q_col_int(q, 1),
	    .user = q_col_opt(q, 2), .recipient = q_col_text(q, 3, arena),
	    .template = q_col_text(q, 4, arena), .state = (int)q_col_int(q, 5),
	    .attempts = q_col_int(q, 6), .due_at = q_col_int(q, 7),
	    .expires_at = q_col_int(q, 8), .created_at = q_col_int(q, 9),
	    .done_at = q_col_opt(q, 10), .error = q_col_text(q, 11, arena),
	    .kept = q_col_int(q, 12) != 0 };
}

static struct stmt *
ask(struct db *db, const struct outbox_query *query)
{
	bool state = query->state >= 0, lane = query->lane != 0;
	struct stmt *q;

	if (query->user != 0) {
		q = db_q(db, Q_OUTBOX_IDS_USER);
		q_int(q, ":user", query->user);
		q_int(q, ":state", query->state);
		q_int(q, ":lane", query->lane);
		return q;
	}
	q = db_q(db, state && lane ? Q_OUTBOX_IDS_BOTH : state ?
	    Q_OUTBOX_IDS_STATE : lane ? Q_OUTBOX_IDS_LANE : Q_OUTBOX_IDS);
	if (state)
		q_int(q, ":state", query->state);
	if (lane)
		q_int(q, ":lane", query->lane);
	return q;
}

/* Counters; a user's few are counted. */
static enum rc
count(struct db *db, const struct outbox_query *query, int64_t *n)
{
	struct stmt *q = db_q(db, query->user != 0 ? Q_OUTBOX_COUNT_USER :
	    Q_OUTBOX_COUNT);

	if (query->user != 0)
		q_int(q, ":user", query->user);
	q_int(q, ":state", query->state);
	q_int(q, ":lane", query->lane);
	*n = q_row(q) ? q_col_int(q, 0) : 0;
	return q_done(q);
}

enum rc
outbox_list(struct db *db, struct arena *arena,
    const struct outbox_query *query, struct outbox_page *page)
{
	struct stmt *q = ask(db, query);
	struct id_page ids;
	enum rc rc;

	*page = (struct outbox_page){ 0 };
	rc = lines_page(q, arena, query->before, query->limit, query->offset,
	    &ids);
	page->more = ids.more;
	if (rc == RC_OK)
		rc = count(db, query, &page->total);
	if (rc != RC_OK)
		return rc;
	page->items = arena_zalloc(arena, ids.n, sizeof(*page->items));
	q = db_q(db, Q_OUTBOX_ITEMS);
	q_text(q, ":ids", lines_ids(arena, ids.v, ids.n));
	while (page->n < ids.n && q_row(q))
		outbox_row(q, arena, &page->items[page->n++]);
	return q_done(q);
}

static enum rc
get(struct db *db, struct arena *arena, int64_t id, struct outbox_item *m,
    struct err *err)
{
	struct stmt *q = db_q(db, Q_OUTBOX_GET);
	bool found;
	enum rc rc;

	q_int(q, ":id", id);
	found = q_row(q);
	if (found)
		outbox_row(q, arena, m);
	rc = q_done(q);
	if (rc == RC_OK && !found)
		return err_set(err, RC_NOT_FOUND, NULL, "Message not found");
	return rc;
}

static const char *
audited(struct arena *arena, const struct outbox_item *m)
{
	return arena_fmt(arena, "{\"state\":\"%s\",\"attempts\":%" PRId64
	    ",\"lane\":\"%s\",\"template\":\"%s\"}",
	    outbox_state_words[m->state], m->attempts,
	    outbox_lane_words[m->lane - 1], m->template);
}

/* Can it be sent once more, and is it any use? */
static enum rc
check(const struct outbox_item *m, struct err *err)
{
	if (m->state != STATE_DEAD)
		return err_set(err, RC_CONFLICT, "not_retryable",
		    "The message is %s", outbox_state_words[m->state]);
	if (outbox_rings(m->template))
		return err_set(err, RC_CONFLICT, "not_retryable",
		    "The call is over");
	if (!m->kept)
		return err_set(err, RC_CONFLICT, "not_retryable",
		    "What the message said was not kept");
	return RC_OK;
}

enum rc
outbox_retry(struct db *db, struct arena *arena, int64_t id,
    const struct audit_by *by, struct outbox_item *m, struct err *err)
{
	const char *before;
	struct stmt *q;
	enum rc rc;

	rc = get(db, arena, id, m, err);
	if (rc == RC_OK)
		rc = check(m, err);
	if (rc != RC_OK)
		return rc;
	before = audited(arena, m);
	q = db_q(db, Q_OUTBOX_RETRY);
	q_int(q, ":id", id);
	q_int(q, ":now", by->now);
	q_int(q, ":expires", by->now + DAY);
	rc = q_run(q);
	db_tell(db, NUDGE_JOBS);
	if (rc == RC_OK)
		rc = get(db, arena, id, m, err);
	return rc == RC_OK ? audit_add(db, by, "outbox.retry",
	    arena_fmt(arena, "outbox:%" PRId64, id), before,
	    audited(arena, m)) : rc;
}
