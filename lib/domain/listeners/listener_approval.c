#include "domain/listeners/listener_approval.h"

#include "base/clock.h"
#include "domain/common/actor.h"
#include "domain/common/counter.h"
#include "domain/listeners/listener_search.h"
#include "domain/messaging/notification.h"
#include "json/json_build.h"

#define NOTICE_TTL	DAY

struct decision {
	enum verification to;
	const char *action, *template, *type;
};

static const struct decision verified = {
	LISTENER_VERIFIED, "listener.verify", "listener_verified",
	"listener.verified"
};
static const struct decision rejected = {
	LISTENER_REJECTED, "listener.reject", "listener_rejected",
	"listener.rejected"
};

static enum rc
notify_listener(struct db *db, struct arena *arena,
    const struct decision *j, int64_t listener, const char *reason,
    int64_t now)
{
	struct notice n = { .kind = NOTICE_MESSAGES, .template = j->template,
		.channels = CHANNEL_IN_APP | CHANNEL_PUSH | CHANNEL_EMAIL,
		.ttl = NOTICE_TTL };
	bool known;

	n.vars = TEXT_VARS({ "reason", reason });
	n.data = json_build_object(arena, JSON_OBJECT(
	    JSON_STR("type", j->type), JSON_INT("listener_id", listener)));
	return notification_send(db, arena, listener, &n, now, &known);
}

static enum rc
store_decision(struct db *db, const struct decision *j,
    int64_t listener, const char *reason, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_LISTENER_APPROVAL_SET);

	stmt_int(q, ":id", listener);
	stmt_int(q, ":verification", j->to);
	stmt_text(q, ":reason", reason);
	if (j->to == LISTENER_VERIFIED)
		stmt_int(q, ":verified_at", now);
	else
		stmt_null(q, ":verified_at");
	return stmt_run(q);
}

static bool
same_text(const char *a, const char *b)
{
	return a && b ? str_eq(a, b) : a == b;
}

static enum rc
decide(struct db *db, struct arena *arena,
    const struct decision *j, int64_t listener, const char *reason,
    const struct audit_by *by, struct err *err)
{
	struct listener_item item;
	const char *before, *after;
	enum rc rc;

	rc = listener_own(db, arena, listener, by->now, &item, err);
	if (rc != RC_OK)
		return rc;
	if (item.status == USER_DELETED)
		return err_set(err, RC_NOT_FOUND, NULL, "Listener not found");
	if (item.verification == j->to && same_text(item.reason, reason))
		return RC_OK;
	rc = audit_listener(db, arena, listener, &before);
	if (rc == RC_OK)
		rc = store_decision(db, j, listener, reason, by->now);
	if (rc == RC_OK)
		rc = audit_listener(db, arena, listener, &after);
	if (rc == RC_OK)
		rc = audit_add(db, by, j->action, arena_fmt(arena,
		    "listener:%lld", (long long)listener), before, after);
	if (rc == RC_OK)
		rc = notify_listener(db, arena, j, listener, reason,
		    by->now);
	return rc;
}

enum rc
listener_approval_verify(struct db *db, struct arena *arena, int64_t listener,
    const struct audit_by *by, struct err *err)
{
	return decide(db, arena, &verified, listener, NULL,
	    by, err);
}

enum rc
listener_approval_reject(struct db *db, struct arena *arena, int64_t listener,
    const char *reason, const struct audit_by *by, struct err *err)
{
	return decide(db, arena, &rejected, listener,
	    reason, by, err);
}

static enum rc
count_listeners(struct db *db, struct arena *arena, int verification,
    int64_t *n)
{
	struct stmt *q;

	if (verification >= 0)
		return counter_get(db, arena_fmt(arena, "listener:%d",
		    verification), n);
	q = stmt_get(db, Q_COUNTER_LISTENERS);
	*n = stmt_row(q) ? stmt_col_int(q, 0) : 0;
	return stmt_done(q);
}

enum rc
listener_approval_list(struct db *db, struct arena *arena,
    const struct listener_approval_query *query, int64_t now,
    struct listener_approval_page *page)
{
	size_t max = (size_t)query->limit, n = 0;
	int64_t *ids = arena_zalloc(arena, max, sizeof(*ids));
	struct stmt *q;
	enum rc rc;

	memset(page, 0, sizeof(*page));
	q = stmt_get(db, query->verification < 0 ?
	    Q_LISTENER_APPROVAL_LIST_ALL : Q_LISTENER_APPROVAL_LIST);
	if (query->verification >= 0)
		stmt_int(q, ":verification", query->verification);
	stmt_int(q, ":key", query->after ? query->key : INT64_MAX);
	stmt_int(q, ":id", query->after ? query->id : INT64_MAX);
	stmt_int(q, ":limit", query->limit + 1);
	stmt_int(q, ":offset", query->after ? 0 : query->offset);
	while (!page->more && stmt_row(q)) {
		page->more = n == max;
		if (page->more)
			break;
		ids[n++] = page->id = stmt_col_int(q, 0);
		page->key = stmt_col_int(q, 1);
	}
	rc = stmt_done(q);
	if (rc == RC_OK)
		rc = listener_items(db, arena, ids, n, 0, now, &page->items,
		    &page->n);
	return rc == RC_OK ? count_listeners(db, arena,
	    query->verification, &page->total) : rc;
}
