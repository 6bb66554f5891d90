#include "base/opening_hours.h"

#include "base/clock.h"
#include "base/str.h"
#include "base/time_zone.h"

#define DAY_MINUTES	(24 * 60)
/*
 * Openings are computed for a few days at a time. Windows of the first days are
 * only needed because they may reach into the others. Those of the last day may
 * begin before others if a zone skips a day.
 */
#define CHUNK_DAYS	6
#define CHUNK_BEFORE	2
#define CHUNK_AFTER	1

/* ---- texts */

/* Parses two digits. Returns -1 if they are not digits. */
static int
two_digits(const char *p)
{
	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return -1;
	return (p[0] - '0') * 10 + p[1] - '0';
}

/* Parses "09:00". Returns the text after it, or NULL. */
static const char *
read_time(const char *p, bool end, int *minutes)
{
	int hour = two_digits(p), minute;

	if (hour < 0 || p[2] != ':' || (minute = two_digits(p + 3)) < 0 ||
	    minute > 59 || hour > 24 || (hour == 24 && (minute > 0 || !end)))
		return NULL;
	*minutes = hour * 60 + minute;
	return p + 5;
}

int
opening_hours_time(const char *text, bool end)
{
	int minutes;

	text = read_time(text, end, &minutes);
	return text == NULL || *text != '\0' ? -1 : minutes;
}

void
opening_hours_time_text(int minutes, char out[6])
{
	out[0] = (char)('0' + minutes / 600 % 10);
	out[1] = (char)('0' + minutes / 60 % 10);
	out[2] = ':';
	out[3] = (char)('0' + minutes % 60 / 10);
	out[4] = (char)('0' + minutes % 10);
	out[5] = '\0';
}

bool
opening_hours_window(int from, int to, struct opening_window *w)
{
	*w = (struct opening_window){ from, to > from ? to :
	    to + DAY_MINUTES };
	return from != to;
}

/* Parses "09:00-17:00" and adds it. Returns the text after it, or NULL. */
static const char *
read_window(const char *p, struct opening_day *day)
{
	int from, to;

	if (day->n == OPENING_WINDOWS ||
	    (p = read_time(p, false, &from)) == NULL || *p != '-' ||
	    (p = read_time(p + 1, true, &to)) == NULL ||
	    !opening_hours_window(from, to, &day->v[day->n]))
		return NULL;
	day->n++;
	return p;
}

/* Parses a date to days since 1970-01-01. Returns the text after it, or NULL. */
static const char *
read_date(const char *p, int *day)
{
	char text[11];
	int64_t ms;

	if (strnlen(p, 10) < 10)
		return NULL;
	memcpy(text, p, 10);
	text[10] = '\0';
	if (!clock_parse(text, &ms))
		return NULL;
	*day = (int)(ms / DAY);
	return p + 10;
}

static bool
read_weekly(const char *p, struct opening_hours *h)
{
	for (int i = 0; i < 7; i++)
		h->weekly[i].n = 0;
	while (*p != '\0') {
		if (*p < '1' || *p > '7' || p[1] != ' ')
			return false;
		p = read_window(p + 2, &h->weekly[*p - '1']);
		if (p == NULL || *p++ != '\n')
			return false;
	}
	return true;
}

static bool
read_exceptions(const char *p, struct opening_hours *h)
{
	struct opening_exception *x;

	for (h->n = 0; *p != '\0'; h->n++) {
		if (h->n == OPENING_EXCEPTIONS)
			return false;
		x = &h->v[h->n];
		x->day.n = 0;
		p = read_date(p, &x->first);
		if (p == NULL || *p != ' ')
			return false;
		p = read_date(p + 1, &x->last);
		while (p != NULL && *p == ' ')
			p = read_window(p + 1, &x->day);
		if (p == NULL || *p++ != '\n' || x->last < x->first)
			return false;
	}
	return true;
}

bool
opening_hours_parse(const char *weekly, const char *exceptions,
    struct opening_hours *h)
{
	return read_weekly(weekly, h) && read_exceptions(exceptions, h);
}

/* Writes "09:00-17:00". Returns the end. */
static char *
write_window(char *p, const struct opening_window *w)
{
	opening_hours_time_text(w->from, p);
	p[5] = '-';
	opening_hours_time_text(w->to > DAY_MINUTES ? w->to - DAY_MINUTES :
	    w->to, p + 6);
	return p + 11;
}

void
opening_hours_weekly_text(const struct opening_hours *h,
    char out[OPENING_WEEKLY_TEXT])
{
	char *p = out;

	for (int day = 0; day < 7; day++)
		for (int i = 0; i < h->weekly[day].n; i++) {
			*p++ = (char)('1' + day);
			*p++ = ' ';
			p = write_window(p, &h->weekly[day].v[i]);
			*p++ = '\n';
		}
	*p = '\0';
}

static char *
write_date(char *p, int day)
{
	char text[CLOCK_TEXT];

	clock_text(day * DAY, text);
	return mempcpy(p, text, 10);
}

void
opening_hours_exceptions_text(const struct opening_hours *h,
    char out[OPENING_EXCEPTIONS_TEXT])
{
	char *p = out;

	for (const struct opening_exception *x = h->v; x < h->v + h->n; x++) {
		p = write_date(p, x->first);
		*p++ = ' ';
		p = write_date(p, x->last);
		for (int i = 0; i < x->day.n; i++) {
			*p++ = ' ';
			p = write_window(p, &x->day.v[i]);
		}
		*p++ = '\n';
	}
	*p = '\0';
}

/* ---- overlaps */

/* Returns whether a window and one that begins `days` later overlap. */
static bool
overlap(const struct opening_window *a, const struct opening_window *b,
    int days)
{
	return a->from < b->to + days * DAY_MINUTES &&
	    b->from + days * DAY_MINUTES < a->to;
}

/* Returns whether two days overlap. b is `days` after a. */
static bool
days_overlap(const struct opening_day *a, const struct opening_day *b,
    int days)
{
	for (int i = 0; i < a->n; i++)
		for (int k = days > 0 ? 0 : i + 1; k < b->n; k++)
			if (overlap(&a->v[i], &b->v[k], days))
				return true;
	return false;
}

bool
opening_hours_weekly_overlap(const struct opening_hours *h)
{
	for (int day = 0; day < 7; day++)
		if (days_overlap(&h->weekly[day], &h->weekly[day], 0) ||
		    days_overlap(&h->weekly[day], &h->weekly[(day + 1) % 7],
		    1))
			return true;
	return false;
}

bool
opening_hours_day_overlap(const struct opening_day *day, bool repeats)
{
	return days_overlap(day, day, 0) ||
	    (repeats && days_overlap(day, day, 1));
}

/* ---- openings */

/* The clocks of a zone. `period` is the one around the last time. */
struct zone {
	const char *name;
	struct time_zone_period period;
};

/* Returns time_zone_instant(), without a lookup far from changes. */
static int64_t
instant(struct zone *z, int64_t local)
{
	int64_t at = local - z->period.offset;

	if (at - 2 * TIME_ZONE_OFFSET_MAX >= z->period.since &&
	    at + 2 * TIME_ZONE_OFFSET_MAX < z->period.until)
		return at;
	at = time_zone_instant(z->name, local);
	/* The next times are probably in the same period. */
	if (at != INT64_MIN && (at < z->period.since || at >= z->period.until))
		(void)time_zone_period(z->name, at, &z->period);
	return at;
}

/* Returns the local day of a time, as days since 1970-01-01. */
static int
local_day(const struct zone *z, int64_t at)
{
	int64_t local = at + z->period.offset;

	return (int)((local - (local % DAY + DAY) % DAY) / DAY);
}

/* Returns the windows that begin on a day. */
static const struct opening_day *
find_day(const struct opening_hours *h, int day)
{
	for (int i = 0; i < h->n; i++)
		if (h->v[i].first <= day && day <= h->v[i].last)
			return &h->v[i].day;
	/* 1970-01-01 was a Thursday. */
	return &h->weekly[((day + 3) % 7 + 7) % 7];
}

/* A window as times (ms), and the day on which it begins. */
struct span {
	int64_t from, to;
	int day;
};

struct spans {
	int n;
	struct span v[CHUNK_DAYS * OPENING_WINDOWS];
};

/* Lists the windows of several days in the order of their times. */
static void
list_spans(const struct opening_hours *h, struct zone *z, int first,
    struct spans *list)
{
	const struct opening_day *windows;
	struct span s;
	int i, k;

	list->n = 0;
	for (s.day = first; s.day < first + CHUNK_DAYS; s.day++) {
		windows = find_day(h, s.day);
		for (i = 0; i < windows->n; i++) {
			s.from = instant(z, s.day * DAY + windows->v[i].from *
			    MINUTE);
			s.to = instant(z, s.day * DAY + windows->v[i].to *
			    MINUTE);
			if (s.from >= s.to)
				continue;
			for (k = list->n++; k > 0 &&
			    list->v[k - 1].from > s.from; k--)
				list->v[k] = list->v[k - 1];
			list->v[k] = s;
		}
	}
}

bool
opening_hours_include(const struct opening_hours *h, const char *name,
    int64_t at)
{
	struct zone z = { .name = name };
	struct spans list;

	if (!time_zone_period(name, at, &z.period))
		return false;
	list_spans(h, &z, local_day(&z, at) - CHUNK_BEFORE - 1, &list);
	for (int i = 0; i < list.n; i++)
		if (list.v[i].from <= at && at < list.v[i].to)
			return true;
	return false;
}

/*
 * Returns the first opening of a list, as opening_hours_next() does. Ignores
 * openings that begin before the day `first`. If none begins until the day
 * `last`, returns INT64_MIN.
 */
static int64_t
first_opening(const struct spans *list, int first, int last, int64_t now,
    int64_t not_before)
{
	int64_t end = INT64_MIN, found = INT64_MIN;

	for (int i = 0; i < list->n; i++) {
		const struct span *s = &list->v[i];

		if (not_before > now && s->from <= not_before &&
		    not_before < s->to)
			return not_before;
		if (s->day >= first && s->from > end && s->from > now &&
		    s->from >= not_before) {
			if (found == INT64_MIN)
				found = s->from;
			if (s->day <= last)
				return found;
		}
		if (s->to > end)
			end = s->to;
	}
	return INT64_MIN;
}

int64_t
opening_hours_next(const struct opening_hours *h, const char *name,
    int64_t now, int64_t not_before)
{
	struct zone z = { .name = name };
	int64_t at = INT64_MIN;
	struct spans list;
	int day, last, i;

	if (!time_zone_period(name, now, &z.period))
		return INT64_MIN;
	/* Each week is the same after the last exception. */
	day = local_day(&z, now) - CHUNK_BEFORE - 1;
	last = day;
	for (i = 0; i < h->n; i++)
		if (h->v[i].last > last)
			last = h->v[i].last;
	last += CHUNK_DAYS + 8;
	if (last > day + OPENING_HORIZON)
		last = day + OPENING_HORIZON;
	for (; day <= last && at == INT64_MIN; day += CHUNK_DAYS -
	    CHUNK_BEFORE - CHUNK_AFTER) {
		list_spans(h, &z, day, &list);
		at = first_opening(&list, day + CHUNK_BEFORE, day +
		    CHUNK_DAYS - CHUNK_AFTER - 1, now, not_before);
	}
	return at;
}
