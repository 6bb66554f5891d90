/* hash: digests (with published vectors) and their text forms. */
#include "unit.h"

#include "base/hash.h"
#include "base/random.h"

static const char *
hex(const struct hash *h)
{
	static char text[65];

	hash_hex(h->b, 32, text);
	return text;
}

static void
sha256_is_fips_180(void **state)
{
	struct hash h;

	(void)state;
	h = hash_sha256("abc", 3);
	assert_string_equal(hex(&h), "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	h = hash_sha256("", 0);
	assert_string_equal(hex(&h), "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855");
}

static void
hmac_is_rfc_4231(void **state)
{
	unsigned char key[131], data[50];
	struct hash h;

	(void)state;
	memset(key, 0x0b, 20);
	h = hash_hmac(key, 20, "Hi There", 8);
	assert_string_equal(hex(&h), "b0344c61d8db38535ca8afceaf0bf12b"
	    "881dc200c9833da726e9376c2e32cff7");
	h = hash_hmac("Jefe", 4, "what do ya want for nothing?", 28);
	assert_string_equal(hex(&h), "5bdcc146bf60754e6a042426089575c7"
	    "5a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, 20);
	memset(data, 0xdd, sizeof(data));
	h = hash_hmac(key, 20, data, sizeof(data));
	assert_string_equal(hex(&h), "773ea91e36800e46854db8ebd09181a7"
	    "2959098b3ef8c122d9635514ced565fe");
	/* A key that is longer than a block. */
	memset(key, 0xaa, sizeof(key));
	h = hash_hmac(key, sizeof(key),
	    "Test Using Larger Than Block-Size Key - Hash Key First", 54);
	assert_string_equal(hex(&h), "60e431591ee0b67f0d8a26aacbf5b77f"
	    "8e0bc6213728c5140546040f0ee37f54");
}

/* The first, second and sixteenth of the 128-bit vectors of the authors. */
static void
sip_is_the_authors(void **state)
{
	static const struct {
		size_t n;
		const char *want;
	} rows[] = {
		{ 0, "a3817f04ba25a8e66df67214c7550293" },
		{ 1, "da87c1d86b99af44347659119b22fc45" },
		{ 15, "5493e99933b0a8117e08ec0f97cfc3d9" },
	};
	unsigned char bytes[64];
	struct sip key, out, other;
	char text[33];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)i;
	memcpy(&key, bytes, sizeof(key));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		out = hash_sip(&key, bytes, rows[i].n);
		hash_hex(&out, sizeof(out), text);
		assert_string_equal(text, rows[i].want);
	}
	/* Each byte and the length change the result. */
	out = hash_sip(&key, bytes, 64);
	for (i = 0; i < 64; i++) {
		bytes[i] ^= 0x80;
		other = hash_sip(&key, bytes, 64);
		assert_memory_not_equal(&out, &other, sizeof(out));
		bytes[i] ^= 0x80;
		other = hash_sip(&key, bytes, i);
		assert_memory_not_equal(&out, &other, sizeof(out));
	}
}

static void
long_purpose(void)
{
	struct hash key = { { 0 } };

	hash_derive(&key, "a purpose that is much longer than any purpose that "
	    "this program has");
}

/* HKDF-Expand with 32 bytes, computed independently. */
static void
subkeys_differ_by_purpose(void **state)
{
	struct hash key, h, other;
	int i;

	(void)state;
	for (i = 0; i < 32; i++)
		key.b[i] = (uint8_t)i;
	h = hash_derive(&key, "earmark jwt");
	assert_string_equal(hex(&h), "cf31a910e87e7f582b520dbfecdc0637"
	    "c04cdd4905878aca3a158a595a94efe4");
	other = hash_derive(&key, "earmark otp");
	assert_false(hash_eq(h.b, other.b, 32));
	key.b[31] ^= 1;
	other = hash_derive(&key, "earmark jwt");
	assert_false(hash_eq(h.b, other.b, 32));
	assert_true(dies(long_purpose));
}

static void
equality_looks_at_every_byte(void **state)
{
	unsigned char a[32], b[32];
	int i;

	(void)state;
	memset(a, 7, sizeof(a));
	memset(b, 7, sizeof(b));
	assert_true(hash_eq(a, b, 32));
	for (i = 0; i < 32; i++) {
		b[i] ^= 0x80;
		assert_false(hash_eq(a, b, 32));
		b[i] ^= 0x80;
	}
	assert_true(hash_eq(a, b, 0));
}

static void
fnv1a_is_as_published(void **state)
{
	uint64_t h;

	(void)state;
	assert_true(hash_fast(HASH_FAST_SEED, "", 0) == HASH_FAST_SEED);
	assert_true(hash_fast(HASH_FAST_SEED, "a", 1) ==
	    UINT64_C(0xaf63dc4c8601ec8c));
	assert_true(hash_fast(HASH_FAST_SEED, "foobar", 6) ==
	    UINT64_C(0x85944171f73967e8));
	h = hash_fast(HASH_FAST_SEED, "foo", 3);
	assert_true(hash_fast(h, "bar", 3) == UINT64_C(0x85944171f73967e8));
}

static void
hex_is_exact(void **state)
{
	static const char *const bad[] = { "", "0", "00f", "00ff0", "00ff000",
		"00fg", "00f ", " 0ff", "-0ff", "0x0f", "00f\xc3" };
	unsigned char out[2] = { 1, 2 };
	char text[5];
	size_t i;

	(void)state;
	hash_hex("\x00\xff", 2, text);
	assert_string_equal(text, "00ff");
	hash_hex("", 0, text);
	assert_string_equal(text, "");
	assert_true(hash_unhex("00fF", out, 2));
	assert_memory_equal(out, "\x00\xff", 2);
	assert_true(hash_unhex("", out, 0));
	for (i = 0; i < NELEM(bad); i++)
		assert_false(hash_unhex(bad[i], out, 2));
}

static void
base64url_is_rfc_4648(void **state)
{
	static const struct {
		const char *bytes, *text;
	} rows[] = {
		{ "", "" }, { "f", "Zg" }, { "fo", "Zm8" }, { "foo", "Zm9v" },
		{ "foob", "Zm9vYg" }, { "fooba", "Zm9vYmE" },
		{ "foobar", "Zm9vYmFy" }, { "\xff\xfe\xfd", "__79" },
		{ "\xfb\xef", "--8" },
	};
	static const char *const bad[] = { "A", "Zm9vA", "Z", "Zg=", "Zg==", "Zm9vY",
		"Zm9v ", " Zm9v", "Zm+v", "Zm/v", "Zm9v\n", "Zh", "Zm9",
		"Zm9vYh", "\xc3\xa9_", "Z g" };
	char text[64], out[64];
	size_t i, n;

	(void)state;
	for (i = 0; i < NELEM(rows); i++) {
		n = strlen(rows[i].bytes);
		assert_int_equal(HASH_B64_LEN(n), strlen(rows[i].text) + 1);
		hash_b64(rows[i].bytes, n, text);
		assert_string_equal(text, rows[i].text);
		n = sizeof(out);
		assert_true(hash_unb64(text, out, &n));
		assert_int_equal(n, strlen(rows[i].bytes));
		assert_memory_equal(out, rows[i].bytes, n);
		/*
		 * A buffer of the exact size, and one that is too small by a
		 * byte.
		 */
		assert_true(hash_unb64(text, out, &n));
		if (n > 0) {
			n--;
			assert_false(hash_unb64(text, out, &n));
		}
	}
	for (i = 0; i < NELEM(bad); i++) {
		n = sizeof(out);
		if (hash_unb64(bad[i], out, &n))
			fail_msg("%s: taken", bad[i]);
	}
}

static void
base64url_round_trips(void **state)
{
	unsigned char bytes[60], back[60];
	char text[HASH_B64_LEN(60)];
	size_t n, len;

	(void)state;
	for (n = 0; n <= sizeof(bytes); n++) {
		random_bytes(bytes, n);
		hash_b64(bytes, n, text);
		assert_int_equal(strlen(text) + 1, HASH_B64_LEN(n));
		len = sizeof(back);
		assert_true(hash_unb64(text, back, &len));
		assert_int_equal(len, n);
		assert_memory_equal(back, bytes, n);
	}
}

static void
none_below_0(void)
{
	random_below(0);
}

static void
random_numbers_are_spread(void **state)
{
	static const uint32_t bounds[] = { 1, 2, 3, 10, 1000000, 0x80000001 };
	unsigned char a[32], b[32];
	int count[10] = { 0 }, i;
	size_t k;

	(void)state;
	random_bytes(a, sizeof(a));
	random_bytes(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	for (k = 0; k < NELEM(bounds); k++)
		for (i = 0; i < 200; i++)
			assert_true(random_below(bounds[k]) < bounds[k]);
	for (i = 0; i < 10000; i++)
		count[random_below(10)]++;
	/*
	 * The expected count is 1,000, with a tolerance of 8 standard
	 * deviations.
	 */
	for (i = 0; i < 10; i++)
		assert_in_range(count[i], 760, 1240);
	assert_true(dies(none_below_0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_is_fips_180),
		cmocka_unit_test(hmac_is_rfc_4231),
		cmocka_unit_test(sip_is_the_authors),
		cmocka_unit_test(subkeys_differ_by_purpose),
		cmocka_unit_test(equality_looks_at_every_byte),
		cmocka_unit_test(fnv1a_is_as_published),
		cmocka_unit_test(hex_is_exact),
		cmocka_unit_test(base64url_is_rfc_4648),
		cmocka_unit_test(base64url_round_trips),
		cmocka_unit_test(random_numbers_are_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
