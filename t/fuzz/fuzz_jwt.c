/*
 * Fuzzes access tokens. An input that begins with 'S' contains header and
 * payload, separated by a line feed. They are signed with the key of the
 * installation, so that claims are reached. Other inputs are tokens, which can
 * never be valid.
 */
#include "fuzz.h"

#include "base/clock.h"
#include "crypto/jwt.h"

#define NOW	(INT64_C(1800000000) * SECOND)
#define TTL	900
#define SKEW	(5 * SECOND)

static struct conf conf = { .access_ttl = TTL,
	.key_jwt = { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
	17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32 } } };

static const char *
b64(struct arena *a, const void *p, size_t n)
{
	char *out = arena_alloc(a, HASH_B64_LEN(n));

	hash_b64(p, n, out);
	return out;
}

static const char *
forge(struct arena *a, const char *s, size_t n)
{
	const char *end = n == 0 ? NULL : memchr(s, '\n', n), *head;
	size_t len = end == NULL ? n : (size_t)(end - s);
	struct hash sign;

	head = arena_fmt(a, "%s.%s", b64(a, s, len), end == NULL ? "" :
	    b64(a, end + 1, n - len - 1));
	sign = hash_hmac(conf.key_jwt.b, 32, head, strlen(head));
	return arena_fmt(a, "%s.%s", head, b64(a, sign.b, 32));
}

static void
must_be_whole(const struct claims *c)
{
	MUST(c->user >= 1 && c->session >= 1);
	MUST(c->issued > 0 && c->issued <= NOW + SKEW);
	MUST(c->expires > NOW);
	MUST(c->expires - c->issued <= TTL * SECOND);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct claims none, mine = { .user = 7, .session = 9,
		.issued = NOW, .expires = NOW + TTL * SECOND };
	static char *good;
	static bool ready;
	struct claims c = none;
	const char *token;
	struct arena a;
	bool ok;

	arena_init(&a, 16 << 20);
	if (!ready) {
		MUST(jwt_init(&conf, true));
		good = strdup(jwt_sign(&a, &mine));
		ready = true;
	}
	if (n > 0 && data[0] == 'S') {
		token = forge(&a, (const char *)data + 1, n - 1);
		ok = jwt_verify(token, strlen(token), NOW, &c);
		/* The second verification uses the cache. */
		MUST(jwt_verify(token, strlen(token), NOW, &c) == ok);
		if (ok) {
			must_be_whole(&c);
			MUST(!jwt_verify(token, strlen(token),
			    c.expires, &c));
			MUST(!jwt_verify(token, strlen(token) - 1, NOW, &c));
		}
	} else {
		ok = jwt_verify((const char *)data, n, NOW, &c);
		MUST(ok == (n == strlen(good) && memcmp(data, good, n) == 0));
	}
	if (!ok)
		MUST(memcmp(&c, &none, sizeof(c)) == 0);
	arena_free(&a);
	return 0;
}
