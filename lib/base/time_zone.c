#include "base/time_zone.h"

#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"

#define FOLDER		"/usr/share/zoneinfo"
#define FILE_MAX	(64 * 1024)
#define HEADER		44
#define OFFSET_MAX	(26 * HOUR)

/* ---- the rule in the footer (POSIX TZ, with the extensions of RFC 8536) */

/* A day of the year, and a time of that day (ms). */
struct rule {
	enum { RULE_MONTH, RULE_JULIAN, RULE_DAY } kind;
	int month, week, day;
	int64_t time;
};

/* Parses a number of at most `max`. Returns the text after it, or NULL. */
static const char *
read_number(const char *p, int max, int *n)
{
	if (*p < '0' || *p > '9')
		return NULL;
	for (*n = 0; *p >= '0' && *p <= '9'; p++) {
		*n = *n * 10 + *p - '0';
		if (*n > max)
			return NULL;
	}
	return p;
}

/* Parses "[+-]hh[:mm[:ss]]" to ms. Returns the text after it, or NULL. */
static const char *
read_time(const char *p, int64_t *ms)
{
	static const int64_t units[] = { HOUR, MINUTE, SECOND };
	int sign = *p == '-' ? -1 : 1, n, i;

	*ms = 0;
	if (*p == '-' || *p == '+')
		p++;
	for (i = 0; i < 3; i++) {
		p = read_number(p, i == 0 ? 167 : 59, &n);
		if (p == NULL)
			return NULL;
		*ms += sign * n * units[i];
		if (*p != ':')
			break;
		p++;
	}
	return p;
}

/* Skips the name of a zone, "EST" or "<+0330>". */
static const char *
skip_name(const char *p)
{
	const char *end;

	if (*p == '<') {
		end = strchr(p, '>');
		return end == NULL ? NULL : end + 1;
	}
	end = p;
	while ((*end >= 'A' && *end <= 'Z') || (*end >= 'a' && *end <= 'z'))
		end++;
	return end == p ? NULL : end;
}

/* Parses "Mm.w.d", "Jn" or "n", and "/time". */
static const char *
read_rule(const char *p, struct rule *r)
{
	*r = (struct rule){ .time = 2 * HOUR };
	if (*p == 'M') {
		p = read_number(p + 1, 12, &r->month);
		if (p == NULL || *p != '.' || r->month == 0)
			return NULL;
		p = read_number(p + 1, 5, &r->week);
		if (p == NULL || *p != '.' || r->week == 0)
			return NULL;
		p = read_number(p + 1, 6, &r->day);
	} else {
		r->kind = *p == 'J' ? RULE_JULIAN : RULE_DAY;
		p = read_number(p + (*p == 'J'), 365, &r->day);
	}
	if (p != NULL && *p == '/')
		p = read_time(p + 1, &r->time);
	return p;
}

static bool
is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Returns the time of a rule in a year, in local time (ms). */
static int64_t
rule_at(const struct rule *r, int year)
{
	struct tm tm = { .tm_year = year - 1900, .tm_mday = 1 };
	int days[] = { 31, 28 + is_leap(year), 31, 30, 31, 30, 31, 31, 30, 31,
	    30, 31 };
	int day;

	if (r->kind != RULE_MONTH) {
		day = r->kind == RULE_DAY ? r->day : r->day - 1 +
		    (is_leap(year) && r->day > 59);
		return timegm(&tm) * SECOND + day * DAY + r->time;
	}
	tm.tm_mon = r->month - 1;
	timegm(&tm);		/* sets the day of the week */
	day = (r->day - tm.tm_wday + 7) % 7 + (r->week - 1) * 7;
	while (day >= days[r->month - 1])
		day -= 7;
	return timegm(&tm) * SECOND + day * DAY + r->time;
}

/* Sets the offset of a rule such as "EST5EDT,M3.2.0,M11.1.0". */
static bool
read_footer(const char *p, int64_t at, int64_t *offset)
{
	int64_t standard, summer, begin, end;
	struct rule from, to;
	time_t seconds = (time_t)(at / SECOND);
	struct tm tm;
	bool in;

	p = skip_name(p);
	if (p != NULL)
		p = read_time(p, &standard);
	if (p == NULL)
		return false;
	*offset = -standard;
	if (*p == '\0')
		return true;
	summer = standard - HOUR;
	p = skip_name(p);
	if (p != NULL && *p != ',')
		p = read_time(p, &summer);
	if (p == NULL || *p != ',' || (p = read_rule(p + 1, &from)) == NULL ||
	    *p != ',' || (p = read_rule(p + 1, &to)) == NULL || *p != '\0')
		return false;
	seconds -= standard / SECOND;
	if (gmtime_r(&seconds, &tm) == NULL)
		return false;
	begin = rule_at(&from, tm.tm_year + 1900) + standard;
	end = rule_at(&to, tm.tm_year + 1900) + summer;
	in = begin < end ? at >= begin && at < end : at >= begin || at < end;
	*offset = -(in ? summer : standard);
	return true;
}

/* ---- the file */

static int64_t
big_endian(const uint8_t *p, size_t n)
{
	uint64_t v = n == 8 || p[0] < 0x80 ? 0 : UINT64_MAX;
	size_t i;

	for (i = 0; i < n; i++)
		v = v << 8 | p[i];
	return (int64_t)v;
}

/* The counts of a header, in the order of the file. */
struct counts {
	size_t isut, isstd, leap, time, type, chars;
};

static bool
read_counts(const uint8_t *p, size_t n, struct counts *c)
{
	size_t *v[] = { &c->isut, &c->isstd, &c->leap, &c->time, &c->type,
	    &c->chars };
	int64_t value;
	size_t i;

	if (n < HEADER || memcmp(p, "TZif", 4) != 0)
		return false;
	for (i = 0; i < NELEM(v); i++) {
		value = big_endian(p + 20 + 4 * i, 4);
		if (value < 0 || value > FILE_MAX)
			return false;
		*v[i] = (size_t)value;
	}
	return c->type > 0;
}

/* Returns the number of bytes of a block whose times have `width` bytes. */
static size_t
block_size(const struct counts *c, size_t width)
{
	return c->time * (width + 1) + c->type * 6 + c->chars +
	    c->leap * (width + 4) + c->isstd + c->isut;
}

/* Copies the footer, "\nRULE\n". Returns false if there is none. */
static bool
copy_footer(const uint8_t *p, size_t n, char out[128])
{
	const uint8_t *end;

	if (n < 2 || p[0] != '\n')
		return false;
	end = memchr(p + 1, '\n', n - 1);
	if (end == NULL || end == p + 1 || end - p > 127)
		return false;
	memcpy(out, p + 1, (size_t)(end - p - 1));
	out[end - p - 1] = '\0';
	return true;
}

static bool
is_offset(int64_t offset)
{
	return offset > -OFFSET_MAX && offset < OFFSET_MAX;
}

bool
time_zone_read(const void *file, size_t n, int64_t at, int64_t *offset)
{
	const uint8_t *p = file, *end = p + n, *types;
	size_t i, type = 0;
	struct counts c;
	char rule[128];

	/* The block of version 2 follows that of version 1. */
	if (!read_counts(p, n, &c) || p[4] < '2' ||
	    block_size(&c, 4) > n - HEADER)
		return false;
	p += HEADER + block_size(&c, 4);
	if (!read_counts(p, (size_t)(end - p), &c) ||
	    block_size(&c, 8) > (size_t)(end - p) - HEADER)
		return false;
	p += HEADER;
	for (i = 0; i < c.time && big_endian(p + 8 * i, 8) <= at / SECOND; i++)
		type = p[8 * c.time + i];
	if (i == c.time && copy_footer(p + block_size(&c, 8),
	    (size_t)(end - p) - block_size(&c, 8), rule))
		return read_footer(rule, at, offset) && is_offset(*offset);
	types = p + 9 * c.time;
	if (type >= c.type)
		return false;
	*offset = big_endian(types + 6 * type, 4) * SECOND;
	return is_offset(*offset);
}

/* Returns whether a name has the form of a zone. It cannot leave the folder. */
static bool
is_name(const char *name)
{
	size_t n = strnlen(name, TIME_ZONE_MAX + 1);

	return n > 0 && n <= TIME_ZONE_MAX && name[0] >= 'A' &&
	    name[0] <= 'Z' && strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789_+-/") == n;
}

bool
time_zone_offset(const char *name, int64_t at, int64_t *offset)
{
	char path[sizeof(FOLDER) + TIME_ZONE_MAX + 2];
	uint8_t file[FILE_MAX];
	ssize_t n;
	int fd;

	if (!is_name(name))
		return false;
	snprintf(path, sizeof(path), FOLDER "/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return false;
	n = read(fd, file, sizeof(file));
	close(fd);
	return n > 0 && time_zone_read(file, (size_t)n, at, offset);
}
