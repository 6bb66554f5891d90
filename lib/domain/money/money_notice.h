/*
 * money_notice: notifications about the money of a user.
 *
 * The amounts are in the data of a notification, in the minor unit of the
 * currency. Its member type is topup.credited or refund.
 */
#ifndef DOMAIN_MONEY_MONEY_NOTICE_H
#define DOMAIN_MONEY_MONEY_NOTICE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"

/* What was refunded. */
enum money_notice_of { MONEY_NOTICE_PAYMENT, MONEY_NOTICE_SESSION };

/* Notifies a user that a top-up was credited. */
enum rc	money_notice_credited(struct db *, struct arena *, int64_t user,
	    int64_t payment, int64_t amount, int64_t now);
/* Notifies a user of a refund. id: of the payment or session. */
enum rc	money_notice_refund(struct db *, struct arena *, int64_t user,
	    enum money_notice_of, int64_t id, int64_t amount, int64_t now);

#endif
