/*
 * provider_currency: the currencies that payment providers accept, and the
 * units in which they expect amounts.
 *
 * This program stores amounts in the minor unit of ISO 4217 (base/money.h).
 * Some providers use another unit for some currencies, or accept only multiples
 * of a step. Currencies are texts in upper or lower case. Sources:
 * https://docs.stripe.com/currencies and
 * https://razorpay.com/docs/payments/international-payments.
 */
#ifndef BASE_PROVIDER_CURRENCY_H
#define BASE_PROVIDER_CURRENCY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/conf.h"

/* Returns whether a provider accepts a currency. The sandbox accepts all. */
bool	provider_currency_ok(enum provider, const char *currency);
/*
 * Returns the number of minor units of which all amounts must be a multiple: 1,
 * 10 or 100.
 */
int64_t	provider_currency_step(enum provider, const char *currency);
/*
 * Converts an amount from the minor unit to the unit of the provider. Returns
 * false if the amount is not a multiple of the step, or if the result exceeds
 * the range of int64_t.
 */
bool	provider_currency_to(enum provider, const char *currency,
	    int64_t amount, int64_t *units);
/*
 * Converts an amount from the unit of the provider to the minor unit. Returns
 * false if the minor unit cannot express it.
 */
bool	provider_currency_from(enum provider, const char *currency,
	    int64_t units, int64_t *amount);

#endif
