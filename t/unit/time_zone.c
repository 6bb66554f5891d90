/* time_zone: offsets from the time zone database. */
#include "unit.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/random.h"
#include "base/time_zone.h"

static int64_t
at(const char *text)
{
	int64_t t;

	assert_true(clock_parse(text, &t));
	return t;
}

static void
is(const char *zone, const char *when, int64_t minutes)
{
	int64_t offset;

	assert_true(time_zone_offset(zone, at(when), &offset));
	assert_int_equal(offset, minutes * MINUTE);
}

static void
offsets(void **state)
{
	(void)state;
	is("UTC", "2026-01-02T03:04:05Z", 0);
	is("Asia/Kolkata", "2026-01-02T03:04:05Z", 330);
	is("Asia/Kathmandu", "2026-01-02T03:04:05Z", 345);
	is("America/New_York", "2026-03-08T06:59:59Z", -300);
	is("America/New_York", "2026-03-08T07:00:00Z", -240);
	is("America/New_York", "2026-11-01T05:59:59Z", -240);
	is("America/New_York", "2026-11-01T06:00:00Z", -300);
	is("Europe/Berlin", "2026-07-01T00:00:00Z", 120);
	/* After the transitions of the file: the rule in the footer. */
	is("America/New_York", "2060-03-14T06:59:59Z", -300);
	is("America/New_York", "2060-03-14T07:00:00Z", -240);
	is("Australia/Sydney", "2060-01-01T00:00:00Z", 660);
	is("Australia/Sydney", "2060-06-01T00:00:00Z", 600);
	is("Asia/Kolkata", "2060-06-01T00:00:00Z", 330);
	/* Saturday before the last Sunday, at 24 hours. */
	is("America/Nuuk", "2060-07-01T00:00:00Z", -60);
}

static void
unknown(void **state)
{
	static const char *const names[] = { "", "Mars/Phobos", "../etc/passwd",
	    "/etc/localtime", "Asia", "Asia/", "Europe/../UTC", "utc\n", "UTC ",
	    "Asia/Kolkata/x", "tzdata.zi" };
	char large[100];
	int64_t offset;
	size_t i;

	(void)state;
	for (i = 0; i < NELEM(names); i++)
		assert_false(time_zone_offset(names[i], 0, &offset));
	for (i = 0; i < NELEM(names); i++)
		assert_true(time_zone_instant(names[i], 0) == INT64_MIN);
	memset(large, 'A', sizeof(large));
	large[sizeof(large) - 1] = '\0';
	assert_false(time_zone_offset(large, 0, &offset));
}

/* Compares with the C library at 20,000 times. */
static void
as_libc(void **state)
{
	static const char *const zones[] = { "America/New_York",
	    "Europe/London", "Asia/Tehran", "America/Sao_Paulo",
	    "Pacific/Auckland", "Africa/Casablanca", "Australia/Lord_Howe",
	    "America/Nuuk", "Asia/Gaza", "Europe/Dublin" };
	int64_t offset;
	struct tm tm;
	time_t when;
	size_t i;
	int n;

	(void)state;
	for (i = 0; i < NELEM(zones); i++) {
		setenv("TZ", zones[i], 1);
		tzset();
		for (n = 0; n < 2000; n++) {
			when = (time_t)random_below(4000000000u);
			assert_non_null(localtime_r(&when, &tm));
			assert_true(time_zone_offset(zones[i], when * SECOND,
			    &offset));
			if (offset != tm.tm_gmtoff * SECOND)
				fail_msg("%s at %lld", zones[i],
				    (long long)when);
		}
	}
	unsetenv("TZ");
}

/* The offset is equal within a period, and changes at its ends. */
static void
periods(void **state)
{
	static const char *const zones[] = { "America/New_York",
	    "Africa/Casablanca", "Australia/Lord_Howe", "Asia/Kolkata",
	    "Pacific/Apia", "Europe/Dublin" };
	struct time_zone_period p, next;
	int64_t when, offset;
	size_t i;

	(void)state;
	assert_true(time_zone_period("Europe/Berlin", at("2027-05-01"), &p));
	assert_int_equal(p.offset, 2 * HOUR);
	assert_int_equal(p.since, at("2027-03-28T01:00:00Z"));
	assert_int_equal(p.until, at("2027-10-31T01:00:00Z"));
	assert_true(time_zone_period("UTC", 0, &p));
	assert_true(p.since == INT64_MIN && p.until == INT64_MAX);
	for (i = 0; i < NELEM(zones); i++)
		for (when = at("2009-01-01"); when < at("2045-01-01");
		    when = p.until) {
			assert_true(time_zone_period(zones[i], when, &p));
			assert_true(p.since <= when && when < p.until);
			assert_true(time_zone_offset(zones[i], when,
			    &offset) && offset == p.offset);
			if (p.until == INT64_MAX)
				break;
			assert_true(time_zone_offset(zones[i], p.until - 1,
			    &offset) && offset == p.offset);
			assert_true(time_zone_period(zones[i], p.until,
			    &next) && next.since == p.until);
		}
}

/* Local times that occur once, never, or twice. */
static void
instants(void **state)
{
	(void)state;
	assert_int_equal(time_zone_instant("Asia/Kolkata",
	    at("2027-01-01T05:30:00Z")), at("2027-01-01T00:00:00Z"));
	assert_int_equal(time_zone_instant("Europe/Berlin",
	    at("2027-03-28T01:59:59Z")), at("2027-03-28T00:59:59Z"));
	assert_int_equal(time_zone_instant("Europe/Berlin",
	    at("2027-03-28T02:30:00Z")), at("2027-03-28T01:30:00Z"));
	assert_int_equal(time_zone_instant("Europe/Berlin",
	    at("2027-03-28T03:00:00Z")), at("2027-03-28T01:00:00Z"));
	assert_int_equal(time_zone_instant("Europe/Berlin",
	    at("2027-10-31T02:30:00Z")), at("2027-10-31T00:30:00Z"));
	assert_int_equal(time_zone_instant("Europe/Berlin",
	    at("2027-10-31T03:00:00Z")), at("2027-10-31T02:00:00Z"));
	/* A day that a zone skipped. */
	assert_int_equal(time_zone_instant("Pacific/Apia",
	    at("2011-12-30T09:00:00Z")), at("2011-12-30T19:00:00Z"));
	assert_int_equal(time_zone_instant("Pacific/Apia",
	    at("2011-12-31T09:00:00Z")), at("2011-12-30T19:00:00Z"));
}

/* No file of random changes is read beyond its end (address sanitizer). */
static void
damaged(void **state)
{
	uint8_t file[8192], *copy;
	FILE *f = fopen("/usr/share/zoneinfo/Europe/Berlin", "re");
	int64_t offset;
	size_t n, size, k;
	int i;

	(void)state;
	assert_non_null(f);
	n = fread(file, 1, sizeof(file), f);
	fclose(f);
	for (i = 0; i < 20000; i++) {
		size = random_below((uint32_t)n) + 1;
		copy = malloc(size);
		assert_non_null(copy);
		memcpy(copy, file, size);
		for (k = random_below(4); k > 0; k--)
			copy[random_below((uint32_t)(size < 200 ? size :
			    200))] = (uint8_t)random_below(256);
		if (time_zone_read(copy, size, (int64_t)random_below(
		    UINT32_MAX) * SECOND, &offset))
			assert_true(offset > -26 * HOUR && offset < 26 * HOUR);
		free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offsets), cmocka_unit_test(unknown),
		cmocka_unit_test(as_libc), cmocka_unit_test(periods),
		cmocka_unit_test(instants), cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
