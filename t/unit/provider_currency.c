/* provider_currency: all currencies, and the units of each provider. */
#include "unit.h"

#include "base/money.h"
#include "base/provider_currency.h"

/*
 * Decimals by ISO 4217, of Stripe and of Razorpay (-1: not accepted), as in
 * https://docs.stripe.com/currencies and
 * https://razorpay.com/docs/payments/international-payments. The list has the
 * active codes of ISO 4217, and former ones that a provider still accepts.
 */
static const struct {
	int iso, stripe, razorpay;
	const char *codes;
} rows[] = {
	{ 0, 0, 0, "BIF CLP DJF GNF JPY KMF KRW PYG RWF VND VUV XAF XOF XPF" },
	{ 0, 2, 0, "ISK UGX" },
	{ 2, 2, 2,
	    "AED ALL AMD AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL "
	    "BSD BWP BZD CAD CHF CNY COP CRC CVE CZK DKK DOP DZD EGP "
	    "ETB EUR FJD GBP GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS "
	    "INR JMD KES KGS KHR KYD KZT LAK LKR LRD LSL MAD MDL MKD "
	    "MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR "
	    "NZD PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SCR SEK SGD "
	    "SOS SZL THB TRY TTD TWD TZS UAH USD UYU UZS XCD YER ZAR "
	    "ZMW" },
	{ 2, 2, -1,
	    "AFN ANG AOA ARS BYN CDF FKP GEL LBP PAB SBD SHP SLE SRD "
	    "STD TJS TOP WST XCG" },
	{ 2, -1, 2, "BTN CUP GHS HRK SLL SVC" },
	{ 2, 0, 2, "MGA" },
	{ 2, -1, -1, "ERN IRR KPW MRU SDG SSP STN SYP TMT VED VES ZWG" },
	{ 3, 3, 3, "BHD JOD KWD OMR TND" },
	{ 3, -1, 3, "IQD" },
	{ 3, -1, -1, "LYD" },
};

static int64_t
power(int exponent)
{
	int64_t n = 1;

	while (exponent-- > 0)
		n *= 10;
	return n;
}

/* Checks that 7 whole units of a currency are 7 whole units at a provider. */
static void
check(enum provider p, const char *code, int iso, int decimals)
{
	int64_t step = provider_currency_step(p, code), n;
	int64_t expected = decimals == 3 ? 10 : iso > decimals ?
	    power(iso - decimals) : 1;

	assert_int_equal(provider_currency_ok(p, code), decimals >= 0);
	if (decimals < 0)
		return;
	assert_int_equal(step, expected);
	assert_true(provider_currency_to(p, code, 7 * power(iso), &n));
	assert_int_equal(n, 7 * power(decimals));
	assert_true(provider_currency_from(p, code, 7 * power(decimals), &n));
	assert_int_equal(n, 7 * power(iso));
	assert_true(provider_currency_to(p, code, step, &n));
	assert_true(provider_currency_from(p, code, n, &n));
	assert_int_equal(n, step);
	if (step > 1)
		assert_false(provider_currency_to(p, code, step + 1, &n));
	if (iso < decimals)
		assert_false(provider_currency_from(p, code, 150, &n));
}

static void
all_currencies(void **state)
{
	char code[4] = "";

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++)
		for (const char *s = rows[i].codes; *s != '\0'; s += 3) {
			s += *s == ' ';
			memcpy(code, s, 3);
			assert_int_equal(money_exponent(code), rows[i].iso);
			check(PROVIDER_SANDBOX, code, 0, 0);
			check(PROVIDER_STRIPE, code, rows[i].iso,
			    rows[i].stripe);
			check(PROVIDER_RAZORPAY, code, rows[i].iso,
			    rows[i].razorpay);
		}
}

static void
no_currency(void **state)
{
	static const char *const codes[] = { "", "US", "USDT", "D A", "XXX",
		" US", "SD " };
	int64_t n;

	(void)state;
	for (size_t i = 0; i < NELEM(codes); i++) {
		assert_false(provider_currency_ok(PROVIDER_STRIPE, codes[i]));
		assert_false(provider_currency_ok(PROVIDER_RAZORPAY,
		    codes[i]));
		assert_true(provider_currency_from(PROVIDER_STRIPE, codes[i],
		    5, &n));
		assert_int_equal(n, 5);
	}
}

static void
lower_case_and_limits(void **state)
{
	int64_t n;

	(void)state;
	assert_true(provider_currency_ok(PROVIDER_STRIPE, "ugx"));
	assert_true(provider_currency_to(PROVIDER_STRIPE, "ugx", 5, &n));
	assert_int_equal(n, 500);
	assert_false(provider_currency_to(PROVIDER_STRIPE, "UGX",
	    INT64_MAX / 50, &n));
	assert_false(provider_currency_from(PROVIDER_STRIPE, "MGA",
	    INT64_MAX / 50, &n));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_currencies),
		cmocka_unit_test(no_currency),
		cmocka_unit_test(lower_case_and_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
