/*
 * openssl_memory: a failed allocation of OpenSSL ends the process by BUG(). It
 * makes no key and no signature invalid, and causes no invalid access.
 */
#include "t/unit/unit.h"

#include <openssl/crypto.h>
#include <string.h>

#include "base/hash.h"
#include "base/seal.h"
#include "crypto/public_key.h"

/* RFC 7515 A.3: the key and the signature of an example by ES256. */
#define X "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define Y "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
static const char signed_text[] = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJ"
    "leHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
static const char signature[] = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfT"
    "jDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

static long seen, fails_at;	/* allocations; 0: none fails */

static void *
alloc(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return ++seen == fails_at ? NULL : malloc(n);
}

static void *
resize(void *p, size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	return ++seen == fails_at ? NULL : realloc(p, n);
}

static void
release(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	free(p);
}

/* Runs f with failing allocation n. Returns its exit code or signal. */
static int
run(bool (*f)(void), long n)
{
	pid_t child = fork();
	int status, null;

	assert_true(child >= 0);
	if (child == 0) {
		null = open("/dev/null", O_WRONLY);
		dup2(null, STDERR_FILENO);
		signal(SIGABRT, SIG_DFL);
		signal(SIGSEGV, SIG_DFL);
		seen = 0;
		fails_at = n;
		if (!f())
			_exit(1);
		_exit(seen < n ? 2 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? 256 + WTERMSIG(status) :
	    WEXITSTATUS(status);
}

/* Each allocation of f fails once. Returns how often f returned false. */
static int
fail_each(bool (*f)(void), long step)
{
	int got, wrong = 0;
	long n;

	for (n = 1; (got = run(f, n)) != 2; n += step)
		if (got == 1)
			wrong++;
		else if (got != 0 && got != 256 + SIGABRT)
			fail_msg("allocation %ld: %d", n, got);
	assert_true(n > 2 * step);
	return wrong;
}

static bool
derives(void)
{
	static const struct hash key;
	const struct hash a = hash_derive(&key, "test");
	const struct hash b = hash_derive(&key, "test");

	return hash_eq(&a, &b, sizeof(a));
}

/* The first use of OpenSSL in a process. */
static void
keys_are_derived(void **state)
{
	(void)state;
	/* Of about 3,000 allocations. */
	assert_int_equal(fail_each(derives, 23), 0);
}

static bool
seals(void)
{
	static const struct hash key;
	struct arena a;

	arena_init(&a, 4096);
	return str_eq(seal_open(&a, &key, seal_text(&a, &key, "x")), "x");
}

static void
texts_are_sealed(void **state)
{
	(void)state;
	assert_true(derives());	/* as in all programs */
	assert_int_equal(fail_each(seals, 1), 0);
}

static bool
verifies(void)
{
	uint8_t x[32], y[32], sig[64];
	struct public_key key = { PUBLIC_KEY_P256, x, y, sizeof(x), sizeof(y) };
	size_t n = sizeof(sig);

	return hash_unb64(X, x, &key.first_len) &&
	    hash_unb64(Y, y, &key.second_len) && hash_unb64(signature, sig, &n) && public_key_verify(&key,
	    signed_text, strlen(signed_text), sig, n);
}

static void
signatures_are_verified(void **state)
{
	(void)state;
	assert_true(verifies());
	/*
	 * For some allocations of its arithmetic, OpenSSL 3.0 itself reports an
	 * invalid signature or an internal error, at 4 of about 300 places.
	 */
	assert_in_range(fail_each(verifies, 1), 0, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_derived),
		cmocka_unit_test(texts_are_sealed),
		cmocka_unit_test(signatures_are_verified),
	};

	if (CRYPTO_set_mem_functions(alloc, resize, release) != 1)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
