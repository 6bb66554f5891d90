/*
 * money: amounts in a currency's minor unit, as text for people. Programs get
 * integers; nothing of ours reads this text again.
 */
#ifndef BASE_MONEY_H
#define BASE_MONEY_H

#include <stdint.h>

/* "-9,223,372,036,854,775,807" and the point of a fraction, and its NUL. */
#define MONEY_TEXT 32

/* Digits behind the point (ISO 4217): 2, but for some currencies. */
int	money_exponent(const char *currency);
/* 123456 of INR is "1,234.56", of JPY "123,456"; without the currency. */
void	money_text(int64_t amount, const char *currency, char out[MONEY_TEXT]);

#endif
