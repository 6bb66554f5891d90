/*
 * payment_json: a payment as its payer sees it.
 */
#ifndef FCGI_ROUTES_MONEY_PAYMENT_JSON_H
#define FCGI_ROUTES_MONEY_PAYMENT_JSON_H

#include "domain/money/payment.h"
#include "fcgi/core/req.h"

/* What the provider's client SDK needs, as the object "checkout". */
void	payment_json_checkout(struct req *, const struct payment *);
/* The members that payers and administrators see, into the open object. */
void	payment_json_members(struct json_write *, const struct payment *);

#endif
