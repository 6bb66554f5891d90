/*
 * money: formats amounts in the minor unit of a currency for people. Program
 * interfaces use integers, and no program parses this text.
 */
#ifndef BASE_MONEY_H
#define BASE_MONEY_H

#include <stdint.h>

/* Size of "-9,223,372,036,854,775,807" with a decimal point and its NUL. */
#define MONEY_TEXT 32

/* Returns the number of decimals of a currency (ISO 4217). */
int	money_exponent(const char *currency);
/*
 * Formats an amount without the currency. 123456 is "1,234.56" in INR and
 * "123,456" in JPY.
 */
void	money_text(int64_t amount, const char *currency, char out[MONEY_TEXT]);

#endif
