/* payment_notice: notifies users of money that they paid or got back. */
#ifndef DOMAIN_MONEY_PAYMENT_NOTICE_H
#define DOMAIN_MONEY_PAYMENT_NOTICE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"

/* A payment was added to the wallet. */
enum rc	payment_notice_credited(struct db *, struct arena *, int64_t user,
	    int64_t payment, int64_t amount, int64_t now);
/* A payment was refunded by the provider. */
enum rc	payment_notice_refunded(struct db *, struct arena *, int64_t user,
	    int64_t payment, int64_t amount, int64_t now);
/* The price of a session was returned to the wallet. */
enum rc	payment_notice_session(struct db *, struct arena *, int64_t user,
	    int64_t session, int64_t amount, int64_t now);

#endif
