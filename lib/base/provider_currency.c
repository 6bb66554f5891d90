#include "base/provider_currency.h"

#include <string.h>

#include "base/str.h"

#define CODE	3			/* characters of a code */

/* The accepted currencies. NULL: all. */
static const char *const accepted[PROVIDER_MAX] = {
	[PROVIDER_RAZORPAY] =
	    "AED ALL AMD AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL "
	    "BSD BTN BWP BZD CAD CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP "
	    "DZD EGP ETB EUR FJD GBP GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG "
	    "HUF IDR ILS INR IQD ISK JMD JOD JPY KES KGS KHR KMF KRW KWD KYD "
	    "KZT LAK LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN "
	    "MYR MZN NAD NGN NIO NOK NPR NZD OMR PEN PGK PHP PKR PLN PYG QAR "
	    "RON RSD RUB RWF SAR SCR SEK SGD SLL SOS SVC SZL THB TND TRY TTD "
	    "TWD TZS UAH UGX USD UYU UZS VND VUV XAF XCD XOF XPF YER ZAR ZMW",
	[PROVIDER_STRIPE] =
	    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF "
	    "BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CVE "
	    "CZK DJF DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GNF GTQ "
	    "GYD HKD HNL HTG HUF IDR ILS INR ISK JMD JOD JPY KES KGS KHR KMF "
	    "KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP "
	    "MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK "
	    "PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE "
	    "SOS SRD STD SZL THB TJS TND TOP TRY TTD TWD TZS UAH UGX USD UYU "
	    "UZS VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW",
};

/*
 * The exceptions. An amount is a multiple of `step`; the provider's unit is
 * amount * times / divisor.
 */
static const struct unit {
	enum provider provider;
	const char *codes;
	int64_t step, times, divisor;
} units_of[] = {
	/* Currencies without decimals that Stripe writes with two. */
	{ PROVIDER_STRIPE, "ISK UGX", 1, 100, 1 },
	/* A currency with two decimals that Stripe writes with none. */
	{ PROVIDER_STRIPE, "MGA", 100, 1, 100 },
	/* The last of three decimals must be 0. */
	{ PROVIDER_STRIPE, "BHD JOD KWD OMR TND", 10, 1, 1 },
	{ PROVIDER_RAZORPAY, "BHD IQD JOD KWD OMR TND", 10, 1, 1 },
};

/* Returns whether a list of codes, separated by spaces, contains a currency. */
static bool
contains(const char *codes, const char *currency)
{
	if (strlen(currency) != CODE)
		return false;
	for (; strlen(codes) >= CODE; codes += CODE + 1) {
		char code[CODE + 1];

		snprintf(code, sizeof(code), "%s", codes);
		if (str_eq_nocase(code, currency))
			return true;
		if (codes[CODE] == '\0')
			break;
	}
	return false;
}

/* Returns the unit of a currency; without an exception, the minor unit. */
static struct unit
find_unit(enum provider p, const char *currency)
{
	for (size_t i = 0; i < NELEM(units_of); i++)
		if (units_of[i].provider == p &&
		    contains(units_of[i].codes, currency))
			return units_of[i];
	return (struct unit){ p, NULL, 1, 1, 1 };
}

bool
provider_currency_ok(enum provider p, const char *currency)
{
	return accepted[p] == NULL || contains(accepted[p], currency);
}

int64_t
provider_currency_step(enum provider p, const char *currency)
{
	return find_unit(p, currency).step;
}

bool
provider_currency_to(enum provider p, const char *currency, int64_t amount,
    int64_t *units)
{
	const struct unit u = find_unit(p, currency);

	return amount % u.step == 0 && !__builtin_mul_overflow(
	    amount / u.divisor, u.times, units);
}

bool
provider_currency_from(enum provider p, const char *currency, int64_t units,
    int64_t *amount)
{
	const struct unit u = find_unit(p, currency);

	return units % u.times == 0 && !__builtin_mul_overflow(
	    units / u.times, u.divisor, amount);
}
