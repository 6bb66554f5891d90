#include "base/money.h"

#include "base/str.h"

/* Currencies that do not have two decimals (ISO 4217, amendments up to 177). */
static const struct {
	int exponent;
	const char *codes;
} others[] = {
	{ 0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF "
	    "XPF" },
	{ 3, "BHD IQD JOD KWD LYD OMR TND" },
	{ 4, "CLF UYW" },
};

int
money_exponent(const char *currency)
{
	bool code = strlen(currency) == 3 && strchr(currency, ' ') == NULL;
	size_t i;

	for (i = 0; code && i < NELEM(others); i++)
		if (strstr(others[i].codes, currency) != NULL)
			return others[i].exponent;
	return 2;
}

void
money_text(int64_t amount, const char *currency, char out[MONEY_TEXT])
{
	uint64_t left = amount < 0 ? -(uint64_t)amount : (uint64_t)amount;
	char back[MONEY_TEXT];
	int exponent = money_exponent(currency), n = 0, digits;

	/*
	 * Write the digits in reverse order, with at least one before the
	 * point.
	 */
	for (digits = 0; left > 0 || digits <= exponent; digits++) {
		if (digits == exponent && digits > 0)
			back[n++] = '.';
		else if (digits > exponent && (digits - exponent) % 3 == 0)
			back[n++] = ',';
		back[n++] = (char)('0' + left % 10);
		left /= 10;
	}
	if (amount < 0)
		back[n++] = '-';
	while (n > 0)
		*out++ = back[--n];
	*out = '\0';
}
