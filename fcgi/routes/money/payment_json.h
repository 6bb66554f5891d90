/*
 * payment_json: writes a payment as its payer sees it.
 */
#ifndef FCGI_ROUTES_MONEY_PAYMENT_JSON_H
#define FCGI_ROUTES_MONEY_PAYMENT_JSON_H

#include "domain/money/payment.h"
#include "fcgi/core/req.h"

/* Writes the object "checkout", which the client SDK of the provider needs. */
void	payment_json_checkout(struct req *, const struct payment *);
/*
 * Writes the members that payers and administrators see into the open object.
 */
void	payment_json_members(struct json_write *, const struct payment *);

#endif
