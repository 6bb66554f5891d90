/*
 * revenue: the operator's commission on money that customers paid.
 *
 * Commission on promotional money (bonus, free minutes) is no revenue: the
 * operator paid that money. Revenue of an invited user also counts for the
 * bonus of the referral, unless the inviter was the listener.
 */
#ifndef DOMAIN_MONEY_REVENUE_H
#define DOMAIN_MONEY_REVENUE_H

#include <stdint.h>

#include "base/err.h"
#include "db/db.h"

/*
 * Records the commission on the part of a session's cost that came from the
 * customer's wallet (without bonus). A refund records a negative commission.
 * Call it in the transaction that moves the money. 0 does nothing.
 */
enum rc	revenue_add(struct db *, int64_t customer, int64_t listener,
	    int64_t commission, int64_t now);

#endif
