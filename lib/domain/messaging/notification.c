#include "domain/messaging/notification.h"

#include "base/str.h"
#include "domain/common/event.h"

struct target {
	const char *email, *phone;	/* verified, or NULL */
	const char *language;
	struct preference preference;
	bool push;			/* has a device */
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
		t->preference.off = preference_off(stmt_col_int(q, 4),
		    stmt_col_int(q, 8));
		t->preference.quiet_start = stmt_col_opt(q, 5);
		t->preference.quiet_end = stmt_col_opt(q, 6);
		t->preference.utc_offset = stmt_col_int(q, 7);
		preference_time_zone(&t->preference, stmt_col_peek(q, 9));
		t->language = text_language(a, stmt_col_peek(q, 10),
		    stmt_col_peek(q, 11));
		t->push = stmt_col_int(q, 12) != 0;
	}
	rc = stmt_done(q);
	return rc == RC_OK && !found ? RC_NOT_FOUND : rc;
}

/* Inserts the notification and its event. */
static enum rc
store_notification(struct db *db, int64_t user, const struct notice *n,
    const struct text *text, int64_t now, int64_t *id)
{
	struct stmt *q = stmt_get(db, Q_NOTIFICATION_ADD);
	struct notification_total total;
	enum rc rc;

	stmt_int(q, ":user", user);
	stmt_int(q, ":kind", n->kind);
	stmt_text(q, ":title", text->title);
	stmt_text(q, ":body", text->body);
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

/* Makes the text for a channel in the language of the user. */
static void
make_text(struct arena *a, const struct target *t, const struct notice *n,
    enum template_channel channel, struct text *text)
{
	*text = (struct text){ .title = n->title, .body = n->body };
	if (n->vars != NULL)
		text_make(a, t->language, n->template, channel, n->vars, text);
}

/* Adds a message to the outbox. app: the text in the app, also of a push. */
static enum rc
put_message(struct db *db, struct arena *a, const struct target *t,
    const struct notice *n, const struct text *app, struct outbox_message *m,
    int64_t now)
{
	struct text text = *app;

	if (m->channel != OUTBOX_PUSH)
		make_text(a, t, n, (enum template_channel)(m->channel - 1),
		    &text);
	m->title = text.title;
	m->body = text.body;
	if (m->channel == OUTBOX_SMS)
		m->data = text.details;
	else if (m->channel == OUTBOX_EMAIL)
		m->data = n->kind == NOTICE_NEWS ? text_unsubscribe(a,
		    m->user) : NULL;
	return outbox_put(db, m, now);
}

/* Returns the channels that the user and the notice allow. */
static unsigned
allowed_channels(const struct target *t, const struct notice *n)
{
	unsigned by = preference_allows(&t->preference, n->kind, n->channels);

	return n->security ? by | (n->channels & CHANNEL_EMAIL) : by;
}

enum rc
notification_send(struct db *db, struct arena *a, int64_t user,
    const struct notice *n, int64_t now, bool *known)
{
	struct outbox_message m = { .user = user, .template = n->template,
		.ttl = n->ttl };
	struct target t;
	struct text text = { 0 };
	unsigned by;
	int64_t id = 0;
	enum rc rc = load_target(db, a, user, now, &t);

	*known = rc == RC_OK;
	if (rc == RC_NOT_FOUND)
		return RC_OK;
	if (rc != RC_OK)
		return rc;
	by = allowed_channels(&t, n);
	m.due = n->security ? now : preference_awake(&t.preference, now);
	if (by & (CHANNEL_IN_APP | CHANNEL_PUSH))
		make_text(a, &t, n, TEMPLATE_PUSH, &text);
	if (by & CHANNEL_IN_APP)
		rc = store_notification(db, user, n, &text, now, &id);
	/* Sends nothing that would expire before the end of the quiet hours. */
	if (rc != RC_OK || m.due >= now + n->ttl)
		return rc;
	if ((by & CHANNEL_PUSH) && t.push) {
		m.channel = OUTBOX_PUSH;
		m.data = push_data(a, n->data, id);
		rc = put_message(db, a, &t, n, &text, &m, now);
	}
	if (rc == RC_OK && (by & CHANNEL_SMS) && t.phone != NULL &&
	    text_sends_sms()) {
		m.channel = OUTBOX_SMS;
		m.recipient = t.phone;
		rc = put_message(db, a, &t, n, &text, &m, now);
	}
	if (rc == RC_OK && (by & CHANNEL_EMAIL) && t.email != NULL) {
		m.channel = OUTBOX_EMAIL;
		m.recipient = t.email;
		rc = put_message(db, a, &t, n, &text, &m, now);
	}
	return rc;
}

/* Adds a message with the text of a template in the language of a user. */
static enum rc
send_to_address(struct db *db, struct arena *a, struct outbox_message *m,
    int64_t user, const struct template_var *vars, int64_t now)
{
	const char *language;
	struct text text;
	enum rc rc = text_language_of(db, a, user, true, &language);

	if (rc != RC_OK)
		return rc;
	text_make(a, language, m->template,
	    (enum template_channel)(m->channel - 1), vars, &text);
	m->title = text.title;
	m->body = text.body;
	m->data = text.details;
	return outbox_put(db, m, now);
}

enum rc
notification_to_address(struct db *db, struct arena *a,
    enum outbox_channel channel, int64_t user, const char *address,
    const char *type, const char *code, const struct template_var *vars,
    int64_t ttl, int64_t now)
{
	struct outbox_message m = { .channel = channel, .user = user,
		.recipient = address, .template = type, .code = code,
		.ttl = ttl };

	return send_to_address(db, a, &m, user, vars, now);
}

enum rc
notification_to_former_user(struct db *db, struct arena *a,
    enum outbox_channel channel, int64_t user, const char *address,
    const char *type, int64_t ttl, int64_t now)
{
	struct outbox_message m = { .channel = channel, .recipient = address,
		.template = type, .ttl = ttl };

	return send_to_address(db, a, &m, user, TEXT_VARS({ NULL, NULL }),
	    now);
}

enum rc
notification_to_address_if(struct db *db, struct arena *a, bool send,
    enum outbox_channel channel, int64_t user, const char *address,
    const char *type, const char *code, const struct template_var *vars,
    int64_t ttl, int64_t now)
{
	enum rc rc = notification_to_address(db, a, channel, send ? user : 0,
	    address, type, code, vars, ttl, now);

	/* Both cases execute the same statements. */
	return rc == RC_OK ? outbox_drop(db, send ? 0 : db_last_id(db)) : rc;
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
