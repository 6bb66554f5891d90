/* jwks: reads keys of OpenID providers, without weak and invalid ones. */
#include "providers/jwks.h"


#include "base/hash.h"
#include "t/unit/es256_example.h"
#include "t/unit/unit.h"

static struct arena arena;

/* Reads a set with one key. */
static size_t
read_one(const char *members, struct jwks_key **keys)
{
	const char *text = arena_fmt(&arena, "{\"keys\":[{%s}]}", members);

	return jwks_read(&arena, text, strlen(text), keys);
}

static bool
reads(const char *members)
{
	struct jwks_key *keys;

	return read_one(members, &keys) == 1;
}

static void
es256_of_rfc_7515(void **state)
{
	struct jwks_key *keys;
	uint8_t sig[64];
	size_t n = sizeof(sig);

	(void)state;
	assert_int_equal(read_one("\"kty\":\"EC\",\"kid\":\"1\",\"crv\":"
	    "\"P-256\",\"x\":\"" X "\",\"y\":\"" Y "\"", &keys), 1);
	assert_true(hash_unb64(signature, sig, &n));
	assert_true(public_key_verify(&keys[0].key, signed_text,
	    strlen(signed_text), sig, n));
	assert_false(public_key_verify(&keys[0].key, signed_text,
	    strlen(signed_text) - 1, sig, n));
	assert_false(public_key_verify(&keys[0].key, signed_text,
	    strlen(signed_text), sig, n - 1));
	sig[63] ^= 1;
	assert_false(public_key_verify(&keys[0].key, signed_text,
	    strlen(signed_text), sig, n));
	memset(sig, 0, sizeof(sig));
	assert_false(public_key_verify(&keys[0].key, signed_text,
	    strlen(signed_text), sig, n));
}

static void
invalid_points_are_left_out(void **state)
{
#define EC "\"kty\":\"EC\",\"kid\":\"1\",\"crv\":\"P-256\","
	(void)state;
	/* not on the curve, swapped, too short, absent */
	assert_false(reads(EC "\"x\":\"" X "\",\"y\":\"" X "\""));
	assert_false(reads(EC "\"x\":\"" Y "\",\"y\":\"" X "\""));
	assert_false(reads(EC "\"x\":\"" X "\",\"y\":\"AQAB\""));
	assert_false(reads(EC "\"x\":\"" X "\""));
	assert_false(reads("\"kty\":\"EC\",\"kid\":\"1\",\"crv\":\"P-384\","
	    "\"x\":\"" X "\",\"y\":\"" Y "\""));
	/* for another use or algorithm, or without a name */
	assert_false(reads(EC "\"use\":\"enc\",\"x\":\"" X "\",\"y\":\"" Y
	    "\""));
	assert_false(reads(EC "\"alg\":\"ES384\",\"x\":\"" X "\",\"y\":\"" Y
	    "\""));
	assert_false(reads("\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X
	    "\",\"y\":\"" Y "\""));
}

/* Returns the members of an RSA key whose modulus has n bytes. */
static const char *
rsa(size_t n, const char *e)
{
	uint8_t bytes[2048];
	char text[HASH_B64_LEN(sizeof(bytes))];

	memset(bytes, 0xff, sizeof(bytes));
	hash_b64(bytes, n, text);
	return arena_fmt(&arena, "\"kty\":\"RSA\",\"kid\":\"1\",\"n\":\"%s\","
	    "\"e\":\"%s\"", text, e);
}

static void
weak_rsa_keys_are_left_out(void **state)
{
	(void)state;
	assert_true(reads(rsa(256, "AQAB")));
	assert_true(reads(rsa(256, "Aw")));		/* 3 */
	assert_true(reads(rsa(1024, "AQAB")));
	assert_false(reads(rsa(255, "AQAB")));
	assert_false(reads(rsa(128, "AQAB")));
	assert_false(reads(rsa(1025, "AQAB")));
	assert_false(reads(rsa(256, "AQ")));		/* 1 */
	assert_false(reads(rsa(256, "BA")));		/* 4 */
	assert_false(reads(rsa(256, "")));
	assert_false(reads(rsa(256, "A=")));
}

static void
other_keys_of_a_set_are_used(void **state)
{
	const char *text = "{\"keys\":[{\"kty\":\"OKP\",\"kid\":\"0\"},"
	    "{" EC "\"x\":\"" X "\",\"y\":\"" Y "\"},"
	    "{" EC "\"x\":\"" X "\",\"y\":\"" Y "\"}],\"more\":1}";
	struct jwks_key *keys;

	(void)state;
	assert_int_equal(jwks_read(&arena, text, strlen(text), &keys), 1);
	assert_string_equal(keys[0].kid, "1");
	assert_int_equal(jwks_read(&arena, "{}", 2, &keys), 0);
	assert_int_equal(jwks_read(&arena, "[]", 2, &keys), 0);
	assert_int_equal(jwks_read(&arena, "{\"keys\":[]}", 11, &keys), 0);
	assert_int_equal(jwks_read(&arena, "", 0, &keys), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(es256_of_rfc_7515),
		cmocka_unit_test(invalid_points_are_left_out),
		cmocka_unit_test(weak_rsa_keys_are_left_out),
		cmocka_unit_test(other_keys_of_a_set_are_used),
	};

	int failed;

	arena_init(&arena, 16 << 20);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(&arena);
	return failed;
}
