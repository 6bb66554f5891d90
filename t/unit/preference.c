/* preference: channels of a notification, and quiet hours. */
#include "unit.h"

#include "base/clock.h"
#include "domain/messaging/preference.h"

static int64_t
at(const char *text)
{
	int64_t t;

	assert_true(clock_parse(text, &t));
	return t;
}

/*
 * Checks when a notification at `now` is sent. start and end are minutes of
 * the day, `east` is the UTC offset in minutes.
 */
static void
wakes(int64_t start, int64_t end, int64_t east, const char *now,
    const char *want)
{
	struct preference p = { .quiet_start = start, .quiet_end = end,
		.utc_offset = east };

	assert_int_equal(preference_awake(&p, at(now)), at(want));
}

static void
quiet(void **state)
{
	(void)state;
	/* No quiet hours. */
	wakes(INT64_MIN, INT64_MIN, 0, "2026-01-02T03:04:05Z",
	    "2026-01-02T03:04:05Z");
	wakes(60, 60, 0, "2026-01-02T01:00:00Z", "2026-01-02T01:00:00Z");
	/* 13:00 to 14:00. The start is quiet, the end is not. */
	wakes(780, 840, 0, "2026-01-02T12:59:59Z", "2026-01-02T12:59:59Z");
	wakes(780, 840, 0, "2026-01-02T13:00:00Z", "2026-01-02T14:00:00Z");
	wakes(780, 840, 0, "2026-01-02T13:59:59Z", "2026-01-02T14:00:00Z");
	wakes(780, 840, 0, "2026-01-02T14:00:00Z", "2026-01-02T14:00:00Z");
	/* Across midnight and the end of a year. */
	wakes(1320, 420, 0, "2025-12-31T22:00:00Z", "2026-01-01T07:00:00Z");
	wakes(1320, 420, 0, "2026-01-01T06:59:59Z", "2026-01-01T07:00:00Z");
	wakes(1320, 420, 0, "2026-01-01T07:00:00Z", "2026-01-01T07:00:00Z");
	wakes(1320, 420, 0, "2026-01-01T21:59:59Z", "2026-01-01T21:59:59Z");
	/*
	 * In the time zone of the user: 330 minutes east and 480 minutes west.
	 */
	wakes(1320, 420, 330, "2026-01-01T16:30:00Z", "2026-01-02T01:30:00Z");
	wakes(1320, 420, 330, "2026-01-01T16:29:59Z", "2026-01-01T16:29:59Z");
	wakes(1320, 420, -480, "2026-01-01T06:00:00Z", "2026-01-01T15:00:00Z");
	wakes(1320, 420, -480, "2026-01-01T15:00:00Z", "2026-01-01T15:00:00Z");
	/* Until midnight. */
	wakes(1380, 0, 0, "2026-01-01T23:30:00Z", "2026-01-02T00:00:00Z");
}

/* Quiet from 22:00 to 07:00 in New York, also when the clock is changed. */
static void
zones(void **state)
{
	struct preference p = { .quiet_start = 1320, .quiet_end = 420,
		.utc_offset = 330 };

	(void)state;
	preference_time_zone(&p, "America/New_York");
	assert_int_equal(preference_awake(&p, at("2026-01-02T02:59:59Z")),
	    at("2026-01-02T02:59:59Z"));
	assert_int_equal(preference_awake(&p, at("2026-01-02T03:00:00Z")),
	    at("2026-01-02T12:00:00Z"));
	assert_int_equal(preference_awake(&p, at("2026-07-02T02:00:00Z")),
	    at("2026-07-02T11:00:00Z"));
	assert_int_equal(preference_awake(&p, at("2026-03-08T04:00:00Z")),
	    at("2026-03-08T11:00:00Z"));
	assert_int_equal(preference_awake(&p, at("2026-11-01T03:00:00Z")),
	    at("2026-11-01T12:00:00Z"));
	/* A zone that the database does not have. */
	preference_time_zone(&p, "Mars/Phobos");
	assert_int_equal(preference_offset(&p, 0), 330 * MINUTE);
}

static void
allows(void **state)
{
	struct preference p = { .quiet_start = INT64_MIN };

	(void)state;
	assert_int_equal(preference_allows(&p, NOTICE_NEWS, 017), 017);
	p.off = preference_bit(NOTICE_NEWS, CHANNEL_SMS) |
	    preference_bit(NOTICE_CALLS, CHANNEL_PUSH);
	assert_int_equal(preference_allows(&p, NOTICE_NEWS, 017),
	    CHANNEL_IN_APP | CHANNEL_PUSH | CHANNEL_EMAIL);
	assert_int_equal(preference_allows(&p, NOTICE_CALLS, CHANNEL_PUSH), 0);
	assert_int_equal(preference_allows(&p, NOTICE_MESSAGES, CHANNEL_SMS),
	    CHANNEL_SMS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quiet), cmocka_unit_test(zones),
		cmocka_unit_test(allows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
