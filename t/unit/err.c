/* err: result codes, their texts and error details. */
#include "unit.h"

#include "base/arena.h"
#include "base/err.h"

static struct arena arena;

static void
every_rc_has_its_words(void **state)
{
	enum rc rc;

	(void)state;
	for (rc = RC_OK; rc < RC_MAX; rc++) {
		const char *code = rc_code(rc);

		assert_non_null(code);
		assert_true(strlen(code) > 0);
		assert_int_equal(strspn(code, "abcdefghijklmnopqrstuvwxyz_"),
		    strlen(code));
		assert_non_null(rc_message(rc));
		assert_true(strlen(rc_message(rc)) > 0);
		assert_int_equal(rc_ok(rc), rc <= RC_NOT_MODIFIED ||
		    rc == RC_SEE_OTHER);
	}
	/* Codes that the API documents. */
	assert_string_equal(rc_code(RC_NOT_FOUND), "not_found");
	assert_string_equal(rc_code(RC_METHOD), "method_not_allowed");
	assert_string_equal(rc_code(RC_INVALID), "validation_failed");
	assert_string_equal(rc_code(RC_TOO_LARGE), "payload_too_large");
	assert_string_equal(rc_code(RC_MEDIA), "unsupported_media_type");
	assert_string_equal(rc_code(RC_LIMITED), "rate_limited");
	assert_string_equal(rc_code(RC_BUSY), "busy");
	assert_string_equal(rc_code(RC_FULL), "storage_full");
	assert_string_equal(rc_message(RC_AUTH), "Invalid or expired token");
}

static void
a_fresh_error_is_none(void **state)
{
	struct err err;

	(void)state;
	memset(&err, 0xff, sizeof(err));
	err_init(&err, &arena);
	assert_int_equal(err.rc, RC_OK);
	assert_null(err.code);
	assert_null(err.message);
	assert_null(err.fields);
	assert_null(err.state);
	assert_int_equal(err.retry_after, 0);
	assert_int_equal(err.attempts_left, -1);
	assert_int_equal(err.wait_time, -1);
}

static void
the_last_word_counts(void **state)
{
	char word[] = "abc";
	struct err err;

	(void)state;
	err_init(&err, &arena);
	assert_int_equal(err_set(&err, RC_CONFLICT, "already_saved",
	    "%s %d", word, 5), RC_CONFLICT);
	word[0] = 'x';
	assert_int_equal(err.rc, RC_CONFLICT);
	assert_string_equal(err.code, "already_saved");
	assert_string_equal(err.message, "abc 5");
	assert_int_equal(err_set(&err, RC_NOT_FOUND, NULL, NULL),
	    RC_NOT_FOUND);
	assert_int_equal(err.rc, RC_NOT_FOUND);
	assert_null(err.code);
	assert_null(err.message);
}

static void
fields_are_kept_in_order(void **state)
{
	struct err err;

	(void)state;
	err_init(&err, &arena);
	assert_int_equal(err_field(&err, "a", "is required"), RC_INVALID);
	assert_int_equal(err_field(&err, "b", "must be a UUID"), RC_INVALID);
	assert_int_equal(err_field(&err, "c", "must be a string"), RC_INVALID);
	assert_int_equal(err.rc, RC_INVALID);
	assert_string_equal(err.fields->name, "a");
	assert_string_equal(err.fields->why, "is required");
	assert_string_equal(err.fields->next->name, "b");
	assert_string_equal(err.fields->next->next->name, "c");
	assert_null(err.fields->next->next->next);
}

static void
bug(void)
{
	BUG("%d and %s", 5, "x");
}

static void
long_bug(void)
{
	char text[2000];

	memset(text, 'x', sizeof(text));
	BUG("%.*s", (int)sizeof(text), text);
}

/* BUG() prints the place and a message in one line and aborts. */
static void
a_bug_says_where(void **state)
{
	char text[256] = "";
	int ends[2], status;
	pid_t child;
	ssize_t n;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		bug();
		_exit(0);
	}
	close(ends[1]);
	n = read(ends[0], text, sizeof(text) - 1);
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	assert_true(n > 0);
	assert_true(str_prefix(text, "BUG at "));
	assert_non_null(strstr(text, "unit/err.c:"));
	assert_non_null(strstr(text, ": 5 and x\n"));
	assert_true(dies(long_bug));
}

static int
set_up(void **state)
{
	(void)state;
	arena_init(&arena, 1 << 20);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rc_has_its_words),
		cmocka_unit_test(a_fresh_error_is_none),
		cmocka_unit_test(the_last_word_counts),
		cmocka_unit_test(fields_are_kept_in_order),
		cmocka_unit_test(a_bug_says_where),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
