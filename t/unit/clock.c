/* clock: formatting and parsing RFC 3339 times. */
#include "unit.h"

#include "base/clock.h"

#define LAST	INT64_C(253402300799999)

static const struct {
	const char *text;
	int64_t ms;
} times[] = {
	{ "1970-01-01T00:00:00Z", 0 },
	{ "1970-01-01T00:00:01Z", 1000 },
	{ "1999-12-31T23:59:59Z", INT64_C(946684799000) },
	{ "2000-02-29T12:00:00Z", INT64_C(951825600000) },
	{ "2024-02-29T23:59:59Z", INT64_C(1709251199000) },
	{ "2024-06-23T10:12:07Z", INT64_C(1719137527000) },
	{ "2038-01-19T03:14:08Z", INT64_C(2147483648000) },
	{ "2100-03-01T00:00:00Z", INT64_C(4107542400000) },
	{ "9999-12-31T23:59:59Z", INT64_C(253402300799000) },
};

static void
known_times_both_ways(void **state)
{
	char text[CLOCK_TEXT];
	int64_t ms;
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(times); i++) {
		clock_text(times[i].ms, text);
		assert_string_equal(text, times[i].text);
		assert_true(clock_parse(times[i].text, &ms));
		assert_true(ms == times[i].ms);
	}
}

/* Compares each day of the calendar with the C library. */
static void
every_day_both_ways(void **state)
{
	char text[CLOCK_TEXT], want[CLOCK_TEXT + 64];
	int64_t ms, day, back;
	struct tm tm;
	time_t t;

	(void)state;
	for (day = 0; day * DAY < LAST; day++) {
		ms = day * DAY + day * 7919 % 86400 * SECOND;
		t = (time_t)(ms / SECOND);
		gmtime_r(&t, &tm);
		snprintf(want, sizeof(want), "%04d-%02d-%02dT%02d:%02d:%02dZ",
		    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		    tm.tm_min, tm.tm_sec);
		clock_text(ms + 999, text);
		if (!str_eq(text, want))
			fail_msg("%s is not %s", text, want);
		assert_true(clock_parse(text, &back));
		assert_true(back == ms);
	}
}

static void
other_spellings_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{ "2024-06-23", INT64_C(1719100800000) },
		{ "1970-01-01", 0 },
		{ "2024-06-23t10:12:07z", INT64_C(1719137527000) },
		{ "2024-06-23T10:12:07+00:00", INT64_C(1719137527000) },
		{ "2024-06-23T10:12:07-00:00", INT64_C(1719137527000) },
		{ "2024-06-23T15:42:07+05:30", INT64_C(1719137527000) },
		{ "2024-06-23T02:12:07-08:00", INT64_C(1719137527000) },
		{ "2024-06-24T10:11:07+23:59", INT64_C(1719137527000) },
		{ "2024-06-23T10:12:07.5Z", INT64_C(1719137527500) },
		{ "2024-06-23T10:12:07.05Z", INT64_C(1719137527050) },
		{ "2024-06-23T10:12:07.123Z", INT64_C(1719137527123) },
		{ "2024-06-23T10:12:07.123999999999999Z",
		  INT64_C(1719137527123) },
		{ "2016-12-31T23:59:60Z", INT64_C(1483228800000) },
		{ "1970-01-01T05:30:00+05:30", 0 },
		{ "9999-12-31T23:59:59.999Z", LAST },
	};
	int64_t ms;
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(rows); i++) {
		if (!clock_parse(rows[i].text, &ms) || ms != rows[i].ms)
			fail_msg("%s: not read", rows[i].text);
	}
}

static void
what_is_no_time_is_refused(void **state)
{
	static const char *const rows[] = { "", "2024", "2024-06", "2024-06-",
		"2024-6-23", "2024-06-23T", "2024-06-23T10", "2024-06-23T10:12",
		"2024-06-23T10:12Z", "2024-06-23T10:12:07", " 2024-06-23",
		"2024-06-23 ", "2024-06-23 10:12:07Z", "2024-06-23T10:12:07Zx",
		"2024-06-23T10:12:07.Z", "2024-06-23T10:12:07,5Z",
		"2024-06-23T10:12:7Z", "2024-06-23T24:00:00Z",
		"2024-06-23T10:60:00Z", "2024-06-23T10:12:61Z",
		"2024-00-23", "2024-13-23", "2024-06-00", "2024-06-31",
		"2023-02-29", "2100-02-29", "2024-02-30", "1969-12-31",
		"0000-01-01", "-2024-06-23", "+2024-06-23", "10000-01-01",
		"2024-06-23T10:12:07+5:30", "2024-06-23T10:12:07+0530",
		"2024-06-23T10:12:07+24:00", "2024-06-23T10:12:07+05:60",
		"2024-06-23T10:12:07+", "2024-06-23T10:12:07 Z",
		"2024-06-23T-1:12:07Z", "2024/06/23", "20240623",
		"1719137527", "now", "2024-W25-7", "2024-06-23Z",
		"1970-01-01T00:00:00+00:01", "9999-12-31T23:59:60Z",
		"9999-12-31T23:59:59-00:01", "2024-06-23T10:12:07\xc3\xa9" };
	int64_t ms = 42;
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(rows); i++) {
		if (clock_parse(rows[i], &ms))
			fail_msg("%s: taken", rows[i]);
		assert_int_equal(ms, 42);
	}
}

static void
clocks_go(void **state)
{
	int64_t wall = clock_now(), mono = clock_mono();

	(void)state;
	assert_true(wall > INT64_C(1700000000000) && wall < LAST);
	usleep(2000);
	assert_in_range(clock_mono() - mono, 2000, 60000000);
	assert_true(clock_now() > wall);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_times_both_ways),
		cmocka_unit_test(every_day_both_ways),
		cmocka_unit_test(other_spellings_are_read),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(clocks_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
