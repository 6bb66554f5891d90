#include "base/clock.h"
#include "base/decimal.h"
#include "base/str.h"

#define LAST	INT64_C(253402300799999)	/* end of the year 9999 */

int64_t
clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec / 1000000;
}

int64_t
clock_mono(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/*
 * Converts between a date and days since 1970-01-01. An era of 400 years has
 * 146,097 days. A year that begins in March ends with its leap day.
 */
static int64_t
days_from_civil(int64_t y, int64_t m, int64_t d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

/*
 * Uses 32-bit arithmetic, which is faster. Some responses contain many times.
 */
static void
civil_from_days(int64_t days, unsigned *y, unsigned *m, unsigned *d)
{
	uint32_t z = (uint32_t)(days + 719468), era = z / 146097;
	uint32_t doe = z - era * 146097;
	uint32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	uint32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	uint32_t mp = (5 * doy + 2) / 153;

	*d = doy - (153 * mp + 2) / 5 + 1;
	*m = mp < 10 ? mp + 3 : mp - 9;
	*y = yoe + era * 400 + (*m <= 2);
}

void
clock_text(int64_t ms, char out[CLOCK_TEXT])
{
	int64_t s = (ms < 0 ? ms - 999 : ms) / SECOND, days;
	unsigned y, m, d, in;

	days = (s < 0 ? s - 86399 : s) / 86400;
	in = (unsigned)(s - days * 86400);
	civil_from_days(days, &y, &m, &d);
	memcpy(out, "0000-00-00T00:00:00Z", CLOCK_TEXT);
	decimal_pair(out, y / 100 % 100);
	decimal_pair(out + 2, y % 100);
	decimal_pair(out + 5, m);
	decimal_pair(out + 8, d);
	decimal_pair(out + 11, in / 3600);
	decimal_pair(out + 14, in / 60 % 60);
	decimal_pair(out + 17, in % 60);
}

/* Reads n digits at *s and advances *s. Returns -1 if they are not digits. */
static int
parse_digits(const char **s, int n)
{
	int v = 0;

	for (; n > 0; n--, (*s)++) {
		if (**s < '0' || **s > '9')
			return -1;
		v = v * 10 + (**s - '0');
	}
	return v;
}

static int
month_days(int y, int m)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };

	if (m == 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0))
		return 29;
	return days[m - 1];
}

static bool
skip_clock(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

/* Parses "Z" or an offset such as "+05:30" into minutes east of UTC. */
static bool
parse_zone(const char **s, int *minutes)
{
	int sign, h, m;

	*minutes = 0;
	if (skip_clock(s, 'Z') || skip_clock(s, 'z'))
		return true;
	sign = **s == '+' ? 1 : **s == '-' ? -1 : 0;
	if (sign == 0)
		return false;
	(*s)++;
	h = parse_digits(s, 2);
	if (h < 0 || h > 23 || !skip_clock(s, ':'))
		return false;
	m = parse_digits(s, 2);
	if (m < 0 || m > 59)
		return false;
	*minutes = sign * (h * 60 + m);
	return true;
}

bool
clock_parse(const char *s, int64_t *ms)
{
	int y, mo, d, h, mi, sec, zone, frac = 0, place = 100;
	int64_t at;

	y = parse_digits(&s, 4);
	if (y < 1970 || !skip_clock(&s, '-'))
		return false;
	mo = parse_digits(&s, 2);
	if (mo < 1 || mo > 12 || !skip_clock(&s, '-'))
		return false;
	d = parse_digits(&s, 2);
	if (d < 1 || d > month_days(y, mo))
		return false;
	if (*s == '\0') {
		*ms = days_from_civil(y, mo, d) * DAY;
		return true;
	}
	if (!skip_clock(&s, 'T') && !skip_clock(&s, 't'))
		return false;
	h = parse_digits(&s, 2);
	if (h < 0 || h > 23 || !skip_clock(&s, ':'))
		return false;
	mi = parse_digits(&s, 2);
	if (mi < 0 || mi > 59 || !skip_clock(&s, ':'))
		return false;
	sec = parse_digits(&s, 2);
	if (sec < 0 || sec > 60)
		return false;
	if (skip_clock(&s, '.')) {
		if (*s < '0' || *s > '9')
			return false;
		for (; *s >= '0' && *s <= '9'; s++, place /= 10)
			frac += (*s - '0') * place;
	}
	if (!parse_zone(&s, &zone) || *s != '\0')
		return false;
	at = days_from_civil(y, mo, d) * DAY + h * HOUR + (mi - zone) * MINUTE +
	    sec * SECOND + frac;
	/* The offset or a leap second may lead out of the supported years. */
	if (at < 0 || at > LAST)
		return false;
	*ms = at;
	return true;
}
