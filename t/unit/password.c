/* password: Argon2id hashes and weak passwords. */
#include "crypto/password.h"

#include <sodium.h>
#include <stdio.h>
#include <sys/resource.h>

#include "crypto/common_passwords.h"
#include "t/unit/unit.h"

static struct arena arena;
static struct conf conf = { .argon_mem_kib = 64, .argon_time = 1,
	.app_name = "Hear Me", .base_url = "https://talk.example.com:8443/x" };

static void
hash_and_verify(void **state)
{
	char *one = password_hash(&arena, "correct-horse-9");
	char *two = password_hash(&arena, "correct-horse-9");

	(void)state;
	assert_non_null(one);
	assert_true(str_prefix(one, "$argon2id$v=19$m=64,t=1,p=1$"));
	assert_string_not_equal(one, two);
	assert_int_equal(password_verify(one, "correct-horse-9"), RC_OK);
	assert_int_equal(password_verify(two, "correct-horse-9"), RC_OK);
	assert_int_equal(password_verify(one, "correct-horse-8"), RC_AUTH);
	assert_int_equal(password_verify(one, ""), RC_AUTH);
	assert_int_equal(password_verify(one, "correct-horse-9 "), RC_AUTH);
}

static void
no_hash(void **state)
{
	(void)state;
	assert_int_equal(password_verify(NULL, "anything"), RC_AUTH);
	assert_int_equal(password_verify(NULL,
	    "not the password of an account"), RC_AUTH);
}

/* No password matches a malformed hash. */
static void
invalid_hashes(void **state)
{
	char *hash = password_hash(&arena, "correct-horse-9");
	static const char *const bad[] = { "", "plain", "$argon2id$",
		"$argon2id$v=19$m=64,t=1,p=1$", "$argon2id$v=19$m=64,t=1,p=1$$",
		("$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA") };
	size_t i, n = strlen(hash);

	(void)state;
	for (i = 0; i < NELEM(bad); i++)
		assert_int_equal(password_verify(bad[i], "x"), RC_AUTH);
	assert_int_equal(password_verify(arena_fmt(&arena, "%sA", hash),
	    "correct-horse-9"), RC_AUTH);
	for (i = 0; i < n; i++)
		assert_int_equal(password_verify(arena_strn(&arena, hash, i),
		    "correct-horse-9"), RC_AUTH);
}

/* Hashes of other parameters that libsodium made can be verified. */
static void
agrees_with_libsodium(void **state)
{
	char text[crypto_pwhash_STRBYTES];
	int i;

	(void)state;
	for (i = 1; i <= 3; i++) {
		assert_int_equal(crypto_pwhash_str(text, "correct-horse-9", 15,
		    (unsigned)i, (size_t)i << 16), 0);
		assert_int_equal(password_verify(text, "correct-horse-9"),
		    RC_OK);
		assert_int_equal(password_verify(text, "correct-horse-8"),
		    RC_AUTH);
	}
}

/* Limits the memory of this process to its present size and 16 MiB. */
static bool
limit_memory(void)
{
	unsigned long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");
	struct rlimit limit;

	if (f == NULL)
		return false;
	if (fscanf(f, "%lu", &pages) != 1)
		pages = 0;
	fclose(f);
	limit.rlim_cur = limit.rlim_max =
	    pages * (rlim_t)sysconf(_SC_PAGESIZE) + (16 << 20);
	return pages > 0 && setrlimit(RLIMIT_AS, &limit) == 0;
}

/* A failed allocation is neither a match nor a wrong password. */
static void
no_memory(void **state)
{
	struct conf large = conf;
	int status;
	char *hash;
	pid_t child;

	(void)state;
	if (emulated())
		return;
	large.argon_mem_kib = 64 * 1024;
	assert_true(password_init(&large));
	hash = password_hash(&arena, "correct-horse-9");
	assert_non_null(hash);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(!limit_memory() ? 1 :
		    password_verify(hash, "correct-horse-9") != RC_FAULT ? 2 :
		    password_verify(hash, "correct-horse-8") != RC_FAULT ? 3 :
		    password_verify(NULL, "correct-horse-9") != RC_FAULT ? 4 :
		    0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(password_verify(hash, "correct-horse-9"), RC_OK);
	assert_true(password_init(&conf));
}

static void
old_parameters(void **state)
{
	char *hash = password_hash(&arena, "correct-horse-9");
	struct conf more = conf;

	(void)state;
	assert_false(password_old(hash));
	more.argon_time = 2;
	assert_true(password_init(&more));
	assert_true(password_old(hash));
	assert_int_equal(password_verify(hash, "correct-horse-9"), RC_OK);
	assert_true(password_init(&conf));
	assert_false(password_old(hash));
}

static void
weak(void **state)
{
	static const char *const bad[] = {
		"", "1234567", "short", "password", "PASSWORD", "PassWord123",
		"12345678", "qwertyuiop", "iloveyou", "aaaaaaaa", "ana.maria",
		"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9",
	};
	static const char *const good[] = {
		"correct-horse-9", "correct horse battery", "xq7!kd0pz",
		"\xc3\xa9\xc3\xa8\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9",
		"passwordpasswordx",
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(bad); i++)
		if (password_weak(bad[i], &conf, "ana.maria", NULL) == NULL)
			fail_msg("taken: %s", bad[i]);
	for (i = 0; i < NELEM(good); i++)
		if (password_weak(good[i], &conf, "ana.maria", NULL) != NULL)
			fail_msg("refused: %s", good[i]);
	assert_null(password_weak("ana.maria", &conf, NULL, NULL));
}

/* Words of the service and of the owner of the password. */
static void
known_words(void **state)
{
	static const char *const bad[] = {
		"earmark1", "2024Earmark!", "EARMARKearmark", "hear-me-2025",
		"HearMeHearMe", "talk12345", "example.2024", "12example12",
		"ana_maria_7", "AnaMaria2001", "maria.lopez", "marialopez99",
		"maria.lopez@mail.example", "jos\xc3\xa9jos\xc3\xa9",
	};
	static const char *const good[] = {
		"earmarked-9", "hear me out", "talking-loud", "8443-8443",
		"ana-and-maria", "lopez-at-home", "http-https", "my-com-com",
	};
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(bad); i++)
		if (password_weak(bad[i], &conf, i < 13 ? "ana.maria" :
		    "jos\xc3\xa9", "maria.lopez@mail.example") == NULL)
			fail_msg("taken: %s", bad[i]);
	for (i = 0; i < NELEM(good); i++)
		if (password_weak(good[i], &conf, "ana.maria",
		    "maria.lopez@mail.example") != NULL)
			fail_msg("refused: %s", good[i]);
	assert_null(password_weak("xy-2024-2024", &conf, "xy", NULL));
	assert_non_null(password_weak("12345.678", &conf, "12345.678", NULL));
}

/*
 * The list is used for binary search: sorted, in lower case, without
 * duplicates.
 */
static void
list_sorted(void **state)
{
	char lower[64];
	size_t i;

	(void)state;
	assert_true(common_passwords_n >= 5000);
	for (i = 0; i < common_passwords_n; i++) {
		assert_true(strlen(common_passwords[i]) < sizeof(lower));
		memcpy(lower, common_passwords[i],
		    strlen(common_passwords[i]) + 1);
		str_lower(lower);
		assert_string_equal(lower, common_passwords[i]);
		assert_true(strlen(lower) >= PASSWORD_MIN);
		if (i > 0)
			assert_true(strcmp(common_passwords[i - 1], lower) < 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hash_and_verify),
		cmocka_unit_test(no_hash),
		cmocka_unit_test(invalid_hashes),
		cmocka_unit_test(agrees_with_libsodium),
		cmocka_unit_test(no_memory),
		cmocka_unit_test(old_parameters),
		cmocka_unit_test(weak),
		cmocka_unit_test(known_words),
		cmocka_unit_test(list_sorted),
	};

	arena_init(&arena, 1 << 20);
	if (!password_init(&conf))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
