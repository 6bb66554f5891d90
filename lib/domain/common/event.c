#include "domain/common/event.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "base/wakeup.h"

#define BATCH 100			/* rows in one transaction */

const char *const event_type_names[EVENT_TYPES + 1] = {
	"",
	[EVENT_CALL_INCOMING] = "call.incoming",
	[EVENT_CALL_ACCEPTED] = "call.accepted",
	[EVENT_CALL_REJECTED] = "call.rejected",
	[EVENT_CALL_CANCELLED] = "call.cancelled",
	[EVENT_CALL_MISSED] = "call.missed",
	[EVENT_CALL_ENDED] = "call.ended",
	[EVENT_CALL_SIGNAL] = "call.signal",
	[EVENT_PRESENCE_CHANGED] = "presence.changed",
	[EVENT_SESSION_STARTED] = "session.started",
	[EVENT_SESSION_LOW_BALANCE] = "session.low_balance",
	[EVENT_SESSION_EXTENDED] = "session.extended",
	[EVENT_SESSION_ENDED] = "session.ended",
	[EVENT_WALLET_CHANGED] = "wallet.changed",
	[EVENT_FAVORITE_CHANGED] = "favorite.changed",
	[EVENT_NOTIFICATION_NEW] = "notification.new",
	[EVENT_CALL_CREDENTIAL] = "call.credential",
};

static enum rc
add_event(struct db *db, int64_t user, enum event_type type, int64_t now,
    const char *json, const char *channel, int64_t device)
{
	struct stmt *q = stmt_get(db, Q_EVENT_ADD);

	stmt_int(q, ":user", user);
	stmt_int(q, ":type", type);
	stmt_int(q, ":at", now);
	stmt_text(q, ":data", json);
	stmt_text(q, ":channel", channel);
	stmt_opt(q, ":device", device != 0 ? device : INT64_MIN);
	db_wake_add(db, WAKEUP_REALTIME);
	return stmt_run(q);
}

enum rc
event_add_media(struct db *db, int64_t user, enum event_type type,
    int64_t now, const struct json_member *data, const char *channel,
    int64_t device)
{
	struct buf text;
	enum rc rc = RC_FAULT;

	buf_init(&text, EVENT_JSON_MAX);
	json_build_append(&text, data);
	if (text.full)
		log_error("event", "%s: more than %d bytes of data",
		    event_type_names[type], EVENT_JSON_MAX);
	else
		rc = add_event(db, user, type, now, text.data, channel, device);
	buf_free(&text);
	return rc;
}

enum rc
event_add_object(struct db *db, int64_t user, enum event_type type,
    int64_t now, const struct json_member *data)
{
	return event_add_media(db, user, type, now, data, NULL, 0);
}

enum rc
event_ends(struct db *db, int64_t user, int64_t *last, int64_t *pruned)
{
	struct stmt *q = stmt_get(db, Q_EVENT_ENDS);

	*last = *pruned = 0;
	stmt_int(q, ":user", user);
	if (stmt_row(q)) {
		*pruned = stmt_col_int(q, 1);
		*last = stmt_col_int(q, 0) > *pruned ? stmt_col_int(q, 0) : *pruned;
	}
	return stmt_done(q);
}

enum rc
event_list(struct db *db, struct arena *a, int64_t user, int64_t after,
    int64_t limit, struct event_page *page)
{
	struct event *e;
	struct stmt *q;
	int64_t pruned;
	enum rc rc;

	*page = (struct event_page){ 0 };
	rc = event_ends(db, user, &page->last, &pruned);
	if (rc != RC_OK)
		return rc;
	page->resync = after < pruned || after > page->last;
	page->events = arena_zalloc(a, (size_t)limit, sizeof(*page->events));
	q = stmt_get(db, Q_EVENT_LIST);
	stmt_int(q, ":user", user);
	stmt_int(q, ":after", after);
	stmt_int(q, ":limit", limit + 1);
	stmt_budget(q, a, PAGE_BYTES);
	while (stmt_row(q)) {
		if ((int64_t)page->n == limit) {
			page->more = true;
			break;
		}
		e = &page->events[page->n++];
		e->seq = stmt_col_int(q, 0);
		e->type = (enum event_type)stmt_col_int(q, 1);
		e->at = stmt_col_int(q, 2);
		e->data = stmt_col_text(q, 3, a);
		e->channel = stmt_col_text(q, 4, a);
		e->device = stmt_col_int(q, 5);
	}
	page->more |= stmt_cut(q);
	return stmt_done(q);
}

enum rc
event_prune_pending(struct job_run *r)
{
	struct stmt *q = stmt_get(r->db, Q_EVENT_OLDEST);

	r->work = stmt_row(q) && stmt_col_int(q, 0) < r->now - EVENT_KEPT;
	return stmt_done(q);
}

enum rc
event_prune_run(struct job_run *r)
{
	struct stmt *q = stmt_get(r->db, Q_EVENT_PRUNE);
	enum rc rc;

	stmt_int(q, ":before", r->now - EVENT_KEPT);
	stmt_int(q, ":max", BATCH);
	rc = stmt_run(q);
	r->done = db_changes(r->db);
	r->more = r->done >= BATCH;
	return rc;
}
