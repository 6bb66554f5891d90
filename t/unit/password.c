/* password: Argon2id, and what nobody should use. */
#include "crypto/password.h"

#include "crypto/common_passwords.h"
#include "t/unit/unit.h"

static struct arena arena;
static struct conf conf = { .argon_mem_kib = 64, .argon_time = 1 };

static void
hash_and_verify(void **state)
{
	char *one = password_hash(&arena, "correct-horse-9");
	char *two = password_hash(&arena, "correct-horse-9");

	(void)state;
	assert_non_null(one);
	assert_true(str_prefix(one, "$argon2id$v=19$m=64,t=1,p=1$"));
	assert_string_not_equal(one, two);
	assert_true(password_verify(one, "correct-horse-9"));
	assert_true(password_verify(two, "correct-horse-9"));
	assert_false(password_verify(one, "correct-horse-8"));
	assert_false(password_verify(one, ""));
	assert_false(password_verify(one, "correct-horse-9 "));
}

static void
nobodys_hash(void **state)
{
	(void)state;
	assert_false(password_verify(NULL, "anything"));
	assert_false(password_verify(NULL, "nobody has this password"));
	assert_false(password_verify("", ""));
	assert_false(password_verify("$argon2id$", "x"));
	assert_false(password_verify("plain", "plain"));
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
	assert_true(password_verify(hash, "correct-horse-9"));
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
		if (password_weak(bad[i], "ana.maria") == NULL)
			fail_msg("taken: %s", bad[i]);
	for (i = 0; i < NELEM(good); i++)
		if (password_weak(good[i], "ana.maria") != NULL)
			fail_msg("refused: %s", good[i]);
	assert_null(password_weak("ana.maria", NULL));
}

/* The list is searched by halves: sorted, lower case, nothing twice. */
static void
list_sorted(void **state)
{
	char lower[64];
	size_t i;

	(void)state;
	assert_true(common_passwords_n > 300);
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
		cmocka_unit_test(nobodys_hash),
		cmocka_unit_test(old_parameters),
		cmocka_unit_test(weak),
		cmocka_unit_test(list_sorted),
	};

	arena_init(&arena, 1 << 20);
	if (!password_init(&conf))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
