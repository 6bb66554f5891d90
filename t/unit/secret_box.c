/* secret_box: encryption of small secrets. */
#include "crypto/secret_box.h"

#include "t/unit/unit.h"

#define N 20

static const struct hash key = { { 1, 2, 3 } }, other = { { 1, 2, 4 } };
static const uint8_t secret[N] = "12345678901234567890";

static void
round_trip(void **state)
{
	uint8_t sealed[N + SECRET_BOX_MORE], again[sizeof(sealed)], plain[N];

	(void)state;
	secret_box_seal(&key, 7, secret, N, sealed);
	secret_box_seal(&key, 7, secret, N, again);
	assert_memory_not_equal(sealed, again, sizeof(sealed));
	assert_null(memmem(sealed, sizeof(sealed), secret, 8));
	assert_true(secret_box_open(&key, 7, sealed, sizeof(sealed), plain));
	assert_memory_equal(plain, secret, N);
}

static void
other_owner_or_key(void **state)
{
	uint8_t sealed[N + SECRET_BOX_MORE], plain[N];

	(void)state;
	secret_box_seal(&key, 7, secret, N, sealed);
	assert_false(secret_box_open(&key, 8, sealed, sizeof(sealed), plain));
	assert_false(secret_box_open(&other, 7, sealed, sizeof(sealed),
	    plain));
}

static void
each_changed_byte(void **state)
{
	uint8_t sealed[N + SECRET_BOX_MORE], plain[N];
	size_t i;

	(void)state;
	secret_box_seal(&key, 7, secret, N, sealed);
	for (i = 0; i < sizeof(sealed); i++) {
		sealed[i] ^= 1;
		assert_false(secret_box_open(&key, 7, sealed, sizeof(sealed),
		    plain));
		sealed[i] ^= 1;
		assert_false(secret_box_open(&key, 7, sealed, i, plain));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(other_owner_or_key),
		cmocka_unit_test(each_changed_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
