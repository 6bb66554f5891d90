#include "domain/messaging/notification.h"

#include "base/str.h"
#include "domain/common/event.h"
#include "domain/common/outbox.h"

struct target {
	const char *email, *phone;	/* verified, or NULL */
	struct preference preference;
};

/*
 * Loads the addresses and the preferences of a user. Returns RC_NOT_FOUND if
 * the account does not exist or is not active.
 */
static enum rc
load_target(struct db *db, struct arena *a, int64_t user, int64_t now,
    struct target *t)
{
	struct stmt *q = stmt_get(db, Q_NOTIFICATION_TARGET);
	bool found;
	enum rc rc;

	*t = (struct target){ 0 };
	stmt_int(q, ":user", user);
	stmt_int(q, ":now", now);
	found = stmt_row(q);
	if (found) {
		if (stmt_col_int(q, 1) != 0)
			t->email = stmt_col_text(q, 0, a);
		if (stmt_col_int(q, 3) != 0)
			t->phone = stmt_col_text(q, 2, a);
		t->preference.off = (unsigned)stmt_col_int(q, 4);
		t->preference.quiet_start = stmt_col_opt(q, 5);
		t->preference.quiet_end = stmt_col_opt(q, 6);
		t->preference.utc_offset = stmt_col_int(q, 7);
		preference_time_zone(&t->preference, stmt_col_peek(q, 8));
	}
	rc = stmt_done(q);
	return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

/* Inserts the notification and its event. */
static enum rc
store_notification(struct db *db, int64_t user, const struct notice *n,
    int64_t now, int64_t *id)
{
	struct stmt *q = stmt_get(db, Q_NOTIFICATION_ADD);
	struct notification_total total;
	enum rc rc;

	stmt_int(q, ":user", user);
	stmt_int(q, ":kind", n->kind);
	stmt_text(q, ":title", n->title);
	stmt_text(q, ":body", n->body);
	stmt_text(q, ":data", n->data);
	stmt_int(q, ":now", now);
	rc = stmt_run(q);
	*id = db_last_id(db);
	if (rc == RC_OK)
		rc = notification_total(db, user, &total);
	if (rc != RC_OK)
		return rc;
	return event_add_object(db, user, EVENT_NOTIFICATION_NEW, now,
	    JSON_OBJECT(JSON_INT("notification_id", *id),
	    JSON_STR("kind", notice_kind_names[n->kind - 1]),
	    JSON_INT("unread_count", total.unread)));
}

/* Returns the data of a push message, with the notification's id. */
static const char *
push_data(struct arena *a, const char *data, int64_t id)
{
	return id == 0 ? data : json_build_object(a, JSON_OBJECT(
	    JSON_INT("notification_id", id), JSON_REST(data)));
}

enum rc
notification_send(struct db *db, struct arena *a, int64_t user,
    const struct notice *n, int64_t now, bool *known)
{
	struct outbox_message m = { .user = user, .template = n->template,
		.title = n->title, .body = n->body, .ttl = n->ttl };
	struct target t;
	unsigned by;
	int64_t id = 0;
	enum rc rc = load_target(db, a, user, now, &t);

	*known = rc == RC_OK;
	if (rc == RC_NOT_FOUND)
		return RC_OK;
	if (rc != RC_OK)
		return rc;
	by = preference_allows(&t.preference, n->kind, n->channels);
	m.due = preference_awake(&t.preference, now);
	if (by & CHANNEL_IN_APP)
		rc = store_notification(db, user, n, now, &id);
	/* Sends nothing that would expire before the end of the quiet hours. */
	if (rc != RC_OK || m.due >= now + n->ttl)
		return rc;
	m.data = push_data(a, n->data, id);
	if (by & CHANNEL_PUSH) {
		m.channel = OUTBOX_PUSH;
		rc = outbox_put(db, &m, now);
	}
	if (rc == RC_OK && (by & CHANNEL_SMS) && t.phone != NULL) {
		m.channel = OUTBOX_SMS;
		m.recipient = t.phone;
		rc = outbox_put(db, &m, now);
	}
	if (rc == RC_OK && (by & CHANNEL_EMAIL) && t.email != NULL) {
		m.channel = OUTBOX_EMAIL;
		m.recipient = t.email;
		rc = outbox_put(db, &m, now);
	}
	return rc;
}

enum rc
notification_total(struct db *db, int64_t user, struct notification_total *t)
{
	struct stmt *q = stmt_get(db, Q_NOTIFICATION_TOTAL);

	*t = (struct notification_total){ 0 };
	stmt_int(q, ":user", user);
	if (stmt_row(q)) {
		t->n = stmt_col_int(q, 0);
		t->unread = stmt_col_int(q, 1);
		t->version = stmt_col_int(q, 2);
	}
	return stmt_done(q);
}

enum rc
notification_list(struct db *db, struct arena *a, int64_t user,
    struct notification_page *p)
{
	struct stmt *q = stmt_get(db, p->unread ? Q_NOTIFICATION_LIST_UNREAD :
	    Q_NOTIFICATION_LIST);
	struct notification *n;

	p->v = arena_zalloc(a, (size_t)p->limit, sizeof(*p->v));
	p->n = 0;
	p->more = false;
	stmt_int(q, ":user", user);
	stmt_int(q, ":before", p->before);
	stmt_int(q, ":offset", p->offset);
	stmt_int(q, ":limit", p->limit + 1);
	while (stmt_row(q)) {
		p->more = p->n == (size_t)p->limit;
		if (p->more)
			break;
		n = &p->v[p->n++];
		n->id = stmt_col_int(q, 0);
		n->kind = (enum notice_kind)stmt_col_int(q, 1);
		n->title = stmt_col_text(q, 2, a);
		n->body = stmt_col_text(q, 3, a);
		n->data = stmt_col_text(q, 4, a);
		n->created_at = stmt_col_int(q, 5);
		n->read_at = stmt_col_opt(q, 6);
	}
	return stmt_done(q);
}

enum rc
notification_read(struct db *db, int64_t user, const int64_t *ids, size_t n,
    int64_t now)
{
	enum rc rc = RC_OK;
	struct stmt *q;
	size_t i;

	for (i = 0; i < n && rc == RC_OK; i++) {
		q = stmt_get(db, Q_NOTIFICATION_READ);
		stmt_int(q, ":id", ids[i]);
		stmt_int(q, ":user", user);
		stmt_int(q, ":now", now);
		rc = stmt_run(q);
	}
	return rc;
}

enum rc
notification_read_all(struct db *db, int64_t user, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_NOTIFICATION_READ_ALL);

	stmt_int(q, ":user", user);
	stmt_int(q, ":now", now);
	return stmt_run(q);
}
