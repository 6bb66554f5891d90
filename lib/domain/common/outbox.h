/*
 * outbox: messages by SMS, email and push. They are inserted by the transaction
 * that causes them, and earmark-jobs delivers them. A message is delivered at
 * least once, or expires after `ttl`.
 *
 * Code, title and body are stored encrypted, and for SMS and e-mail the data.
 * Statements read the data of push messages.
 */
#ifndef DOMAIN_COMMON_OUTBOX_H
#define DOMAIN_COMMON_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/common/audit.h"

enum outbox_channel { OUTBOX_SMS = 1, OUTBOX_EMAIL, OUTBOX_PUSH };

/*
 * How long messages that remain useful are retried. A mail server may be
 * unavailable for days (RFC 5321 4.5.4.1).
 */
#define OUTBOX_TTL		DAY
#define OUTBOX_TTL_EMAIL	(5 * DAY)

/* `code`, `title`, `body` and `data` (JSON) may be NULL. */
struct outbox_message {
	enum outbox_channel channel;
	int64_t user;			/* 0: no user */
	/* phone number or address; NULL: the user's devices */
	const char *recipient;
	const char *template;		/* fixed word ("otp_register") */
	const char *code, *title, *body, *data;
	int64_t due;			/* earliest time of delivery; 0: now */
	int64_t ttl;	/* ms from now. A day or more: as long as OUTBOX_TTL */
};

/*
 * Sets the key of stored texts, once per process. Without it, texts are stored
 * as they are.
 */
void	outbox_start(const struct conf *);
/*
 * Decrypts a stored text in the arena. NULL returns NULL. Returns NULL and sets
 * *failed if it was encrypted with another key.
 */
const char *outbox_open(struct arena *, const char *text, bool *failed);
/*
 * Adds a message. Messages with a code, and those about ringing calls, are
 * delivered before others.
 */
enum rc	outbox_put(struct db *, const struct outbox_message *, int64_t now);
/* As outbox_put(), with the members as arguments, due now. */
enum rc	outbox_add(struct db *, enum outbox_channel, int64_t user,
	    const char *recipient, const char *template, const char *code,
	    const char *title, const char *body, const char *data,
	    int64_t now, int64_t ttl);
/* Removes a message that was not delivered. */
enum rc	outbox_drop(struct db *, int64_t id);
/* Returns whether a template starts or stops the ringing of a phone. */
bool	outbox_rings(const char *template);

/* A message as administrators see it, without its text and code. */
struct outbox_item {
	int64_t id;
	enum outbox_channel channel;
	int64_t user;			/* INT64_MIN: no user */
	/* NULL: the user's devices, or no longer stored */
	const char *recipient;
	const char *template, *error;
	int state;			/* index of outbox_state_names */
	bool kept;			/* its text is still stored */
	int64_t attempts, due_at, expires_at, created_at;
	int64_t done_at;		/* INT64_MIN: not finished */
};
extern const char *const outbox_state_names[];	/* NULL at the end */
extern const char *const outbox_channel_names[];	/* index: channel - 1 */

struct outbox_query {
	int64_t user;			/* 0: all */
	int state;			/* -1: all */
	int channel;			/* 0: all */
	int64_t limit, offset, before;	/* ids below `before`; INT64_MAX: all */
};
struct outbox_page {
	struct outbox_item *items;
	size_t n;
	int64_t total;
	bool more;
};
/* Lists messages, newest first. */
enum rc	outbox_list(struct db *, struct arena *, const struct outbox_query *,
	    struct outbox_page *);
/*
 * Sends a failed message again, with a ttl of a day, and audits it. Returns
 * RC_NOT_FOUND, or RC_CONFLICT not_retryable if the message is pending, sent or
 * about a call, or if its text was deleted.
 */
enum rc	outbox_retry(struct db *, struct arena *, int64_t id,
	    const struct audit_by *, struct outbox_item *, struct err *);

#endif
