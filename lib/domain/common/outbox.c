#include "domain/common/outbox.h"

#include "base/seal.h"
#include "base/str.h"
#include "base/wakeup.h"

#define MEMORY	(256 * 1024)	/* bytes of the encrypted texts */

static const struct hash *key;	/* NULL: outbox_start() was not called */

void
outbox_start(const struct conf *conf)
{
	key = &conf->key_outbox;
}

const char *
outbox_open(struct arena *a, const char *text, bool *failed)
{
	static const struct hash none;
	const char *out = seal_open(a, key == NULL ? &none : key, text);

	if (text != NULL && out == NULL)
		*failed = true;
	return out;
}

/* Binds an encrypted text. */
static void
bind_text(struct stmt *q, struct arena *a, const char *name, const char *text)
{
	stmt_text(q, name, key == NULL ? text : seal_text(a, key, text));
}

static int64_t
limit_ttl(const struct outbox_message *m)
{
	if (m->ttl < OUTBOX_TTL)
		return m->ttl;
	return m->channel == OUTBOX_EMAIL ? OUTBOX_TTL_EMAIL : OUTBOX_TTL;
}

bool
outbox_rings(const char *template)
{
	return str_eq(template, "call_incoming") ||
	    str_eq(template, "call_over");
}

enum rc
outbox_put(struct db *db, const struct outbox_message *m, int64_t now)
{
	static struct arena a = { .limit = MEMORY };
	struct stmt *q = stmt_get(db, Q_OUTBOX_ADD);
	enum rc rc;

	stmt_int(q, ":channel", m->channel);
	stmt_id(q, ":user", m->user);
	stmt_text(q, ":recipient", m->recipient);
	stmt_text(q, ":template", m->template);
	bind_text(q, &a, ":code", m->code);
	bind_text(q, &a, ":title", m->title);
	bind_text(q, &a, ":body", m->body);
	/* The data of SMS has the variables of the text, such as the code. */
	if (m->channel == OUTBOX_PUSH)
		stmt_text(q, ":data", m->data);
	else
		bind_text(q, &a, ":data", m->data);
	stmt_int(q, ":urgent", m->code != NULL || outbox_rings(m->template));
	stmt_int(q, ":now", now);
	stmt_int(q, ":due", m->due > now ? m->due : now);
	stmt_int(q, ":expires", now + limit_ttl(m));
	db_wake_add(db, WAKEUP_CHANNEL(m->channel));
	rc = stmt_run(q);
	arena_reset(&a);
	return rc;
}

enum rc
outbox_drop(struct db *db, int64_t id)
{
	struct stmt *q = stmt_get(db, Q_OUTBOX_DROP);

	stmt_int(q, ":id", id);
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
