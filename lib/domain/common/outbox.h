/*
 * outbox: messages to the world, written in the transaction that caused them
 * and delivered by earmark-jobs: at least once, or not at all after `ttl`, a
 * day at most.
 */
#ifndef DOMAIN_COMMON_OUTBOX_H
#define DOMAIN_COMMON_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include "domain/common/audit.h"

enum outbox_channel { OUTBOX_SMS = 1, OUTBOX_EMAIL, OUTBOX_PUSH };

/* code, title, body and data (JSON text) may be NULL. */
struct outbox_message {
	enum outbox_channel lane;
	int64_t user;			/* 0: nobody's */
	const char *recipient;		/* a phone number, an address; NULL: the
					 * user's devices */
	const char *template;		/* a fixed word ("otp_register") */
	const char *code, *title, *body, *data;
	int64_t due;			/* not before; 0: now */
	int64_t ttl;			/* from now, ms */
};

/*
 * Add one. What has a code and what makes a telephone ring goes out before the
 * rest.
 */
enum rc	outbox_put(struct db *, const struct outbox_message *, int64_t now);
/* The same in one line, due now. */
enum rc	outbox_add(struct db *, enum outbox_channel, int64_t user,
	    const char *recipient, const char *template, const char *code,
	    const char *title, const char *body, const char *data,
	    int64_t now, int64_t ttl);
/* Is it about a telephone that rings, or no longer does? */
bool	outbox_rings(const char *template);

/* As administrators see one: neither what it says nor its code. */
struct outbox_item {
	int64_t id;
	enum outbox_channel lane;
	int64_t user;			/* INT64_MIN: nobody's */
	const char *recipient;		/* NULL: the user's devices, or not kept */
	const char *template, *error;
	int state;			/* of outbox_state_names */
	bool kept;			/* there is something to send again */
	int64_t attempts, due_at, expires_at, created_at;
	int64_t done_at;		/* INT64_MIN: not */
};
extern const char *const outbox_state_names[];	/* NULL at the end */
extern const char *const outbox_channel_names[];	/* the lane less 1 */

struct outbox_query {
	int64_t user;			/* 0: all */
	int state;			/* -1: all */
	int lane;			/* 0: all */
	int64_t limit, offset, before;	/* ids below; INT64_MAX: all */
};
struct outbox_page {
	struct outbox_item *items;
	size_t n;
	int64_t total;
	bool more;
};
/* Newest first. */
enum rc	outbox_list(struct db *, struct arena *, const struct outbox_query *,
	    struct outbox_page *);
/*
 * Send one that was given up once more, for a day. RC_NOT_FOUND "Message not
 * found"; RC_CONFLICT not_retryable: it is pending or sent, rang for a call, or
 * had a code. Audited.
 */
enum rc	outbox_retry(struct db *, struct arena *, int64_t id,
	    const struct audit_by *, struct outbox_item *, struct err *);

#endif
