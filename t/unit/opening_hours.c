/* opening_hours: texts, overlaps, and openings at changes of the clock. */
#include "unit.h"

#include "base/clock.h"
#include "base/opening_hours.h"

static struct opening_hours hours;

static int64_t
at(const char *text)
{
	int64_t t;

	assert_true(clock_parse(text, &t));
	return t;
}

static void
set(const char *weekly, const char *exceptions)
{
	assert_true(opening_hours_parse(weekly, exceptions, &hours));
}

/* Checks the opening after a time. NULL: none. */
static void
next_is(const char *zone, const char *now, const char *want)
{
	int64_t next = opening_hours_next(&hours, zone, at(now), 0);

	assert_int_equal(next, want == NULL ? INT64_MIN : at(want));
}

static void
includes(const char *zone, const char *when, bool want)
{
	assert_int_equal(opening_hours_include(&hours, zone, at(when)), want);
}

static void
texts(void **state)
{
	static const char *const invalid[] = { "0 09:00-17:00\n",
	    "8 09:00-17:00\n", "1 09:00-17:00", "1 9:00-17:00\n",
	    "1 09:00-09:00\n", "1 24:00-02:00\n", "1 09:60-10:00\n",
	    "1 09:00-24:01\n", "1 09:00\n", "1\n", "\n", "x" };
	static const char *const invalid_dates[] = { "2026-12-24\n",
	    "2026-12-24 2026-12-23\n", "2026-02-30 2026-03-01\n",
	    "2026-12-24 2026-12-24 09:00\n", "2026-12-24 2026-12-24" };
	static const char weekly[] = "1 09:00-17:00\n1 22:00-02:00\n"
	    "7 00:00-24:00\n";
	static const char exceptions[] = "2026-12-24 2026-12-26\n"
	    "2027-01-01 2027-01-01 10:00-12:00 23:30-24:00\n";
	char text[OPENING_EXCEPTIONS_TEXT];
	size_t i;

	(void)state;
	set(weekly, exceptions);
	opening_hours_weekly_text(&hours, text);
	assert_string_equal(text, weekly);
	opening_hours_exceptions_text(&hours, text);
	assert_string_equal(text, exceptions);
	for (i = 0; i < NELEM(invalid); i++)
		assert_false(opening_hours_parse(invalid[i], "", &hours));
	for (i = 0; i < NELEM(invalid_dates); i++)
		assert_false(opening_hours_parse("", invalid_dates[i],
		    &hours));
}

/* The largest hours fit into the buffers. */
static void
largest(void **state)
{
	char weekly[OPENING_WEEKLY_TEXT], exceptions[OPENING_EXCEPTIONS_TEXT];
	struct opening_day full = { .n = OPENING_WINDOWS };
	int i;

	(void)state;
	for (i = 0; i < OPENING_WINDOWS; i++)
		full.v[i] = (struct opening_window){ 60 * i, 60 * i + 30 };
	for (i = 0; i < 7; i++)
		hours.weekly[i] = full;
	hours.n = OPENING_EXCEPTIONS;
	for (i = 0; i < OPENING_EXCEPTIONS; i++)
		hours.v[i] = (struct opening_exception){ 20000 + i, 20000 + i,
		    full };
	opening_hours_weekly_text(&hours, weekly);
	opening_hours_exceptions_text(&hours, exceptions);
	assert_int_equal(strlen(weekly) + 1, OPENING_WEEKLY_TEXT);
	assert_int_equal(strlen(exceptions) + 1, OPENING_EXCEPTIONS_TEXT);
	assert_true(opening_hours_parse(weekly, exceptions, &hours));
	memcpy(weekly + strlen(weekly) - 14, "7 23:00-23:30\n", 14);
	assert_true(opening_hours_parse(weekly, exceptions, &hours));
}

static void
overlaps(void **state)
{
	(void)state;
	set("1 09:00-12:00\n1 12:00-17:00\n1 20:00-02:00\n2 02:00-03:00\n",
	    "");
	assert_false(opening_hours_weekly_overlap(&hours));
	set("1 09:00-12:00\n1 11:59-17:00\n", "");
	assert_true(opening_hours_weekly_overlap(&hours));
	set("1 20:00-02:01\n2 02:00-03:00\n", "");
	assert_true(opening_hours_weekly_overlap(&hours));
	/* From Sunday to Monday. */
	set("1 01:00-03:00\n7 20:00-02:00\n", "");
	assert_true(opening_hours_weekly_overlap(&hours));
	set("", "2026-12-24 2026-12-25 20:00-02:00 01:00-03:00\n");
	assert_false(opening_hours_day_overlap(&hours.v[0].day, false));
	assert_true(opening_hours_day_overlap(&hours.v[0].day, true));
}

/* Monday 2026-11-30. */
static void
weekly(void **state)
{
	(void)state;
	set("1 09:00-17:00\n3 09:00-12:00\n", "");
	next_is("Asia/Kolkata", "2026-11-30T03:29:59Z",
	    "2026-11-30T03:30:00Z");
	next_is("Asia/Kolkata", "2026-11-30T03:30:00Z",
	    "2026-12-02T03:30:00Z");
	next_is("Asia/Kathmandu", "2026-12-02T12:00:00Z",
	    "2026-12-07T03:15:00Z");
	includes("Asia/Kolkata", "2026-11-30T03:29:59Z", false);
	includes("Asia/Kolkata", "2026-11-30T03:30:00Z", true);
	includes("Asia/Kolkata", "2026-11-30T11:29:59Z", true);
	includes("Asia/Kolkata", "2026-11-30T11:30:00Z", false);
	/* Both sides of the date line: Monday there, Sunday in London. */
	next_is("Pacific/Kiritimati", "2026-11-29T12:00:00Z",
	    "2026-11-29T19:00:00Z");
	next_is("Pacific/Pago_Pago", "2026-11-29T12:00:00Z",
	    "2026-11-30T20:00:00Z");
	next_is("Mars/Phobos", "2026-11-29T12:00:00Z", NULL);
	includes("Mars/Phobos", "2026-11-30T12:00:00Z", false);
	set("", "");
	next_is("UTC", "2026-11-29T12:00:00Z", NULL);
}

/* Windows that touch, or continue past midnight, are one opening. */
static void
merged(void **state)
{
	(void)state;
	set("1 22:00-02:00\n2 02:00-06:00\n2 06:00-07:00\n", "");
	next_is("UTC", "2026-11-30T20:00:00Z", "2026-11-30T22:00:00Z");
	next_is("UTC", "2026-11-30T23:00:00Z", "2026-12-07T22:00:00Z");
	next_is("UTC", "2026-12-01T01:00:00Z", "2026-12-07T22:00:00Z");
	includes("UTC", "2026-12-01T01:59:59Z", true);
	includes("UTC", "2026-12-01T07:00:00Z", false);
	set("1 00:00-24:00\n2 00:00-24:00\n3 00:00-24:00\n4 00:00-24:00\n"
	    "5 00:00-24:00\n6 00:00-24:00\n7 00:00-24:00\n", "");
	next_is("Europe/Berlin", "2026-11-30T20:00:00Z", NULL);
	/* After an exception, a new opening begins. */
	set("1 00:00-24:00\n2 00:00-24:00\n3 00:00-24:00\n4 00:00-24:00\n"
	    "5 00:00-24:00\n6 00:00-24:00\n7 00:00-24:00\n",
	    "2027-03-01 2027-03-14\n");
	next_is("UTC", "2026-11-30T20:00:00Z", "2027-03-15T00:00:00Z");
}

static void
exceptions(void **state)
{
	(void)state;
	set("4 09:00-17:00\n5 22:00-02:00\n",
	    "2026-12-24 2026-12-30\n2026-12-31 2026-12-31 10:00-12:00\n"
	    "2027-01-02 2027-01-02\n");
	next_is("UTC", "2026-12-19T00:00:00Z", "2026-12-31T10:00:00Z");
	next_is("UTC", "2026-12-31T10:00:00Z", "2027-01-01T22:00:00Z");
	includes("UTC", "2026-12-24T10:00:00Z", false);
	includes("UTC", "2026-12-31T11:00:00Z", true);
	includes("UTC", "2026-12-31T12:00:00Z", false);
	/* The window of Friday continues on Saturday, which is closed. */
	includes("UTC", "2027-01-02T01:00:00Z", true);
	/* Nothing is found after the horizon. */
	set("4 09:00-17:00\n", "2026-12-24 2029-12-30\n");
	next_is("UTC", "2026-12-24T00:00:00Z", NULL);
	/* A time of the exception only. */
	set("", "2027-06-01 2027-06-01 10:00-12:00\n");
	next_is("Asia/Kolkata", "2026-12-24T00:00:00Z",
	    "2027-06-01T04:30:00Z");
}

/* The clocks of Berlin skip 02:00 to 03:00 on Sunday 2027-03-28. */
static void
gap(void **state)
{
	(void)state;
	set("6 09:00-10:00\n7 09:00-10:00\n1 09:00-10:00\n", "");
	next_is("Europe/Berlin", "2027-03-27T00:00:00Z",
	    "2027-03-27T08:00:00Z");
	next_is("Europe/Berlin", "2027-03-27T09:00:00Z",
	    "2027-03-28T07:00:00Z");
	/* 02:30 does not exist; it is 03:30. */
	set("7 02:30-05:00\n", "");
	next_is("Europe/Berlin", "2027-03-28T00:00:00Z",
	    "2027-03-28T01:30:00Z");
	includes("Europe/Berlin", "2027-03-28T01:29:59Z", false);
	includes("Europe/Berlin", "2027-03-28T02:59:59Z", true);
	includes("Europe/Berlin", "2027-03-28T03:00:00Z", false);
	/* The end, 03:00, is before the start, so there is no opening. */
	set("7 02:30-03:00\n", "");
	next_is("Europe/Berlin", "2027-03-28T00:00:00Z",
	    "2027-04-04T00:30:00Z");
	/* A window in the gap can begin after a window that follows it. */
	set("7 02:30-02:45\n7 03:00-03:10\n", "");
	next_is("Europe/Berlin", "2027-03-28T00:00:00Z",
	    "2027-03-28T01:00:00Z");
	next_is("Europe/Berlin", "2027-03-28T01:00:00Z",
	    "2027-03-28T01:30:00Z");
	/* The southern hemisphere, and a change of half an hour. */
	set("7 09:00-10:00\n", "");
	next_is("Australia/Sydney", "2027-09-30T00:00:00Z",
	    "2027-10-02T22:00:00Z");
	set("7 02:15-04:00\n", "");
	next_is("Australia/Lord_Howe", "2027-10-02T00:00:00Z",
	    "2027-10-02T15:45:00Z");
	/* Samoa skipped Friday 2011-12-30. */
	set("4 09:00-10:00\n6 09:00-10:00\n", "");
	next_is("Pacific/Apia", "2011-12-29T20:00:00Z",
	    "2011-12-30T19:00:00Z");
	/* A window of the skipped day begins after one of the next day. */
	set("5 01:30-01:45\n6 01:00-01:15\n", "");
	next_is("Pacific/Apia", "2011-12-30T05:00:00Z",
	    "2011-12-30T11:00:00Z");
	next_is("Pacific/Apia", "2011-12-30T11:00:00Z",
	    "2011-12-30T11:30:00Z");
}

/* The clocks of Berlin show 02:00 to 03:00 twice on Sunday 2027-10-31. */
static void
overlap(void **state)
{
	(void)state;
	set("7 02:30-02:45\n", "");
	next_is("Europe/Berlin", "2027-10-30T22:00:00Z",
	    "2027-10-31T00:30:00Z");
	next_is("Europe/Berlin", "2027-10-31T00:30:00Z",
	    "2027-11-07T01:30:00Z");
	includes("Europe/Berlin", "2027-10-31T00:40:00Z", true);
	includes("Europe/Berlin", "2027-10-31T01:40:00Z", false);
	set("7 01:00-06:00\n", "");
	includes("Europe/Berlin", "2027-10-31T01:40:00Z", true);
	includes("Europe/Berlin", "2027-10-31T04:59:59Z", true);
	includes("Europe/Berlin", "2027-10-31T05:00:00Z", false);
	/* A time zone whose daylight time is negative. */
	set("7 01:30-04:00\n", "");
	next_is("Europe/Dublin", "2027-10-30T12:00:00Z",
	    "2027-10-31T00:30:00Z");
}

static void
limits(void **state)
{
	(void)state;
	set("1 09:00-17:00\n2 09:00-17:00\n", "");
	/* Within an opening: at once when the limit ends. */
	assert_int_equal(opening_hours_next(&hours, "UTC",
	    at("2026-11-30T10:00:00Z"), at("2026-12-01T10:30:00Z")),
	    at("2026-12-01T10:30:00Z"));
	assert_int_equal(opening_hours_next(&hours, "UTC",
	    at("2026-11-30T10:00:00Z"), at("2026-11-30T18:00:00Z")),
	    at("2026-12-01T09:00:00Z"));
	assert_int_equal(opening_hours_next(&hours, "UTC",
	    at("2026-11-30T10:00:00Z"), at("2026-11-30T09:30:00Z")),
	    at("2026-12-01T09:00:00Z"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts), cmocka_unit_test(largest),
		cmocka_unit_test(overlaps), cmocka_unit_test(weekly),
		cmocka_unit_test(merged), cmocka_unit_test(exceptions),
		cmocka_unit_test(gap), cmocka_unit_test(overlap),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
