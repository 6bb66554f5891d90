/*
 * outbox: messages to the world, written in the transaction that caused them
 * and delivered by earmark-jobs: at least once, or not at all after `ttl`.
 */
#ifndef DOM_OUTBOX_H
#define DOM_OUTBOX_H

#include <stdint.h>

#include "base/err.h"
#include "db/db.h"

enum outbox_lane { LANE_SMS = 1, LANE_EMAIL, LANE_PUSH };

/*
 * Add one. user 0: nobody's. recipient is a phone number, an address, a device
 * token; template a fixed word ("otp_register"); code, title, body and data
 * (JSON text) may be NULL. ttl in ms.
 */
enum rc	outbox_add(struct db *, enum outbox_lane, int64_t user,
	    const char *recipient, const char *template, const char *code,
	    const char *title, const char *body, const char *data,
	    int64_t now, int64_t ttl);

#endif
