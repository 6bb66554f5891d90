/*
 * outbox: messages to the world, written in the transaction that caused them
 * and delivered by earmark-jobs: at least once, or not at all after `ttl`, a
 * day at most.
 */
#ifndef DOM_OUTBOX_H
#define DOM_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "db/db.h"

enum outbox_lane { LANE_SMS = 1, LANE_EMAIL, LANE_PUSH };

/* code, title, body and data (JSON text) may be NULL. */
struct outbox_message {
	enum outbox_lane lane;
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
enum rc	outbox_add(struct db *, enum outbox_lane, int64_t user,
	    const char *recipient, const char *template, const char *code,
	    const char *title, const char *body, const char *data,
	    int64_t now, int64_t ttl);
/* Is it about a telephone that rings, or no longer does? */
bool	outbox_rings(const char *template);

#endif
