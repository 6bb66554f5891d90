/*
 * jwt: rejects all texts that are not valid tokens of this installation.
 *
 * Most forgeries have a valid signature with the installation's key, so that
 * only the wrong claim or header can cause the rejection. As a control, a token
 * that is correct in all parts is made in the same way and accepted.
 */
#include "crypto/jwt.h"

#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include "temp_folder.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

#define NOW	(INT64_C(1800000000) * SECOND)
#define TTL	900

#define H	"{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define SUB	"\"sub\":\"7\",\"sid\":9,"
#define TIMES	"\"iat\":1800000000,\"nbf\":1800000000,\"exp\":1800000900"
#define ISS	"\"iss\":\"earmark\","
#define AUD	"\"aud\":\"earmark\","
#define USE	"\"use\":\"access\","
#define GOOD	"{" ISS AUD USE SUB TIMES "}"

static struct conf conf;
static struct arena arena;

enum sign { OURS, OTHER, HS384, HS512, EMPTY, NONE, PUBLIC, EC_OTHER };

static char *
b64(const void *p, size_t n)
{
	char *out = arena_alloc(&arena, HASH_B64_LEN(n));

	hash_b64(p, n, out);
	return out;
}

/*
 * Returns r and s, 32 bytes each, of an ECDSA signature with the key in a file.
 */
static char *
es256(const char *name, const char *text)
{
	const char *file = temp_folder_path(name);
	const unsigned char *at;
	unsigned char der[128], raw[64];
	size_t n = sizeof(der);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY *key;
	ECDSA_SIG *sig;
	FILE *f;

	f = fopen(file, "r");
	assert_non_null(f);
	key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	fclose(f);
	assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL,
	    key), 1);
	assert_int_equal(EVP_DigestSign(ctx, der, &n,
	    (const unsigned char *)text, strlen(text)), 1);
	at = der;
	sig = d2i_ECDSA_SIG(NULL, &at, (long)n);
	BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, 32);
	BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + 32, 32);
	ECDSA_SIG_free(sig);
	EVP_PKEY_free(key);
	EVP_MD_CTX_free(ctx);
	return b64(raw, sizeof(raw));
}

static char *
hmac(const EVP_MD *md, const void *key, size_t klen, const char *text)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned n;

	HMAC(md, key, (int)klen, (const unsigned char *)text, strlen(text),
	    mac, &n);
	return b64(mac, n);
}

/*
 * Returns the public key, which a vulnerable verifier would use as the HMAC
 * key.
 */
static char *
public_pem(size_t *n)
{
	const char *file = temp_folder_path("public.pem");
	char *text = arena_zalloc(&arena, 1, 4096);
	int fd = open(file, O_RDONLY);
	ssize_t got;

	assert_true(fd >= 0);
	got = read(fd, text, 4095);
	close(fd);
	assert_true(got > 0);
	*n = (size_t)got;
	return text;
}

static char *
forge_n(const char *header, const char *payload, size_t n, enum sign how)
{
	static const uint8_t other[32] = { 1 };
	const struct hash *key = &conf.key_jwt;
	char *text, *sig = NULL, *pem;
	size_t len;

	text = arena_fmt(&arena, "%s.%s", b64(header, strlen(header)),
	    b64(payload, n));
	switch (how) {
	case OURS:
		sig = conf.jwt_alg == 1 ? es256("private.pem", text) :
		    hmac(EVP_sha256(), key, 32, text);
		break;
	case OTHER:
		sig = hmac(EVP_sha256(), other, 32, text);
		break;
	case HS384:
		sig = hmac(EVP_sha384(), key, 32, text);
		break;
	case HS512:
		sig = hmac(EVP_sha512(), key, 32, text);
		break;
	case EMPTY:
		sig = hmac(EVP_sha256(), "", 0, text);
		break;
	case NONE:
		sig = arena_str(&arena, "");
		break;
	case PUBLIC:
		pem = public_pem(&len);
		sig = hmac(EVP_sha256(), pem, len, text);
		break;
	case EC_OTHER:
		sig = es256("other.pem", text);
		break;
	}
	return arena_fmt(&arena, "%s.%s", text, sig);
}

static char *
forge(const char *header, const char *payload, enum sign how)
{
	return forge_n(header, payload, strlen(payload), how);
}

static bool
accepts(const char *token)
{
	struct claims c;

	return jwt_verify(token, strlen(token), NOW + 10 * SECOND, &c);
}

struct forgery {
	const char *name, *header, *payload;
	enum sign how;
};

#define P(...)	"{" __VA_ARGS__ "}"

/* These tokens are all invalid, with each configured algorithm. */
static const struct forgery corpus[] = {
	/* the algorithm */
	{ "none", "{\"alg\":\"none\",\"typ\":\"JWT\"}", GOOD, NONE },
	{ "None", "{\"alg\":\"None\",\"typ\":\"JWT\"}", GOOD, NONE },
	{ "NONE", "{\"alg\":\"NONE\",\"typ\":\"JWT\"}", GOOD, NONE },
	{ "nOnE", "{\"alg\":\"nOnE\"}", GOOD, NONE },
	{ "none, signed", "{\"alg\":\"none\",\"typ\":\"JWT\"}", GOOD, OURS },
	{ "no alg, unsigned", "{\"typ\":\"JWT\"}", GOOD, NONE },
	{ "no alg, signed", "{\"typ\":\"JWT\"}", GOOD, OURS },
	{ "empty header", "{}", GOOD, OURS },
	{ "empty alg", "{\"alg\":\"\",\"typ\":\"JWT\"}", GOOD, OURS },
	{ "null alg", "{\"alg\":null,\"typ\":\"JWT\"}", GOOD, OURS },
	{ "alg a number", "{\"alg\":256,\"typ\":\"JWT\"}", GOOD, OURS },
	{ "alg a list", "{\"alg\":[\"HS256\"],\"typ\":\"JWT\"}", GOOD, OURS },
	{ "hs256", "{\"alg\":\"hs256\",\"typ\":\"JWT\"}", GOOD, OURS },
	{ "es256 small", "{\"alg\":\"es256\",\"typ\":\"JWT\"}", GOOD, OURS },
	{ "HS256 and a space", "{\"alg\":\"HS256 \"}", GOOD, OURS },
	{ "HS384", "{\"alg\":\"HS384\",\"typ\":\"JWT\"}", GOOD, HS384 },
	{ "HS512", "{\"alg\":\"HS512\",\"typ\":\"JWT\"}", GOOD, HS512 },
	{ "HS384 named, HS256 done", "{\"alg\":\"HS384\"}", GOOD, OURS },
	{ "RS256", "{\"alg\":\"RS256\",\"typ\":\"JWT\"}", GOOD, OURS },
	{ "PS256", "{\"alg\":\"PS256\",\"typ\":\"JWT\"}", GOOD, OURS },
	{ "ES384", "{\"alg\":\"ES384\",\"typ\":\"JWT\"}", GOOD, OURS },
	{ "EdDSA", "{\"alg\":\"EdDSA\",\"typ\":\"JWT\"}", GOOD, OURS },
	{ "HS256 by the public key", H, GOOD, PUBLIC },
	{ "ES256 named, HMAC by the public key",
	    "{\"alg\":\"ES256\",\"typ\":\"JWT\"}", GOOD, PUBLIC },
	{ "ES256 by another key", "{\"alg\":\"ES256\",\"typ\":\"JWT\"}", GOOD,
	    EC_OTHER },
	{ "ES256 signature, HS256 named", H, GOOD, EC_OTHER },
	/* the key */
	{ "another key", H, GOOD, OTHER },
	{ "the empty key", H, GOOD, EMPTY },
	{ "no signature", H, GOOD, NONE },
	/* the header */
	{ "kid a path", "{\"alg\":\"HS256\",\"kid\":\"/dev/null\"}", GOOD, EMPTY },
	{ "kid upwards", "{\"alg\":\"HS256\",\"kid\":\"../../key\"}", GOOD, OURS },
	{ "kid SQL", "{\"alg\":\"HS256\",\"kid\":\"' OR 1=1 --\"}", GOOD, OURS },
	{ "kid plain", "{\"alg\":\"HS256\",\"kid\":\"1\",\"typ\":\"JWT\"}", GOOD,
	    OURS },
	{ "kid empty", "{\"alg\":\"HS256\",\"kid\":\"\",\"typ\":\"JWT\"}", GOOD,
	    OURS },
	{ "jku", "{\"alg\":\"HS256\",\"jku\":\"http://127.0.0.1/k\"}", GOOD, OURS },
	{ "jwk", "{\"alg\":\"HS256\",\"jwk\":{\"kty\":\"oct\",\"k\":\"\"}}", GOOD,
	    EMPTY },
	{ "x5u", "{\"alg\":\"HS256\",\"x5u\":\"http://127.0.0.1/k\"}", GOOD, OURS },
	{ "x5c", "{\"alg\":\"HS256\",\"x5c\":[\"MIIB\"]}", GOOD, OURS },
	{ "crit", "{\"alg\":\"HS256\",\"crit\":[\"exp\"],\"exp\":1}", GOOD, OURS },
	{ "crit empty", "{\"alg\":\"HS256\",\"crit\":[],\"typ\":\"JWT\"}", GOOD,
	    OURS },
	{ "b64 false", "{\"alg\":\"HS256\",\"b64\":false}", GOOD, OURS },
	{ "zip", "{\"alg\":\"HS256\",\"zip\":\"DEF\",\"typ\":\"JWT\"}", GOOD, OURS },
	{ "cty", "{\"alg\":\"HS256\",\"cty\":\"JWT\",\"typ\":\"JWT\"}", GOOD, OURS },
	{ "typ at+jwt", "{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}", GOOD, OURS },
	{ "typ small", "{\"alg\":\"HS256\",\"typ\":\"jwt\"}", GOOD, OURS },
	{ "typ a number", "{\"alg\":\"HS256\",\"typ\":1}", GOOD, OURS },
	{ "alg twice", "{\"alg\":\"none\",\"alg\":\"HS256\"}", GOOD, OURS },
	{ "alg twice, same", "{\"alg\":\"HS256\",\"alg\":\"HS256\"}", GOOD, OURS },
	{ "alg twice, escaped", "{\"\\u0061lg\":\"none\",\"alg\":\"HS256\"}",
	    GOOD, OURS },
	{ "header a list", "[\"HS256\"]", GOOD, OURS },
	{ "header text", "\"HS256\"", GOOD, OURS },
	{ "header not JSON", "alg=HS256", GOOD, OURS },
	{ "junk behind the header", H "x", GOOD, OURS },
	{ "two headers", H H, GOOD, OURS },
	/* issuer and audience */
	{ "no iss", H, P(AUD USE SUB TIMES), OURS },
	{ "other iss", H, P("\"iss\":\"mark\"," AUD USE SUB TIMES), OURS },
	{ "iss in capitals", H, P("\"iss\":\"EARMARK\"," AUD USE SUB TIMES), OURS },
	{ "iss a list", H, P("\"iss\":[\"earmark\"]," AUD USE SUB TIMES), OURS },
	{ "iss null", H, P("\"iss\":null," AUD USE SUB TIMES), OURS },
	{ "no aud", H, P(ISS USE SUB TIMES), OURS },
	{ "other aud", H, P(ISS "\"aud\":\"console\"," USE SUB TIMES), OURS },
	{ "aud a list", H, P(ISS "\"aud\":[\"earmark\"]," USE SUB TIMES), OURS },
	{ "aud longer", H, P(ISS "\"aud\":\"earmark.\"," USE SUB TIMES), OURS },
	{ "no use", H, P(ISS AUD SUB TIMES), OURS },
	{ "refresh as access", H, P(ISS AUD "\"use\":\"refresh\"," SUB TIMES),
	    OURS },
	{ "use true", H, P(ISS AUD "\"use\":true," SUB TIMES), OURS },
	/* subject */
	{ "no sub", H, P(ISS AUD USE "\"sid\":9," TIMES), OURS },
	{ "sub a number", H, P(ISS AUD USE "\"sub\":7,\"sid\":9," TIMES), OURS },
	{ "sub 0", H, P(ISS AUD USE "\"sub\":\"0\",\"sid\":9," TIMES), OURS },
	{ "sub negative", H, P(ISS AUD USE "\"sub\":\"-7\",\"sid\":9," TIMES),
	    OURS },
	{ "sub with a space", H, P(ISS AUD USE "\"sub\":\" 7\",\"sid\":9," TIMES),
	    OURS },
	{ "sub 07", H, P(ISS AUD USE "\"sub\":\"07\",\"sid\":9," TIMES), OURS },
	{ "sub 7abc", H, P(ISS AUD USE "\"sub\":\"7abc\",\"sid\":9," TIMES), OURS },
	{ "sub 7 and NUL", H, P(ISS AUD USE "\"sub\":\"7\\u0000\",\"sid\":9,"
	    TIMES), OURS },
	{ "sub too large", H, P(ISS AUD USE
	    "\"sub\":\"9223372036854775808\",\"sid\":9," TIMES), OURS },
	{ "sub a list", H, P(ISS AUD USE "\"sub\":[\"7\"],\"sid\":9," TIMES), OURS },
	{ "sub empty", H, P(ISS AUD USE "\"sub\":\"\",\"sid\":9," TIMES), OURS },
	{ "no sid", H, P(ISS AUD USE "\"sub\":\"7\"," TIMES), OURS },
	{ "sid a text", H, P(ISS AUD USE "\"sub\":\"7\",\"sid\":\"9\"," TIMES),
	    OURS },
	{ "sid 9.0", H, P(ISS AUD USE "\"sub\":\"7\",\"sid\":9.0," TIMES), OURS },
	{ "sid 0", H, P(ISS AUD USE "\"sub\":\"7\",\"sid\":0," TIMES), OURS },
	{ "sid true", H, P(ISS AUD USE "\"sub\":\"7\",\"sid\":true," TIMES), OURS },
	{ "sub twice", H, P(ISS AUD USE "\"sub\":\"8\"," SUB TIMES), OURS },
	{ "sub twice, escaped", H, P(ISS AUD USE "\"s\\u0075b\":\"8\"," SUB TIMES),
	    OURS },
	{ "use twice", H, P(ISS AUD "\"use\":\"refresh\"," USE SUB TIMES), OURS },
	{ "exp twice", H, P(ISS AUD USE SUB "\"exp\":1800000001," TIMES), OURS },
	/* times */
	{ "no exp", H, P(ISS AUD USE SUB
	    "\"iat\":1800000000,\"nbf\":1800000000"), OURS },
	{ "no iat", H, P(ISS AUD USE SUB
	    "\"nbf\":1800000000,\"exp\":1800000900"), OURS },
	{ "no nbf", H, P(ISS AUD USE SUB
	    "\"iat\":1800000000,\"exp\":1800000900"), OURS },
#define WHEN(iat, nbf, exp) \
	P(ISS AUD USE SUB "\"iat\":" iat ",\"nbf\":" nbf ",\"exp\":" exp)
	{ "exp a text", H, WHEN("1800000000", "1800000000", "\"1800000900\""),
	    OURS },
	{ "exp a float", H, WHEN("1800000000", "1800000000", "1800000900.5"),
	    OURS },
	{ "exp 1.8e9", H, WHEN("1800000000", "1800000000", "1.8000009e9"), OURS },
	{ "exp null", H, WHEN("1800000000", "1800000000", "null"), OURS },
	{ "exp huge", H, WHEN("1800000000", "1800000000", "9223372036854775807"),
	    OURS },
	{ "exp over int64", H, WHEN("1800000000", "1800000000",
	    "18446744073709551616"), OURS },
	{ "exp -1", H, WHEN("1800000000", "1800000000", "-1"), OURS },
	{ "exp passed", H, WHEN("1799999000", "1799999000", "1799999900"), OURS },
	{ "exp this second", H, WHEN("1799999900", "1799999900", "1800000010"),
	    OURS },
	{ "exp a day away", H, WHEN("1800000000", "1800000000", "1800086400"),
	    OURS },
	{ "one second too long", H, WHEN("1800000000", "1800000000",
	    "1800000901"), OURS },
	{ "exp before iat", H, WHEN("1800000000", "1800000000", "1799999999"),
	    OURS },
	{ "iat to come", H, WHEN("1800000600", "1800000000", "1800000900"), OURS },
	{ "iat a text", H, WHEN("\"1800000000\"", "1800000000", "1800000900"),
	    OURS },
	{ "iat 0", H, WHEN("0", "0", "900"), OURS },
	{ "iat min", H, WHEN("-9223372036854775808", "1800000000", "1800000900"),
	    OURS },
	{ "nbf to come", H, WHEN("1800000000", "1800000600", "1800000900"), OURS },
	{ "nbf far", H, WHEN("1800000000", "4102444800", "1800000900"), OURS },
	{ "nbf a text", H, WHEN("1800000000", "\"0\"", "1800000900"), OURS },
	/* the payload as a whole */
	{ "payload empty", H, "{}", OURS },
	{ "payload a list", H, "[" GOOD "]", OURS },
	{ "payload null", H, "null", OURS },
	{ "payload text", H, "\"sub\"", OURS },
	{ "payload cut", H, "{" ISS AUD USE SUB TIMES, OURS },
	{ "payload twice", H, GOOD GOOD, OURS },
	{ "payload single quotes", H, "{'iss':'earmark'}", OURS },
	{ "bad UTF-8", H, P(ISS AUD USE SUB TIMES ",\"x\":\"\xff\""), OURS },
};

static void
corpus_refused(void **state)
{
	size_t i;

	(void)state;
	assert_true(NELEM(corpus) >= 80);
	for (i = 0; i < NELEM(corpus); i++) {
		if (accepts(forge(corpus[i].header, corpus[i].payload,
		    corpus[i].how)))
			fail_msg("accepted: %s", corpus[i].name);
		arena_reset(&arena);
	}
}

/* The headers of the corpus say HS256. This test replaces it with ES256. */
static void
corpus_refused_es256(void **state)
{
	char *header, *at;
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(corpus); i++) {
		header = arena_str(&arena, corpus[i].header);
		if (accepts(forge(header, corpus[i].payload, corpus[i].how)))
			fail_msg("accepted: %s", corpus[i].name);
		at = strstr(header, "HS256");
		if (at != NULL && corpus[i].how == OURS) {
			*at = 'E';
			if (accepts(forge(header, corpus[i].payload, OURS)))
				fail_msg("accepted as ES256: %s",
				    corpus[i].name);
		}
		arena_reset(&arena);
	}
}

static void
control_accepted(void **state)
{
	static const struct {
		const char *header, *payload;
	} good[] = {
		{ H, GOOD },
		{ "{\"typ\":\"JWT\",\"alg\":\"HS256\"}", GOOD },
		{ "{ \"alg\": \"HS256\" }", GOOD },
		{ H, P(TIMES "," SUB USE AUD "\"iss\":\"earmark\"") },
		{ H, P("\"jti\":\"a:b\",\"x\":{\"sub\":1}," ISS AUD USE SUB TIMES) },
		{ H, WHEN("1800000014", "1800000014", "1800000900") },
	};
	struct claims c;
	size_t i;
	char *t;

	(void)state;
	for (i = 0; i < NELEM(good); i++) {
		t = forge(good[i].header, good[i].payload, OURS);
		assert_true(jwt_verify(t, strlen(t), NOW + 10 * SECOND, &c));
		assert_int_equal(c.user, 7);
		assert_int_equal(c.session, 9);
		assert_int_equal(c.expires, NOW + TTL * SECOND);
	}
}

static const struct claims mine = {
	.user = 7, .session = 9, .issued = NOW, .expires = NOW + TTL * SECOND
};

static void
signed_is_verified(void **state)
{
	struct claims c;
	char *t = jwt_sign(&arena, &mine);

	(void)state;
	assert_true(jwt_verify(t, strlen(t), NOW, &c));
	assert_memory_equal(&c, &mine, sizeof(c));
	assert_true(jwt_verify(t, strlen(t), NOW + 899 * SECOND, &c));
	/* A cached token also expires on time and is not valid too early. */
	assert_false(jwt_verify(t, strlen(t), mine.expires, &c));
	assert_false(jwt_verify(t, strlen(t), NOW - MINUTE, &c));
	assert_true(jwt_verify(t, strlen(t), NOW, &c));
}

static void
same_claims_same_token(void **state)
{
	(void)state;
	assert_string_equal(jwt_sign(&arena, &mine), jwt_sign(&arena, &mine));
}

/*
 * Changes each bit of each character. The original token is verified before and
 * after, so it is in the cache.
 */
static void
flipped_refused(void **state)
{
	char *t = jwt_sign(&arena, &mine), *bad;
	size_t n = strlen(t), i;
	int bit, round;

	(void)state;
	for (round = 0; round < 2; round++) {
		for (i = 0; i < n; i++) {
			for (bit = 0; bit < 8; bit++) {
				bad = arena_strn(&arena, t, n);
				bad[i] = (char)(bad[i] ^ (1 << bit));
				if (jwt_verify(bad, n, NOW, &(struct claims){ 0 }))
					fail_msg("bit %d of %zu", bit, i);
			}
		}
		assert_true(accepts(t));
		arena_reset(&arena);
		t = jwt_sign(&arena, &mine);
	}
}

static void
misshapen_refused(void **state)
{
	static const char *const shapes[] = {
		"", ".", "..", "...", "a.b.c", "a..b", "....", "Bearer",
		"null", "undefined", "eyJhbGciOiJub25lIn0.e30.",
		"eyJhbGciOiJub25lIn0.e30", ".e30.", "e30..", "e30.e30.e30",
	};
	char *t = jwt_sign(&arena, &mine);
	size_t n = strlen(t), i;
	struct claims c;
	char *dot, *big;

	(void)state;
	for (i = 0; i < NELEM(shapes); i++)
		assert_false(accepts(shapes[i]));
	for (i = 0; i < n; i++)
		assert_false(jwt_verify(t, i, NOW, &c));
	dot = strchr(t, '.');
	assert_false(accepts(arena_fmt(&arena, "%s=", t)));
	assert_false(accepts(arena_fmt(&arena, "%s==", t)));
	assert_false(accepts(arena_fmt(&arena, "%s ", t)));
	assert_false(accepts(arena_fmt(&arena, " %s", t)));
	assert_false(accepts(arena_fmt(&arena, "%s\n", t)));
	assert_false(accepts(arena_fmt(&arena, "%s.", t)));
	assert_false(accepts(arena_fmt(&arena, ".%s", t)));
	assert_false(accepts(arena_fmt(&arena, "%s.e30", t)));
	assert_false(accepts(arena_fmt(&arena, "%s.%s", t, t)));
	assert_false(accepts(arena_fmt(&arena, "%s%s", t, t)));
	assert_false(accepts(arena_fmt(&arena, "%.*s=%s", (int)(dot - t), t,
	    dot)));
	/* A NUL within the given length, and one after the token. */
	big = arena_strn(&arena, t, n);
	big[n / 2] = '\0';
	assert_false(jwt_verify(big, n, NOW, &c));
	assert_false(jwt_verify(t, n + 1, NOW, &c));
	/* A valid signature over claims, a NUL and other claims. */
	assert_false(accepts(forge_n(H, GOOD "\0" GOOD,
	    2 * strlen(GOOD) + 1, OURS)));
	assert_false(accepts(forge_n("{\"alg\":\"HS256\"}", GOOD "\0",
	    strlen(GOOD) + 1, OURS)));
}

static void
huge_refused(void **state)
{
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_str(&b, "{" ISS AUD USE SUB "\"x\":\"");
	for (i = 0; i < 1400; i++)
		buf_ch(&b, 'x');
	buf_str(&b, "\"," TIMES "}");
	assert_false(accepts(forge(H, b.data, OURS)));
	buf_clear(&b);
	/* A token of the maximum length that is not cached is valid. */
	buf_str(&b, "{" ISS AUD USE SUB "\"x\":\"");
	for (i = 0; i < 1000; i++)
		buf_ch(&b, 'x');
	buf_str(&b, "\"," TIMES "}");
	assert_true(accepts(forge(H, b.data, OURS)));
	assert_true(accepts(forge(H, b.data, OURS)));
	buf_clear(&b);
	for (i = 0; i < 500000; i++)
		buf_ch(&b, i % 200000 == 100000 ? '.' : 'A');
	assert_false(jwt_verify(b.data, b.len, NOW, &(struct claims){ 0 }));
	buf_free(&b);
	/* Extremely deep nesting. */
	buf_init(&b, 4096);
	buf_str(&b, "{" ISS AUD USE SUB TIMES ",\"x\":");
	for (i = 0; i < 1000; i++)
		buf_ch(&b, '[');
	assert_false(accepts(forge(H, b.data, OURS)));
	buf_free(&b);
}

static void
many_kept(void **state)
{
	struct claims c = mine, got;
	char *token[6000];
	int64_t i, round, began, cold = 0, warm = INT64_MAX, took;

	(void)state;
	for (i = 0; i < 6000; i++) {
		c.user = i + 1;
		token[i] = jwt_sign(&arena, &c);
	}
	for (round = 0; round < 2; round++)
		for (i = 0; i < 6000; i++) {
			assert_true(jwt_verify(token[i], strlen(token[i]),
			    NOW, &got));
			assert_int_equal(got.user, i + 1);
		}
	jwt_init(&conf, true);
	began = clock_mono();
	for (i = 0; i < 1000; i++)
		assert_true(jwt_verify(token[i], strlen(token[i]), NOW, &got));
	cold = clock_mono() - began;
	for (round = 0; round < 5; round++) {
		began = clock_mono();
		for (i = 0; i < 1000; i++)
			assert_true(jwt_verify(token[i], strlen(token[i]), NOW,
			    &got));
		took = clock_mono() - began;
		warm = took < warm ? took : warm;
	}
	print_message("# first %lld ns, again %lld ns\n", (long long)cold,
	    (long long)warm);
	assert_true(warm * 4 < cold);
}

static void
no_key_no_token(void **state)
{
	char *good = forge(H, GOOD, OURS), *empty = forge(H, GOOD, EMPTY);
	struct conf none = conf;

	(void)state;
	memset(&none.key_jwt, 0, sizeof(none.key_jwt));
	assert_false(jwt_init(&none, true));
	assert_false(accepts(good));
	assert_false(accepts(empty));
	assert_false(accepts(forge("{\"alg\":\"none\"}", GOOD, NONE)));
	none = conf;
	none.jwt_alg = 1;
	none.jwt_public_key = "/nonexistent";
	assert_false(jwt_init(&none, false));
	assert_false(accepts(good));
	none.jwt_public_key = temp_folder_path("p384.pem");
	assert_false(jwt_init(&none, false));
	none.jwt_public_key = temp_folder_path("short.pem");
	assert_false(jwt_init(&none, false));
	none.jwt_public_key = temp_folder_path("private.pem");
	assert_false(jwt_init(&none, false));
	none.jwt_public_key = temp_folder_path("public.pem");
	none.jwt_private_key = temp_folder_path("other.pem");
	assert_false(jwt_init(&none, true));
	assert_false(accepts(good));
	none.jwt_private_key = temp_folder_path("open.pem");
	assert_false(jwt_init(&none, true));
	assert_true(jwt_init(&conf, true));
	assert_true(accepts(good));
}

static void
shorter_life_counts(void **state)
{
	struct conf less = conf;
	char *t = jwt_sign(&arena, &mine);

	(void)state;
	less.access_ttl = TTL - 1;
	assert_true(jwt_init(&less, true));
	assert_false(accepts(t));
	assert_true(jwt_init(&conf, true));
	assert_true(accepts(t));
}

static void
es256_works(void **state)
{
	char *hs = forge(H, GOOD, OURS), *t;
	struct claims c;

	(void)state;
	conf.jwt_alg = 1;
	assert_true(jwt_init(&conf, true));
	t = jwt_sign(&arena, &mine);
	assert_true(jwt_verify(t, strlen(t), NOW, &c));
	assert_memory_equal(&c, &mine, sizeof(c));
	assert_true(accepts(forge("{\"alg\":\"ES256\"}", GOOD, OURS)));
	assert_false(accepts(hs));
	/* Other programs verify with only the public key. */
	assert_true(jwt_init(&conf, false));
	assert_true(accepts(t));
}

static int
pem_write(const char *name, const char *group, bool private, mode_t mode,
    EVP_PKEY **reuse)
{
	const char *file = temp_folder_path(name);
	EVP_PKEY *key = reuse != NULL && *reuse != NULL ? *reuse :
	    EVP_EC_gen(group);
	FILE *f;

	if (key == NULL || (f = fopen(file, "w")) == NULL)
		return -1;
	if (private)
		PEM_write_PKCS8PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
	else
		PEM_write_PUBKEY(f, key);
	fclose(f);
	if (reuse != NULL)
		*reuse = key;
	else
		EVP_PKEY_free(key);
	return chmod(file, mode);
}

static int
group_setup(void **state)
{
	EVP_PKEY *key = NULL;

	(void)state;
	log_init("t-jwt", LOG_ERROR + 1);
	arena_init(&arena, 1 << 26);
	if (temp_folder_create() != 0 ||
	    pem_write("private.pem", "P-256", true, 0600, &key) != 0 ||
	    pem_write("open.pem", "P-256", true, 0644, &key) != 0 ||
	    pem_write("public.pem", "P-256", false, 0644, &key) != 0 ||
	    pem_write("other.pem", "P-256", true, 0600, NULL) != 0 ||
	    pem_write("p384.pem", "P-384", false, 0644, NULL) != 0)
		return -1;
	EVP_PKEY_free(key);
	temp_folder_put("short.pem", "x", 1, 0600);
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return temp_folder_remove();
}

static int
setup(void **state)
{
	size_t i;

	(void)state;
	arena_reset(&arena);
	memset(&conf, 0, sizeof(conf));
	conf.access_ttl = TTL;
	for (i = 0; i < sizeof(conf.key_jwt.b); i++)
		conf.key_jwt.b[i] = (uint8_t)(i * 7 + 1);
	conf.jwt_private_key = temp_folder_path("private.pem");
	conf.jwt_public_key = temp_folder_path("public.pem");
	return jwt_init(&conf, true) ? 0 : -1;
}

static int
setup_es256(void **state)
{
	if (setup(state) != 0)
		return -1;
	conf.jwt_alg = 1;
	return jwt_init(&conf, true) ? 0 : -1;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, NULL)
#define TEST_ES(f) cmocka_unit_test_setup_teardown(f, setup_es256, NULL)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(control_accepted),
		TEST(corpus_refused),
		TEST_ES(corpus_refused_es256),
		TEST(signed_is_verified),
		TEST(same_claims_same_token),
		TEST(flipped_refused),
		TEST_ES(flipped_refused),
		TEST(misshapen_refused),
		TEST(huge_refused),
		TEST(many_kept),
		TEST(no_key_no_token),
		TEST(shorter_life_counts),
		TEST(es256_works),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
