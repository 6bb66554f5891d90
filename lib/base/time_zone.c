#include "base/time_zone.h"

#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/str.h"

#define FOLDER		"/usr/share/zoneinfo"
#define FILE_MAX	(64 * 1024)
#define HEADER		44
#define OFFSET_MAX	TIME_ZONE_OFFSET_MAX
#define TIME_LIMIT	(INT64_C(1) << 50)	/* s */

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

/* Narrows a period around `at` by the transition to an offset at a time. */
static void
narrow_period(struct time_zone_period *p, int64_t at, int64_t when,
    int64_t offset)
{
	if (when > at && when < p->until)
		p->until = when;
	if (when <= at && when >= p->since) {
		p->since = when;
		p->offset = offset;
	}
}

/*
 * Narrows a period after the last transition of the file by a rule such as
 * "EST5EDT,M3.2.0,M11.1.0".
 */
static bool
read_footer(const char *p, int64_t at, struct time_zone_period *period)
{
	int64_t standard, summer;
	struct rule from, to;
	time_t seconds = (time_t)(at / SECOND);
	struct tm tm;
	int year;

	p = skip_name(p);
	if (p != NULL)
		p = read_time(p, &standard);
	if (p == NULL)
		return false;
	if (*p == '\0') {
		period->offset = -standard;
		return true;
	}
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
	/* The end comes first, so that equal times mean daylight time. */
	for (year = tm.tm_year + 1899; year <= tm.tm_year + 1901; year++) {
		narrow_period(period, at, rule_at(&to, year) + summer,
		    -standard);
		narrow_period(period, at, rule_at(&from, year) + standard,
		    -summer);
	}
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

/*
 * Returns the time of transition i (ms). The largest files begin with the "Big
 * Bang", -2^59 s, which ms cannot express.
 */
static int64_t
read_transition(const uint8_t *times, size_t i)
{
	int64_t seconds = big_endian(times + 8 * i, 8);

	if (seconds < -TIME_LIMIT)
		return -TIME_LIMIT * SECOND;
	return seconds > TIME_LIMIT ? TIME_LIMIT * SECOND : seconds * SECOND;
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
time_zone_read_period(const void *file, size_t n, int64_t at,
    struct time_zone_period *period)
{
	const uint8_t *p = file, *end = p + n, *types;
	size_t i, type = 0;
	struct counts c;
	char rule[128];

	*period = (struct time_zone_period){ 0, INT64_MIN, INT64_MAX };
	/* The block of version 2 follows that of version 1. */
	if (!read_counts(p, n, &c) || p[4] < '2' ||
	    block_size(&c, 4) > n - HEADER)
		return false;
	p += HEADER + block_size(&c, 4);
	if (!read_counts(p, (size_t)(end - p), &c) ||
	    block_size(&c, 8) > (size_t)(end - p) - HEADER)
		return false;
	p += HEADER;
	for (i = 0; i < c.time && read_transition(p, i) <= at; i++) {
		period->since = read_transition(p, i);
		type = p[8 * c.time + i];
	}
	if (i < c.time)
		period->until = read_transition(p, i);
	types = p + 9 * c.time;
	if (type >= c.type)
		return false;
	period->offset = big_endian(types + 6 * type, 4) * SECOND;
	if (i == c.time && copy_footer(p + block_size(&c, 8),
	    (size_t)(end - p) - block_size(&c, 8), rule) &&
	    !read_footer(rule, at, period))
		return false;
	return is_offset(period->offset);
}

bool
time_zone_read(const void *file, size_t n, int64_t at, int64_t *offset)
{
	struct time_zone_period period;
	bool ok = time_zone_read_period(file, n, at, &period);

	*offset = period.offset;
	return ok;
}

/* ---- the database */

/* Returns whether a name has the form of a zone. It cannot leave the folder. */
static bool
is_name(const char *name)
{
	size_t n = strnlen(name, TIME_ZONE_MAX + 1);

	return n > 0 && n <= TIME_ZONE_MAX && name[0] >= 'A' &&
	    name[0] <= 'Z' && strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789_+-/") == n;
}

/* Reads the file of a zone. Returns its size, or 0 on failure. */
static size_t
read_file(const char *name, uint8_t *file, size_t max)
{
	char path[sizeof(FOLDER) + TIME_ZONE_MAX + 2];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), FOLDER "/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return 0;
	n = read(fd, file, max);
	close(fd);
	return n > 0 ? (size_t)n : 0;
}

bool
time_zone_offset(const char *name, int64_t at, int64_t *offset)
{
	uint8_t file[FILE_MAX];
	size_t n = is_name(name) ? read_file(name, file, sizeof(file)) : 0;

	return n > 0 && time_zone_read(file, n, at, offset);
}

/* ---- the cache of time_zone_period() */

#define SLOTS		32
#define SLOT_FILE	4096	/* no zone of the database is larger */
#define SLOT_PERIODS	4
#define SLOT_TTL	(60 * SECOND)

static struct slot {
	char name[TIME_ZONE_MAX + 1];
	int64_t read_at;		/* monotonic, ms */
	size_t n;			/* bytes of the file; 0: no such zone */
	unsigned periods;		/* number of the periods ever stored */
	struct time_zone_period v[SLOT_PERIODS];
	uint8_t file[SLOT_FILE];
} slots[SLOTS];

/* Returns the slot of a zone with a recent copy of its file. */
static struct slot *
slot_get(const char *name)
{
	size_t length = strlen(name);
	struct slot *s = &slots[hash_fast(HASH_FAST_SEED, name, length) %
	    SLOTS];
	int64_t now = clock_mono() / 1000;

	if (str_eq(s->name, name) && now - s->read_at < SLOT_TTL)
		return s;
	memcpy(s->name, name, length + 1);
	s->read_at = now;
	s->periods = 0;
	s->n = read_file(name, s->file, sizeof(s->file));
	return s;
}

bool
time_zone_period(const char *name, int64_t at, struct time_zone_period *period)
{
	unsigned i, n;
	struct slot *s;

	if (!is_name(name))
		return false;
	s = slot_get(name);
	n = s->periods < SLOT_PERIODS ? s->periods : SLOT_PERIODS;
	for (i = 0; i < n; i++)
		if (s->v[i].since <= at && at < s->v[i].until) {
			*period = s->v[i];
			return true;
		}
	if (s->n == 0 || !time_zone_read_period(s->file, s->n, at, period))
		return false;
	s->v[s->periods++ % SLOT_PERIODS] = *period;
	return true;
}

int64_t
time_zone_instant(const char *name, int64_t local)
{
	struct time_zone_period p, next;

	if (!time_zone_period(name, local - OFFSET_MAX, &p))
		return INT64_MIN;
	while (local - p.offset >= p.until) {
		if (!time_zone_period(name, p.until, &next))
			return INT64_MIN;
		if (local - next.offset < next.since)
			break;		/* the clock skips this time */
		p = next;
	}
	return local - p.offset;
}
