#include "domain/common/outbox.h"

#include "base/clock.h"
#include "base/str.h"
#include "base/wakeup.h"

bool
outbox_rings(const char *template)
{
	return str_eq(template, "call_incoming") ||
	    str_eq(template, "call_over");
}

enum rc
outbox_put(struct db *db, const struct outbox_message *m, int64_t now)
{
	struct stmt *q = stmt_get(db, Q_OUTBOX_ADD);

	stmt_int(q, ":channel", m->channel);
	stmt_id(q, ":user", m->user);
	stmt_text(q, ":recipient", m->recipient);
	stmt_text(q, ":template", m->template);
	stmt_text(q, ":code", m->code);
	stmt_text(q, ":title", m->title);
	stmt_text(q, ":body", m->body);
	stmt_text(q, ":data", m->data);
	stmt_int(q, ":urgent", m->code != NULL || outbox_rings(m->template));
	stmt_int(q, ":now", now);
	stmt_int(q, ":due", m->due > now ? m->due : now);
	stmt_int(q, ":expires", now + (m->ttl < DAY ? m->ttl : DAY));
	db_wake_add(db, WAKEUP_JOBS);
	return stmt_run(q);
}

enum rc
outbox_add(struct db *db, enum outbox_channel channel, int64_t user,
    const char *recipient, const char *template, const char *code,
    const char *title, const char *body, const char *data, int64_t now,
    int64_t ttl)
{
	return outbox_put(db, &(struct outbox_message){ .channel = channel,
	    .user = user, .recipient = recipient, .template = template,
	    .code = code, .title = title, .body = body, .data = data,
	    .ttl = ttl }, now);
}
