#include <inttypes.h>

#include "base/clock.h"
#include "base/str.h"
#include "base/wakeup.h"
#include "domain/common/id_page.h"
#include "domain/common/outbox.h"
#include "domain/common/text_list.h"
#include "json/json_build.h"

enum { STATE_PENDING, STATE_SENT, STATE_DEAD };

const char *const outbox_state_names[] = { "pending", "sent", "dead", NULL };
const char *const outbox_channel_names[] = { "sms", "email", "push", NULL };

/* Reads a row; all statements that read messages have the same columns. */
static void
read_message(struct stmt *q, struct arena *arena, struct outbox_item *m)
{
	*m = (struct outbox_item){ .id = stmt_col_int(q, 0),
	    .channel = (enum outbox_channel)stmt_col_int(q, 1),
	    .user = stmt_col_opt(q, 2), .recipient = stmt_col_text(q, 3, arena),
	    .template = stmt_col_text(q, 4, arena),
	    .state = (int)stmt_col_int(q, 5),
	    .attempts = stmt_col_int(q, 6), .due_at = stmt_col_int(q, 7),
	    .expires_at = stmt_col_int(q, 8), .created_at = stmt_col_int(q, 9),
	    .done_at = stmt_col_opt(q, 10), .error = stmt_col_text(q, 11,
	    arena),
	    .kept = stmt_col_int(q, 12) != 0 };
}

/* Returns the statement for the messages of all users. */
static enum stmt_id
ids_of_all(int state, bool channel)
{
	switch (state) {
	case STATE_PENDING:
		return Q_OUTBOX_IDS_PENDING;
	case STATE_SENT:
		return channel ? Q_OUTBOX_IDS_SENT_CHANNEL : Q_OUTBOX_IDS_SENT;
	case STATE_DEAD:
		return Q_OUTBOX_IDS_FAILED;
	default:
		return channel ? Q_OUTBOX_IDS_CHANNEL : Q_OUTBOX_IDS;
	}
}

static struct stmt *
select_ids(struct db *db, const struct outbox_query *query)
{
	bool channel = query->channel != 0;
	struct stmt *q;

	if (query->user != 0) {
		q = stmt_get(db, Q_OUTBOX_IDS_USER);
		stmt_int(q, ":user", query->user);
		stmt_int(q, ":state", query->state);
		stmt_int(q, ":channel", query->channel);
		return q;
	}
	q = stmt_get(db, ids_of_all(query->state, channel));
	if (channel || query->state == STATE_PENDING ||
	    query->state == STATE_DEAD)
		stmt_int(q, ":channel", query->channel);
	return q;
}

/* Counts the messages of a query. Without a user, it sums counters. */
static enum rc
count_messages(struct db *db, const struct outbox_query *query, int64_t *n)
{
	struct stmt *q = stmt_get(db, query->user != 0 ? Q_OUTBOX_COUNT_USER :
	    Q_OUTBOX_COUNT);

	if (query->user != 0)
		stmt_int(q, ":user", query->user);
	stmt_int(q, ":state", query->state);
	stmt_int(q, ":channel", query->channel);
	*n = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

enum rc
outbox_list(struct db *db, struct arena *arena,
    const struct outbox_query *query, struct outbox_page *page)
{
	struct stmt *q = select_ids(db, query);
	struct id_page ids;
	enum rc rc;

	*page = (struct outbox_page){ 0 };
	rc = id_page_before(q, arena, query->before, query->limit,
	    query->offset, &ids);
	page->more = ids.more;
	if (rc == RC_OK)
		rc = count_messages(db, query, &page->total);
	if (rc != RC_OK)
		return rc;
	page->items = arena_zalloc(arena, ids.n, sizeof(*page->items));
	q = stmt_get(db, Q_OUTBOX_ITEMS);
	stmt_text(q, ":ids", id_page_json(arena, ids.v, ids.n));
	while (page->n < ids.n && stmt_row(q))
		read_message(q, arena, &page->items[page->n++]);
	return stmt_done(q);
}

static enum rc
load_message(struct db *db, struct arena *arena, int64_t id,
    struct outbox_item *m, struct err *err)
{
	struct stmt *q = stmt_get(db, Q_OUTBOX_GET);
	bool found;
	enum rc rc;

	stmt_int(q, ":id", id);
	found = stmt_row(q);
	if (found)
		read_message(q, arena, m);
	rc = stmt_done(q);
	if (rc == RC_OK && !found)
		return err_set(err, RC_NOT_FOUND, NULL, "Message not found");
	return rc;
}

static const char *
audit_json(struct arena *arena, const struct outbox_item *m)
{
	return json_build_object(arena, JSON_OBJECT(
	    JSON_STR("state", outbox_state_names[m->state]),
	    JSON_INT("attempts", m->attempts),
	    JSON_STR("lane", outbox_channel_names[m->channel - 1]),
	    JSON_STR("template", m->template)));
}

/* Checks that a message may be sent again. */
static enum rc
check_retryable(const struct outbox_item *m, struct err *err)
{
	if (m->state != STATE_DEAD)
		return err_set(err, RC_CONFLICT, "not_retryable",
		    "The message is %s", outbox_state_names[m->state]);
	if (outbox_rings(m->template))
		return err_set(err, RC_CONFLICT, "not_retryable",
		    "The call is over");
	if (!m->kept)
		return err_set(err, RC_CONFLICT, "not_retryable",
		    "The text of the message is no longer stored");
	return RC_OK;
}

enum rc
outbox_retry(struct db *db, struct arena *arena, int64_t id,
    const struct audit_by *by, struct outbox_item *m, struct err *err)
{
	const char *before;
	struct stmt *q;
	enum rc rc;

	rc = load_message(db, arena, id, m, err);
	if (rc == RC_OK)
		rc = check_retryable(m, err);
	if (rc != RC_OK)
		return rc;
	before = audit_json(arena, m);
	q = stmt_get(db, Q_OUTBOX_RETRY);
	stmt_int(q, ":id", id);
	stmt_int(q, ":now", by->now);
	stmt_int(q, ":expires", by->now + (m->channel == OUTBOX_EMAIL ?
	    OUTBOX_TTL_EMAIL : OUTBOX_TTL));
	rc = stmt_run(q);
	db_wake_add(db, WAKEUP_CHANNEL(m->channel));
	if (rc == RC_OK)
		rc = load_message(db, arena, id, m, err);
	return rc == RC_OK ? audit_add(db, by, "outbox.retry",
	    arena_fmt(arena, "outbox:%" PRId64, id), before,
	    audit_json(arena, m)) : rc;
}
