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
	struct stmt *q = db_q(db, Q_OUTBOX_ADD);

	q_int(q, ":lane", m->lane);
	if (m->user != 0)
		q_int(q, ":user", m->user);
	else
		q_null(q, ":user");
	q_text(q, ":recipient", m->recipient);
	q_text(q, ":template", m->template);
	q_text(q, ":code", m->code);
	q_text(q, ":title", m->title);
	q_text(q, ":body", m->body);
	q_text(q, ":data", m->data);
	q_int(q, ":urgent", m->code != NULL || outbox_rings(m->template));
	q_int(q, ":now", now);
	q_int(q, ":due", m->due > now ? m->due : now);
	q_int(q, ":expires", now + (m->ttl < DAY ? m->ttl : DAY));
	db_tell(db, NUDGE_JOBS);
	return q_run(q);
}

enum rc
outbox_add(struct db *db, enum outbox_lane lane, int64_t user,
    const char *recipient, const char *template, const char *code,
    const char *title, const char *body, const char *data, int64_t now,
    int64_t ttl)
{
	return outbox_put(db, &(struct outbox_message){ .lane = lane,
	    .user = user, .recipient = recipient, .template = template,
	    .code = code, .title = title, .body = body, .data = data,
	    .ttl = ttl }, now);
}
