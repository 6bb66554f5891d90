/* totp: time-based codes, and texts for authenticator apps. */
#include "crypto/totp.h"

#include "t/unit/unit.h"

static struct arena arena;
static const uint8_t *const key = (const uint8_t *)"12345678901234567890";

/* RFC 6238 appendix B, SHA-1: the last six of eight digits. */
static const struct {
	int64_t seconds;
	const char *code;
} vectors[] = {
	{ 59, "287082" }, { 1111111109, "081804" }, { 1111111111, "050471" },
	{ 1234567890, "005924" }, { 2000000000, "279037" },
	{ INT64_C(20000000000), "353130" },
};

static void
vectors_of_rfc_6238(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(vectors); i++)
		assert_int_equal(totp_step(key, 20, vectors[i].code,
		    vectors[i].seconds * 1000), vectors[i].seconds / 30);
}

/* A code is valid in its step, and one step before and after it. */
static void
one_step_of_drift(void **state)
{
	const int64_t step = 1234567890 / 30, at = step * TOTP_STEP_MS;
	int64_t k;

	(void)state;
	for (k = -3; k <= 3; k++)
		assert_int_equal(totp_step(key, 20, "005924",
		    at + k * TOTP_STEP_MS), k >= -1 && k <= 1 ? step : -1);
	assert_int_equal(totp_step(key, 20, "005924",
	    at + 2 * TOTP_STEP_MS - 1), step);
	assert_int_equal(totp_step(key, 20, "005924",
	    at - TOTP_STEP_MS - 1), -1);
}

/* liboath accepts the eight digits of the vectors; this function does not. */
static void
other_lengths(void **state)
{
	static const char *const bad[] = { "", "87082", "4287082", "94287082",
		"28708a", " 287082", "287082 ", "+87082", "28708２" };
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(bad); i++)
		assert_int_equal(totp_step(key, 20, bad[i], 59000), -1);
}

static void
base32(void **state)
{
	static const char *const want[] = { "", "MY", "MZXQ", "MZXW6",
		"MZXW6YQ", "MZXW6YTB", "MZXW6YTBOI" };
	size_t n;

	(void)state;
	/* RFC 4648 section 10, without padding. */
	for (n = 0; n < NELEM(want); n++)
		assert_string_equal(totp_text(&arena,
		    (const uint8_t *)"foobar", n), want[n]);
}

static void
uri(void **state)
{
	(void)state;
	assert_string_equal(totp_uri(&arena, "example.com:8443", "jané",
	    totp_text(&arena, key, 20)), "otpauth://totp/example.com%3A8443:"
	    "jan%C3%A9?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&"
	    "issuer=example.com%3A8443");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_of_rfc_6238),
		cmocka_unit_test(one_step_of_drift),
		cmocka_unit_test(other_lengths),
		cmocka_unit_test(base32),
		cmocka_unit_test(uri),
	};
	int failed;

	arena_init(&arena, 1 << 20);
	if (!totp_init())
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(&arena);
	return failed;
}
