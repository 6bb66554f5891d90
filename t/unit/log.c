/* log: the output is one JSON object per line for any input. */
#include "unit.h"

#include <sys/mman.h>

#include "base/clock.h"
#include "base/log.h"
#include "json/json_decode.h"
#include "json/json_validate.h"

static int file, saved;
static char *text;			/* output so far */

/* Redirects standard error to a file. */
static void
catch(void)
{
	fflush(stderr);
	saved = dup(STDERR_FILENO);
	assert_int_equal(ftruncate(file, 0), 0);
	assert_int_equal(lseek(file, 0, SEEK_SET), 0);
	dup2(file, STDERR_FILENO);
}

static void
release(void)
{
	off_t n = lseek(file, 0, SEEK_END);

	dup2(saved, STDERR_FILENO);
	close(saved);
	free(text);
	text = calloc(1, (size_t)n + 1);
	assert_int_equal(pread(file, text, (size_t)n, 0), n);
}

/* Checks that the output is count lines with one JSON object each. */
static void
are_lines(int count)
{
	char *line = text, *end;

	for (; (end = strchr(line, '\n')) != NULL; line = end + 1, count--) {
		const char *why = json_validate(line, (size_t)(end - line));

		if (why != NULL || *line != '{')
			fail_msg("%s: %.*s", why, (int)(end - line), line);
	}
	assert_string_equal(line, "");
	assert_int_equal(count, 0);
}

static void
a_line_has_its_members(void **state)
{
	char before[CLOCK_TEXT];

	(void)state;
	clock_text(clock_now(), before);
	catch();
	log_line(LOG_INFO, "worker_started", "pool %s, %d", "user", 3);
	log_flush();
	release();
	are_lines(1);
	assert_true(str_prefix(text, "{\"at\":\"20"));
	assert_true(strncmp(text + 7, before, 19) >= 0);
	assert_int_equal(text[26], '.');
	assert_int_equal(text[30], 'Z');
	assert_string_equal(text + 31, "\",\"level\":\"info\",\"program\":\"unit"
	    "\",\"event\":\"worker_started\",\"message\":\"pool user, 3\"}\n");
}

static void
a_line_is_built_piece_by_piece(void **state)
{
	(void)state;
	catch();
	assert_true(log_begin(LOG_WARN, "request"));
	log_str("route", "/a");
	log_str("none", NULL);
	log_int("status", 200);
	log_int("least", INT64_MIN);
	log_end();
	log_flush();
	release();
	are_lines(1);
	assert_non_null(strstr(text, ",\"level\":\"warn\","));
	assert_non_null(strstr(text, ",\"event\":\"request\",\"route\":\"/a\","
	    "\"status\":200,\"least\":-9223372036854775808}\n"));
}

static void
levels_below_are_left_out(void **state)
{
	(void)state;
	catch();
	log_init("unit", LOG_WARN);
	assert_false(log_begin(LOG_INFO, "x"));
	log_info("x", "%s", "y");
	log_line(LOG_DEBUG, "x", "%s", "y");
	log_warn("x", "%s", "y");
	log_init("unit", LOG_DEBUG);
	log_line(LOG_DEBUG, "x", "%s", "y");
	log_init("unit", LOG_INFO);
	log_flush();
	release();
	are_lines(2);
}

static void
lines_wait_for_the_flush_but_errors(void **state)
{
	(void)state;
	catch();
	log_info("x", "one");
	log_warn("x", "two");
	release();
	are_lines(0);
	catch();
	log_error("x", "three");
	release();
	are_lines(3);
	catch();
	log_flush();
	release();
	are_lines(0);
}

static void
anything_said_is_json(void **state)
{
	static const char *const texts[] = { "", "\"", "\\", "\n", "\r\t\b\f",
		"\001\037", "\177", "\303\251", "\360\237\230\200", "\377",
		"\300\200", "a\303", "\"}\n{\"at\":\"", "%s%n", "\342\200\250" };
	char big[2000];
	size_t i, n;

	(void)state;
	catch();
	for (i = 0; i < NELEM(texts); i++) {
		assert_true(log_begin(LOG_INFO, "x"));
		log_str("value", texts[i]);
		log_end();
		log_info("x", "%s", texts[i]);
	}
	log_flush();
	release();
	are_lines(2 * (int)NELEM(texts));
	assert_non_null(strstr(text, "\"value\":\"\303\251\""));
	assert_non_null(strstr(text, "\"value\":\"\\\"}"));

	/* The value is cut, also within a character. */
	for (n = 505; n < 530; n++) {
		memset(big, 'a', n);
		memcpy(big + n, "\342\202\254\342\202\254\342\202\254", 10);
		catch();
		assert_true(log_begin(LOG_INFO, "x"));
		log_str("value", big);
		log_end();
		log_info("x", "%s", big);
		log_flush();
		release();
		are_lines(2);
		assert_true(strlen(text) < 1500);
	}
}

static void
many_lines_are_all_there(void **state)
{
	int i;

	(void)state;
	catch();
	for (i = 0; i < 3000; i++)
		log_info("x", "a line that is long enough to fill it: %d", i);
	log_flush();
	release();
	are_lines(3000);
	assert_non_null(strstr(text, ": 2999\"}\n"));
}

static int
set_up(void **state)
{
	(void)state;
	file = memfd_create("log", 0);
	log_init("unit", LOG_INFO);
	return file < 0;
}

static int
tear_down(void **state)
{
	(void)state;
	free(text);
	return close(file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_its_members),
		cmocka_unit_test(a_line_is_built_piece_by_piece),
		cmocka_unit_test(levels_below_are_left_out),
		cmocka_unit_test(lines_wait_for_the_flush_but_errors),
		cmocka_unit_test(anything_said_is_json),
		cmocka_unit_test(many_lines_are_all_there),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
