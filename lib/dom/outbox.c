#include "dom/outbox.h"

#include "base/nudge.h"

enum rc
outbox_add(struct db *db, enum outbox_lane lane, int64_t user,
    const char *recipient, const char *template, const char *code,
    const char *title, const char *body, const char *data, int64_t now,
    int64_t ttl)
{
	struct stmt *q = db_q(db, Q_OUTBOX_ADD);

	q_int(q, ":lane", lane);
	if (user != 0)
		q_int(q, ":user", user);
	else
		q_null(q, ":user");
	q_text(q, ":recipient", recipient);
	q_text(q, ":template", template);
	q_text(q, ":code", code);
	q_text(q, ":title", title);
	q_text(q, ":body", body);
	q_text(q, ":data", data);
	q_int(q, ":now", now);
	q_int(q, ":expires", now + ttl);
	db_tell(db, NUDGE_JOBS);
	return q_run(q);
}
